"""What smoothings can be told: the options that all share, and how those of single ones are written as flags."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, Field, dataclass, field, fields
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from lmkit.engine.resources import Resources

if TYPE_CHECKING:
    from lmkit.engine.runners.protocol import Runner
    from lmkit.ngrams.values.protocol import Precision

COUNTED_NGRAMS = 1_000_000  # models of up to so many n-grams keep their counts, for explanations


@dataclass(frozen=True)
class Flag:
    """How an option is written on a command line; it stands in the annotation of its field."""

    help: str
    _: KW_ONLY
    name: str = ""  # without its dashes (default: the name of the field)
    formerly: tuple[str, ...] = ()  # names that it had
    metavar: str | None = None
    sets: bool = True  # the value that a switch stands for
    type: Any = None  # of what is written, if it is not that of the field
    spellings: Mapping[str, str] = field(default_factory=dict)  # other ways to write a value
    bare: str | None = None  # the value that the flag stands for when none follows


@dataclass(frozen=True, kw_only=True)
class Estimation:
    """What all smoothings can be told."""

    closed: bool = False  # <unk> is no event
    precision: "Precision" = "single"  # of the stored log10 values
    prune: Sequence[
        int
    ] = ()  # for each order, the last for higher ones, too: n-grams seen at most so often are dropped
    keep_counts: bool | None = (
        None  # keep counts beside stored probabilities, for explanations (None: up to COUNTED_NGRAMS n-grams)
    )
    resources: Resources = Resources()  # beyond its memory, files are used
    runner: "Runner | None" = None  # what carries the work out in steps; None: threads of this process


Interpolated = Annotated[
    bool,
    Flag("Back off to lower orders for unseen words only; do not interpolate.", name="backed-off", sets=False),
]  # of a smoothing that has both forms


@dataclass(frozen=True)
class Option:
    """An option of a smoothing that has a flag."""

    field: str
    type: Any  # of the field
    flag: Flag

    @property
    def name(self) -> str:
        """The flag without its dashes."""
        return self.flag.name or self.field.replace("_", "-")

    @classmethod
    def of(cls, declared: "Field[Any]") -> "Option | None":
        """The option that a field of a dataclass is; None if it has no flag."""
        if get_origin(declared.type) is not Annotated:
            return None
        of_field, *annotations = get_args(declared.type)
        flag = next((each for each in annotations if isinstance(each, Flag)), None)
        return None if flag is None else cls(declared.name, of_field, flag)


def flagged(options: type[Estimation]) -> dict[str, Option]:
    """The options with flags among the fields of a dataclass, by the names of these."""
    found = [option for declared in fields(options) if (option := Option.of(declared)) is not None]
    return {option.name: option for option in found}
