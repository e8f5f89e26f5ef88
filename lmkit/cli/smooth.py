"""lmkit smooth"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lmkit.cli import options as shared
from lmkit.cli import rendering
from lmkit.cli.progress_bar import progress
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.ngrams.model import NgramModel

FALLBACKS = ("fixed", "generalised", "generalized")


def complete_fallback(arguments: list[str]) -> list[str]:
    """The command line with --discount-fallback given its default value, fixed, where none follows."""
    if "--" in arguments:  # what follows are files, whatever they are called
        end = arguments.index("--")
        return complete_fallback(arguments[:end]) + arguments[end:]
    following = [*arguments, ""][1:]
    return [
        f"{argument}=fixed" if argument == "--discount-fallback" and after not in FALLBACKS else argument
        for argument, after in zip(arguments, following, strict=True)
    ]


def smooth(
    counts: Annotated[
        str, typer.Argument(metavar="[COUNTS]", help="A counts file of `lmkit ngram train`; - or none: standard input.")
    ] = "-",
    laplace: Annotated[
        bool, typer.Option("--laplace", help="Additive smoothing: (c + alpha) / (C + alpha V).")
    ] = False,
    alpha: Annotated[
        float | None, typer.Option(metavar="A", help="What --laplace adds to each count [default: 1].")
    ] = None,
    kneser_ney: Annotated[bool, typer.Option("--kneser-ney", help="Interpolated modified Kneser-Ney.")] = False,
    discounts: Annotated[
        tuple[float, float, float] | None,
        typer.Option(
            metavar="D1 D2 D3", help="Discounts of counts 1, 2, 3 and more, for all orders, instead of estimated ones."
        ),
    ] = None,
    discount_fallback: Annotated[
        Literal["fixed", "generalised", "generalized"] | None,
        typer.Option(
            metavar="[fixed|generalised]",
            help="Where discounts cannot be estimated: 0.5 1 1.5 (fixed, as KenLM), or OpenGrm's rule.",
        ),
    ] = None,
    compat: Annotated[
        Literal["kenlm"] | None,
        typer.Option(help="Estimate discounts as KenLM's lmplz does, its miscounted last n-gram included."),
    ] = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="<unk> is no event: unknown words have no probability.")
    ] = False,
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

    An output named .arpa or .arpa.gz is written as ARPA.

    Memory: about 25 bytes an n-gram; past --memory, the disk is used.
    """
    from lmkit.storage import load_counts

    if laplace == kneser_ney:
        raise UsageError("one smoothing is needed.", "Give either --laplace or --kneser-ney.")
    check_options(laplace, {"discounts": discounts, "discount_fallback": discount_fallback, "compat": compat}, alpha)
    rendering.check_output(output)
    value = load_counts(shared.model_source(counts))
    limits: dict[str, Any] = {"workers": workers, "memory": shared.memory_limit(memory, tmp), "tmp": tmp}
    model: NgramModel
    with progress(quiet):
        if laplace:
            from lmkit.ngrams.additive import laplace as estimate_laplace

            model = estimate_laplace(
                value, 1.0 if alpha is None else alpha, closed=closed, precision=precision, **limits
            )
        else:
            from lmkit.ngrams.kneser_ney import kneser_ney as estimate_kneser_ney

            model = estimate_kneser_ney(
                value,
                discounts=discounts,
                discount_fallback="generalised" if discount_fallback == "generalized" else discount_fallback,
                compat=compat,
                closed=closed,
                precision=precision,
                **limits,
            )
            for line in rendering.discounts_in_words(model):
                rendering.narrate(quiet, line)
        rendering.write_result(model, output)


def check_options(laplace: bool, kneser_ney_options: dict[str, Any], alpha: float | None) -> None:
    """UsageError for options of the other smoothing, and for those that exclude each other."""
    for name, value in kneser_ney_options.items():
        if laplace and value is not None:
            raise UsageError(f"--{name.replace('_', '-')} belongs to --kneser-ney, not to --laplace.")
    if not laplace and alpha is not None:
        raise UsageError("--alpha belongs to --laplace, not to --kneser-ney.")
    if kneser_ney_options["discounts"] is not None:
        for name in ("discount_fallback", "compat"):
            if kneser_ney_options[name] is not None:
                raise UsageError(
                    f"--{name.replace('_', '-')} makes no sense with --discounts: nothing is estimated then."
                )
