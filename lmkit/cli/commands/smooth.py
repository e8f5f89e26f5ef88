"""lmkit smooth"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lmkit.cli.command import command
from lmkit.cli.commands.smooth_all import compare, warn_trained_on
from lmkit.cli.options import groups as shared
from lmkit.cli.options.discount_fallback import Fallback, complete_fallback
from lmkit.cli.options.numbers import parse_numbers
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.text.sources.names import TextFile

BELONGS_TO = {  # the smoothings that an option is for
    "alpha": ("laplace",),
    "one_discount": ("kneser-ney",),
    "discounts": ("kneser-ney",),
    "discount": ("absolute", "kneser-ney"),
    "discount_fallback": ("kneser-ney", "absolute"),
    "compat": ("kneser-ney",),
    "backed_off": ("kneser-ney", "absolute", "witten-bell"),
    "highest": ("katz",),
    "weight": ("jelinek-mercer",),
    "factor": ("stupid-backoff",),
    "held_out": ("jelinek-mercer", "all"),
    "order": ("all", "laplace", "kneser-ney", "absolute", "witten-bell", "katz", "jelinek-mercer", "stupid-backoff"),
    "prune": ("kneser-ney", "absolute", "witten-bell", "katz", "jelinek-mercer", "stupid-backoff"),
}


@command(after="count", rewrite=complete_fallback)
def smooth(
    options: shared.Formatting,
    counts: Annotated[
        str, typer.Argument(metavar="[COUNTS]", help="A counts file of `lmkit ngram train`; - or none: standard input.")
    ] = "-",
    kneser_ney: Annotated[bool, typer.Option("--kneser-ney", help="Kneser-Ney: modified, interpolated.")] = False,
    absolute: Annotated[bool, typer.Option("--absolute", help="Absolute discounting.")] = False,
    witten_bell: Annotated[bool, typer.Option("--witten-bell", help="Witten-Bell.")] = False,
    katz: Annotated[bool, typer.Option("--katz", help="Katz backoff with Good-Turing discounts.")] = False,
    jelinek_mercer: Annotated[
        bool, typer.Option("--jelinek-mercer", help="Jelinek-Mercer: a weighted sum of all orders.")
    ] = False,
    laplace: Annotated[
        bool, typer.Option("--laplace", help="Additive smoothing: (c + alpha) / (C + alpha V).")
    ] = False,
    stupid_backoff: Annotated[
        bool, typer.Option("--stupid-backoff", help="Stupid backoff: scores, not probabilities.")
    ] = False,
    compare_all: Annotated[
        bool, typer.Option("--all", help="Compare all of these on --held-out; -o keeps the best one.")
    ] = False,
    held_out: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Text that the weights of --jelinek-mercer, or --all, are judged by."),
    ] = None,
    order: Annotated[
        list[int] | None,
        typer.Option("-n", "--order", metavar="N", help="Use the counts up to order N only; several times with --all."),
    ] = None,
    one_discount: Annotated[
        bool, typer.Option("--one-discount", help="Original Kneser-Ney: one discount an order, not three.")
    ] = False,
    backed_off: Annotated[
        bool, typer.Option("--backed-off", help="Back off to lower orders for unseen words only; do not interpolate.")
    ] = False,
    discounts: Annotated[
        tuple[float, float, float] | None,
        typer.Option(
            metavar="D1 D2 D3", help="Discounts of counts 1, 2, 3 and more, for all orders, instead of estimated ones."
        ),
    ] = None,
    discount: Annotated[
        float | None, typer.Option(metavar="D", help="The discount of --absolute and --one-discount, for all orders.")
    ] = None,
    discount_fallback: Annotated[
        Fallback | None,
        typer.Option(
            metavar="[fixed|generalised]",
            help="Where discounts cannot be estimated: 0.5 1 1.5, or 0.75 for one (fixed), or OpenGrm's rule.",
        ),
    ] = None,
    compat: Annotated[
        Literal["kenlm"] | None,
        typer.Option(help="Estimate discounts as KenLM's lmplz does, its miscounted last n-gram included."),
    ] = None,
    highest: Annotated[
        int | None, typer.Option(metavar="K", help="The highest count that --katz discounts [default: 7].")
    ] = None,
    weight: Annotated[
        float | None, typer.Option(metavar="L", help="The weight of each order in --jelinek-mercer [default: 0.6].")
    ] = None,
    alpha: Annotated[
        float | None, typer.Option(metavar="A", help="What --laplace adds to each count [default: 1].")
    ] = None,
    factor: Annotated[
        float | None, typer.Option(metavar="F", help="The factor of --stupid-backoff [default: 0.4].")
    ] = None,
    prune: Annotated[
        str | None,
        typer.Option(
            metavar="0,0,1", help="Drop n-grams seen at most so often: for each order, the last for all higher ones."
        ),
    ] = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="<unk> is no event: unknown words have no probability.")
    ] = False,
    keep_counts: Annotated[
        bool | None,
        typer.Option(
            "--keep-counts/--drop-counts",
            help="Keep the counts in the model, for `lmkit explain` [default: up to a million n-grams].",
            show_default=False,
        ),
    ] = None,
    json: shared.JsonOption = False,
    precision: shared.Precision = "single",
    output: shared.Output = None,
    workers: shared.Workers = None,
    memory: shared.Memory = None,
    tmp: shared.Tmp = None,
    quiet: shared.Quiet = False,
) -> None:
    """Make a smoothed model from counts.

    \b
    lmkit smooth --kneser-ney counts.safetensors -o kn5.safetensors
    lmkit smooth --laplace --alpha 0.1 counts.safetensors -o additive.arpa.gz
    lmkit smooth --jelinek-mercer --held-out dev.txt counts.safetensors -o jm.safetensors
    lmkit smooth --all --held-out dev.txt counts.safetensors     # which is best?

    -o writes .safetensors (lmkit's own format), .arpa or .arpa.gz (ARPA).

    Memory: about 25 bytes an n-gram; past --memory, the disk is used.
    """
    from lmkit.storage import load_counts

    flags = {
        "kneser-ney": kneser_ney,
        "absolute": absolute,
        "witten-bell": witten_bell,
        "katz": katz,
        "jelinek-mercer": jelinek_mercer,
        "laplace": laplace,
        "stupid-backoff": stupid_backoff,
        "all": compare_all,
    }
    name = chosen_smoothing(flags)
    text = options.text_read_twice("--held-out", held_out)
    given = {
        "alpha": alpha,
        "one_discount": one_discount or None,
        "discounts": discounts,
        "discount": discount,
        "discount_fallback": "generalised" if discount_fallback == "generalized" else discount_fallback,
        "compat": compat,
        "backed_off": backed_off or None,
        "highest": highest,
        "weight": weight,
        "factor": factor,
        "held_out": text,
        "order": order or None,
        "prune": prune,
    }
    given = {option: value for option, value in given.items() if value is not None}
    check_options(name, given)
    if json and not compare_all:
        raise UsageError("--json is for the table of --all.")
    if compare_all and output == "-":
        raise UsageError(
            "the table of --all goes to standard output; the best model needs a file.", "Give it with -o FILE."
        )
    if keep_counts and prune is not None:
        raise UsageError("--keep-counts makes no sense with --prune: what is dropped is missing in the counts.")
    target = None if compare_all and output is None else outputs.check_output(output, "model")
    value = load_counts(shared.model_source(counts))
    common: dict[str, Any] = {
        "closed": closed,
        "precision": precision,
        "keep_counts": keep_counts,
        "workers": workers,
        "memory": shared.memory_limit(memory, tmp),
        "tmp": tmp,
    }
    with progress(quiet):
        if compare_all and text is not None:
            model = compare(value, text, tuple(order or ()), json, quiet, common, only_listed=target is None)
        else:
            model = estimate(name, value.up_to(order[0]) if order else value, given, common)
            narrate_model(quiet, model, text, workers)
        if target is not None:
            outputs.write_result(model, target)


def chosen_smoothing(flags: dict[str, bool]) -> str:
    """The one smoothing that was asked for."""
    chosen = [name for name, is_chosen in flags.items() if is_chosen]
    if len(chosen) != 1:
        listed = ", ".join(f"--{name}" for name in flags)
        raise UsageError("one smoothing is needed.", f"Give one of {listed}.")
    return chosen[0]


def check_options(name: str, given: dict[str, Any]) -> None:
    """UsageError for options of other smoothings, for those that exclude each other, and for what is missing."""
    for option in given:
        owners = BELONGS_TO[option]
        if name not in owners:
            listed = " or ".join(f"--{owner}" for owner in owners)
            raise UsageError(f"{flag(option)} belongs to {listed}, not to --{name}.")
    if name == "all" and "held_out" not in given:
        raise UsageError("--all compares smoothings on a text of its own.", "Name it with --held-out FILE.")
    if name != "all" and len(given.get("order", ())) > 1:
        raise UsageError("several orders were given.", "--all compares several; otherwise give one.")
    if name == "kneser-ney" and "discount" in given and "one_discount" not in given:
        raise UsageError("--discount is for --one-discount.", "Modified Kneser-Ney has three: --discounts D1 D2 D3.")
    if "discounts" in given and "one_discount" in given:
        raise UsageError("--discounts are three, and --one-discount has one.", "Give it with --discount D.")
    fixed = next((option for option in ("discounts", "discount") if option in given), None)
    for option in ("discount_fallback", "compat") if fixed else ():
        if option in given:
            raise UsageError(f"{flag(option)} makes no sense with {flag(str(fixed))}: nothing is estimated then.")
    if "weight" in given and "held_out" in given:
        raise UsageError("--weight makes no sense with --held-out, which is there to find the weights.")


def flag(option: str) -> str:
    """An option as it is written."""
    return f"--{option.replace('_', '-')}"


def estimate(name: str, counts: "NgramCounts", given: dict[str, Any], common: dict[str, Any]) -> "NgramModel":
    """The model of the smoothing of this name with the options that were given."""
    from lmkit.ngrams.smoothing.choosing import SMOOTHINGS

    chosen = {option: value for option, value in given.items() if option != "order"}
    if "backed_off" in chosen:
        chosen["interpolated"] = not chosen.pop("backed_off")
    if "factor" in chosen:
        chosen["backoff"] = chosen.pop("factor")
    if "discount" in chosen and name == "kneser-ney":
        chosen["discounts"] = [chosen.pop("discount")]
    if "prune" in chosen:
        chosen["prune"] = parse_numbers("--prune", chosen["prune"])
    return SMOOTHINGS[name](counts, **chosen, **common)


def narrate_model(quiet: bool, model: "NgramModel", held_out: "TextFile | None", workers: int | None) -> None:
    """Tell what was estimated, and how it does on the held-out text."""
    for line in rendering.discounts_in_words(model):
        rendering.narrate(quiet, line)
    if not model.traits.is_distribution:
        name = model.smoothing.replace("-", " ")
        rendering.narrate(quiet, f"{name} gives scores that do not add up to 1: do not compare their perplexity.")
    if held_out is not None:
        from lmkit.ngrams.smoothing.choosing import looks_trained_on
        from lmkit.scoring.perplexity import perplexity
        from lmkit.text.sources.names import source_name

        result = perplexity(model, held_out, resources=shared.resources(workers))
        rendering.narrate(
            quiet, f"perplexity of {source_name(held_out)}, which the weights were chosen for: {result.perplexity:.6g}"
        )
        if looks_trained_on(result, "word" if model.settings is None else model.settings.unit):
            warn_trained_on(source_name(held_out))
