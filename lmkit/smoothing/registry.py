"""The smoothings: each is declared in its own file in `methods`, and all else is derived from what is declared there.

Nothing slow is imported here, nor when a smoothing is declared: every --help asks which there are.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache, update_wrapper
from importlib import import_module
from inspect import Parameter, Signature, signature
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, TypeVar, cast, overload

from lmkit.errors import UsageError
from lmkit.scoring.traits import Traits
from lmkit.smoothing.options import Estimation, Option, flagged

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.ngrams.within import AroundNgrams
    from lmkit.scoring.explaining.explanation import Number, Step
    from lmkit.smoothing.counted_rows import CountedOrder, Rule
    from lmkit.smoothing.steps import Evidence

Form = Literal["interpolated", "backed-off", "scores", "full-histories"]
KEPT_AS_COUNTS: tuple[Form, ...] = ("interpolated", "full-histories")
Counted = Literal["raw", "adjusted"]
Options = TypeVar("Options", bound=Estimation)
Keywords = ParamSpec("Keywords")
DECLARED: "dict[str, Smoothing]" = {}


class Estimate(Protocol[Keywords]):
    """What makes models of counts, with the options of a smoothing as keywords; of what is around counts, as class counts are, what is around the model."""

    @overload
    def __call__(self, counts: "NgramCounts", *args: Keywords.args, **keywords: Keywords.kwargs) -> "NgramModel": ...

    @overload
    def __call__(self, counts: "AroundNgrams", *args: Keywords.args, **keywords: Keywords.kwargs) -> Any: ...


@dataclass(frozen=True, eq=False)
class Rules:
    """What a smoothing makes of some counts; it may fill `details` and `parameters` up to the end of the estimation."""

    rule_of: "Callable[[CountedOrder], Rule]"  # how the counts of an order are shared out
    name: str = ""  # of the model, without its form (default: that of the smoothing)
    qualifiers: dict[str, Any] = field(default_factory=dict)  # what the signature says right beside the name
    details: dict[str, Any] = field(default_factory=dict)  # what it says of the options behind the vocabulary
    parameters: dict[str, Any] = field(default_factory=dict)  # what was estimated
    traits: Traits | None = None  # of this model, where they depend on the options


@dataclass(frozen=True, eq=False)
class Smoothing:
    """One smoothing, with all that is said of it."""

    name: str  # of the flag of `lmkit smooth`
    title: str  # one line, for help
    source: tuple[str, int]  # authors and year
    counts: Counted  # what it looks at
    forms: tuple[Form, ...]  # of its models, the usual one first
    options: type[Estimation]  # a dataclass; annotated fields have flags
    rules: "Callable[[NgramCounts, Any], Rules]"
    explain: "Callable[[Evidence, NgramModel, Number, str], Step]"  # one order; with the probability below and its text
    traits: Traits  # of all its models
    model_names: tuple[str, ...]  # without their form
    variants: tuple[dict[str, Any], ...]  # the options to compare it with; None stands for the held-out text
    usual: bool  # drawn in plots that do not say which
    srilm: str | None  # the options of SRILM's ngram-count
    in_training: (
        tuple[str, ...] | None
    )  # the options that `lmkit ngram train` has, too, with its flag; None: not even that
    has_flag: bool  # False: counts are this model, without being smoothed
    estimate: "Callable[..., NgramModel]"

    @property
    def flags(self) -> dict[str, Option]:
        """The options that have flags, by these."""
        return flagged(self.options)

    def accepts(self, option: str) -> bool:
        """Whether there is an option of this name."""
        return any(declared.name == option for declared in fields(self.options))

    @property
    def can_drop_ngrams(self) -> bool:
        """Whether there is a lower order for n-grams that are dropped by their counts."""
        return "full-histories" not in self.forms

    def form_of(self, options: Estimation) -> Form:
        """The form of a model with these options."""
        return self.forms[0 if getattr(options, "interpolated", True) else 1]

    def is_kept_as_counts(self, options: Estimation) -> bool:
        """Whether a model with these options is its counts, and what they are divided by."""
        return not any(options.prune) and self.form_of(options) in KEPT_AS_COUNTS

    def called(self, name: str, form: Form) -> str:
        """The name of a model in its signature."""
        return name + ("-backoff" if form != self.forms[0] else "")

    def all_called(self) -> Iterator[tuple[str, Form]]:
        """Each name that its models can have in their signatures, and the form it tells of."""
        return ((self.called(name, form), form) for name in self.model_names for form in self.forms)


def smoothing(
    name: str,
    *,
    title: str,
    source: tuple[str, int],
    counts: Counted,
    forms: tuple[Form, ...],
    options: Callable[Keywords, Options],
    explain: "Callable[[Evidence, NgramModel, Number, str], Step]",
    traits: Traits | None = None,
    model_names: tuple[str, ...] = (),
    variants: tuple[dict[str, Any], ...] = ({},),
    usual: bool = False,
    srilm: str | None = None,
    in_training: tuple[str, ...] | None = None,
    has_flag: bool = True,
) -> "Callable[[Callable[[NgramCounts, Options], Rules]], Estimate[Keywords]]":
    """Declares a smoothing (see `Smoothing`) by its rules; these become the function that makes its models of counts.

    options: a dataclass, whose fields that function takes as keywords.
    """

    def declare(rules: "Callable[[NgramCounts, Options], Rules]") -> "Estimate[Keywords]":
        def estimate(counts: "NgramCounts", *args: Keywords.args, **keywords: Keywords.kwargs) -> Any:
            from lmkit.ngrams.within import AroundNgrams
            from lmkit.smoothing.estimation import estimate_model

            if isinstance(counts, AroundNgrams):  # of classes of words, say
                within = told_within(counts, options, args, keywords)
                return counts.with_inner(estimate(counts.inner, *args, **within))
            refuse_others(rules.__name__, counts)
            return estimate_model(DECLARED[name], counts, options(*args, **keywords))

        update_wrapper(estimate, rules)
        first = Parameter("counts", Parameter.POSITIONAL_OR_KEYWORD, annotation="NgramCounts")
        estimate.__signature__ = Signature(  # type: ignore[attr-defined]
            [first, *signature(options).parameters.values()], return_annotation="NgramModel"
        )
        DECLARED[name] = Smoothing(
            name,
            title,
            source,
            counts,
            forms,
            options,  # type: ignore[arg-type] # a dataclass, seen above as what makes its objects
            rules,
            explain,
            traits or Traits(),
            model_names or (name,),
            variants,
            usual,
            srilm,
            in_training,
            has_flag,
            estimate,
        )
        return cast("Estimate[Keywords]", estimate)

    return declare


def refuse_others(name: str, counts: object) -> None:
    """TypeError for what a smoothing of this name cannot take: a model, the name of a file."""
    if not hasattr(counts, "chain"):
        what = type(counts).__name__
        raise TypeError(f"{name} takes counts, as lmkit.count_ngrams and lmkit.load give them, and not {what}")


def told_within(
    counts: "AroundNgrams", options: Callable[..., Estimation], args: Any, keywords: dict[str, Any]
) -> dict[str, Any]:
    """The keywords of a smoothing as n-grams within counts need them: a held-out text as they read it, and their own defaults of options, where these do not clash with what was told."""
    told = dict(keywords)
    if told.get("held_out") is not None:
        told["held_out"] = counts.numbered(told["held_out"])
    for name, value in counts.defaults.items():
        with suppress(TypeError, UsageError):  # of another smoothing; of what makes no sense beside the others
            options(*args, **{name: value} | told)
            told = {name: value} | told
    return told


@cache
def smoothings() -> dict[str, Smoothing]:
    """All smoothings by name: the newest first, those that give mere scores last."""
    from lmkit.smoothing import methods

    for module in iter_modules(methods.__path__):
        import_module(f"{methods.__name__}.{module.name}")
    rows = sorted(DECLARED.values(), key=lambda row: (not row.traits.is_distribution, -row.source[1], row.name))
    return {row.name: row for row in rows}


def with_flags() -> dict[str, Smoothing]:
    """The smoothings that can be asked for, by name."""
    return {name: row for name, row in smoothings().items() if row.has_flag}


def usual() -> tuple[str, ...]:
    """The names of those that are drawn where nobody says which."""
    return tuple(name for name, row in smoothings().items() if row.usual)


def smoothing_called(name: str) -> tuple[Smoothing, Form] | None:
    """The smoothing that made a model with this name in its signature, and the form; None for other models."""
    return next(
        ((row, form) for row in smoothings().values() for called, form in row.all_called() if called == name), None
    )
