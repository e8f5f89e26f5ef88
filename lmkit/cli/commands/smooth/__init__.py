"""lmkit smooth"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.commands.smooth.all_ import compare, warn_trained_on
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options import smoothing_flags
from lmkit.cli.options.numbers import parse_numbers
from lmkit.cli.options.output_format import Shards, ToModel
from lmkit.cli.options.printed_form import As, Form, figures_form, form_of, option_given
from lmkit.cli.options.resuming import resumable
from lmkit.cli.options.sharing import BESIDE_RESUME, Sharing
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.made import write_made
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError
from lmkit.smoothing.registry import KEPT_AS_COUNTS, with_flags

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.text.sources.names import TextFile

ROWS = with_flags().values()
TUNED = " or ".join(f"--{row.name}" for row in ROWS if row.accepts("held_out"))

Counts = Annotated[
    str, Argument(metavar="[COUNTS]", help="A counts file of `lmkit ngram train`; - or none: standard input.")
]
CompareAll = Annotated[bool, Option("--all", help="Compare all of these on --held-out; -o keeps the best one.")]
HeldOut = Annotated[
    str | None,
    Option(metavar="FILE", help=f"Text that the weights of {TUNED}, or --all, are judged by."),
]
Order = Annotated[
    list[int] | None,
    Option("-n", "--order", metavar="N", help="Use the counts up to order N only; several times with --all."),
]
Prune = Annotated[
    str | None,
    Option(metavar="0,0,1", help="Drop n-grams seen at most so often: for each order, the last for all higher ones."),
]
Closed = Annotated[bool, Option("--closed", help="<unk> is no event: unknown words have no probability.")]
KeepCounts = Annotated[
    bool | None,
    Option(
        "--keep-counts/--drop-counts",
        help="Keep the counts in a model that backs off, for `lmkit explain` [default: up to a million n-grams]; interpolated ones are counts.",
        show_default=False,
    ),
]


@dataclass(repr=False, eq=False)
class Making(Sharing, shared.Formatting):
    """How models are made and written, and how a held-out text is formatted."""

    kenlm: shared.Kenlm = None
    shards: Shards = None


@command(
    short="Make a smoothed model from counts.",
    after="ngram",
    rewrite=smoothing_flags.complete_bare,
    topic="Train",
    known_as=("estimate", "discount", "lmplz"),
)
@resumable(
    "smooth",
    "counts",
    texts=False,
    alone={"compare_all": "--all"} | BESIDE_RESUME,
)
@smoothing_flags.in_place
def smooth(
    options: Making,
    counts: Counts = "-",
    switches: Annotated[Any, smoothing_flags.switches(ROWS, "{title}")] = None,
    compare_all: CompareAll = False,
    held_out: HeldOut = None,
    order: Order = None,
    flags: Annotated[Any, smoothing_flags.flags(smoothing_flags.declared_options(ROWS).values())] = None,
    prune: Prune = None,
    closed: Closed = False,
    keep_counts: KeepCounts = None,
    json: shared.JsonOption = False,
    as_: As = None,
    precision: shared.Precision = "single",
    output: shared.Output = None,
    to: ToModel = None,
    quiet: shared.Quiet = False,
) -> None:
    """Make a smoothed model from counts.

    \b
    lmkit smooth --kneser-ney counts.safetensors -o kn5.safetensors
    lmkit smooth --laplace --alpha 0.1 counts.safetensors -o additive.arpa.gz
    lmkit smooth --jelinek-mercer --held-out dev.txt counts.safetensors -o jm.safetensors
    lmkit smooth --all --held-out dev.txt counts.safetensors     # which is best?

    -o writes .safetensors (lmkit's own format), .arpa or .arpa.gz (ARPA), .binary, .bin, .mmap or .klm (KenLM's), .lmkit (shards). With --all
    -o -, the table is on standard error. Memory: about 25 bytes an n-gram; past --memory, the disk is used.
    """
    from lmkit.ngram_storage import load_smoothable

    name = chosen_smoothing(switches, compare_all)
    text = options.text_read_twice("--held-out", held_out)
    told = smoothing_flags.told(flags) | ({} if text is None else {"held_out": text})
    check_options(name, smoothing_flags.given(flags), {"held-out": text, "order": order, "prune": prune})
    common: dict[str, Any] = {"closed": closed, "precision": precision, "keep_counts": keep_counts}
    common["prune"] = () if prune is None else parse_numbers("--prune", prune)
    check_sharing(name, options.sharing(), told | common)
    if not compare_all:
        check_alone(name, told, loses_all=keep_counts is False and prune is None)
    listed_only = compare_all and output is None and to is None
    target = None if listed_only else outputs.check_output(output, "model", to=to)
    to_stdout = target is not None and target.path == "-"
    refuse_lost_counts(keep_counts, prune)
    form = checked_form(as_, json, lists=compare_all, to_stdout=to_stdout)
    outputs.check_form(target, kenlm=options.kenlm, shards=options.shards)
    value = load_smoothable(shared.model_source(counts))
    outputs.check_content(target, value, None if compare_all else (order or [value.order])[0])
    common["resources"] = options.resources()
    with progress(quiet, parts=1 if target is None else 2):
        if compare_all and text is not None:
            write = rendering.tell if to_stdout else rendering.write_line
            model = compare(
                value, text, tuple(order or ()), form or "plain", quiet, common, write, only_listed=listed_only
            )
        else:
            model = estimated(name, value.up_to(order[0]) if order else value, options, quiet, **told, **common)
            write_made(form, model, on_stdout=not to_stdout, **narrate_model(quiet, model, text, options.workers))
        if target is not None:
            outputs.write_result(model, target, kenlm=options.kenlm, shards=options.shards)


def estimated(name: str, counts: Any, options: Making, quiet: bool, **told: Any) -> "NgramModel":
    """The model that a smoothing makes of counts."""
    rendering.workers_told(quiet, options.resources())
    with options.runner() as runner:
        model: NgramModel = with_flags()[name].estimate(counts, **told, runner=runner)
    return model


def chosen_smoothing(switches: Any, compare_all: bool) -> str:
    """The one smoothing that was asked for, or all."""
    chosen = smoothing_flags.wanted(switches) + ["all"] * compare_all
    if len(chosen) != 1:
        said = f"one model is written, and {len(chosen)} are wanted." if chosen else "one smoothing is needed."
        raise UsageError(said, f"Give one of {', '.join(f'--{name}' for name in [*with_flags(), 'all'])}.")
    return chosen[0]


def check_sharing(name: str, sharing: str | None, told: dict[str, Any]) -> None:
    """UsageError for a model whose making cannot be shared out. sharing: the option that asks for that; told: those of the smoothing."""
    if sharing is None:
        return
    remedy = f"Leave {sharing} out: then this machine does it."
    if name == "all":
        raise UsageError(f"{sharing} does not go with --all, which makes models of all kinds.", remedy)
    row = with_flags()[name]
    if not row.is_kept_as_counts(row.options(**told)):
        listed = ", ".join(f"--{each.name}" for each in ROWS if set(each.forms) & set(KEPT_AS_COUNTS))
        raise UsageError(
            f"{sharing} is for models that are kept as counts ({listed}; without --backed-off and --prune), and this one is not.",
            remedy,
        )


def check_alone(name: str, told: dict[str, Any], *, loses_all: bool) -> None:
    """UsageError for options of one smoothing that exclude each other, before anything is read.

    loses_all: the counts are to be left out.
    """
    row = with_flags()[name]
    if row.is_kept_as_counts(row.options(**told)) and loses_all:
        raise UsageError(
            f"--drop-counts is not for --{name}: such a model is its counts, and what they are divided by.",
            "Write .arpa, or use --backed-off where there is that: then the file holds probabilities.",
        )


def check_options(name: str, given: Iterable[str], others: dict[str, Any]) -> None:
    """UsageError for options of other smoothings, and for what is missing. given: flags; others: those of the command."""
    owners = {flag: [row.name for row in ROWS if flag in row.flags] for flag in given}
    if others["held-out"] is not None:
        owners["held-out"] = [*(row.name for row in ROWS if row.accepts("held_out")), "all"]
    if others["prune"] is not None:
        owners["prune"] = [row.name for row in ROWS if row.can_drop_ngrams]
    for flag, names in owners.items():
        if name not in names:
            listed = " or ".join(f"--{owner}" for owner in names)
            raise UsageError(f"--{flag} belongs to {listed}, not to --{name}.")
    if name == "all" and others["held-out"] is None:
        raise UsageError("--all compares smoothings on a text of its own.", "Name it with --held-out FILE.")
    if name != "all" and len(others["order"] or ()) > 1:
        raise UsageError("several orders were given.", "--all compares several; otherwise give one.")


def refuse_lost_counts(keep_counts: bool | None, prune: str | None) -> None:
    """UsageError where counts are to be kept of what is dropped."""
    if keep_counts and prune is not None:
        raise UsageError("--keep-counts makes no sense with --prune: what is dropped is missing in the counts.")


def checked_form(asked: Any, json: bool, *, lists: bool, to_stdout: bool) -> Form | None:
    """The form of the table of --all (lists), or that of the figures of one model, if one is asked for. UsageError for both where the model goes."""
    if not lists:
        return figures_form(asked, json=json, on_stdout=not to_stdout)
    if to_stdout and (printed := option_given(asked, json=json)):
        raise UsageError(f"{printed} and -o - would both write to standard output.", "Give a file with -o.")
    return "plain" if to_stdout else form_of(asked, json=json)


def narrate_model(quiet: bool, model: "NgramModel", held_out: "TextFile | None", workers: int | None) -> dict[str, Any]:
    """Tell what was estimated, and how it does on the held-out text; returns what that is."""
    for line in rendering.discounts_in_words(model):
        rendering.narrate(quiet, line)
    if not model.traits.is_distribution:
        name = model.smoothing.replace("-", " ")
        rendering.narrate(quiet, f"{name} gives scores that do not add up to 1: do not compare their perplexity.")
    if held_out is None:
        return {}
    from lmkit.scoring.perplexity import perplexity
    from lmkit.smoothing.choosing import looks_trained_on
    from lmkit.text.sources.names import source_name

    result = perplexity(model, held_out, resources=shared.resources(workers))
    rendering.narrate(
        quiet, f"perplexity of {source_name(held_out)}, which the weights were chosen for: {result.perplexity:.6g}"
    )
    if looks_trained_on(result, "word" if model.settings is None else model.settings.unit):
        warn_trained_on(source_name(held_out))
    return {"held_out": source_name(held_out), "perplexity": result.perplexity}
