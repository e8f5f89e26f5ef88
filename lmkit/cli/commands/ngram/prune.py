"""lmkit ngram prune"""

from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.numbers import parse_share_or_number
from lmkit.cli.options.output_format import ToModel
from lmkit.cli.options.printed_form import As, figures_form
from lmkit.cli.output import change, rendering
from lmkit.cli.output import files as outputs
from lmkit.cli.output.made import write_made
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from fractions import Fraction

    from lmkit.ngrams.backoff.pruning import Pruned

Keep = Annotated[
    str | None,
    Option(metavar="N|P%", help="Keep the N n-grams of orders 2 and above that matter most, or this share of them."),
]


@command(short="Drop the n-grams that matter least.", after="mix")
def prune(
    options: shared.Formatting,
    model: shared.PipedModel = "-",
    entropy: Annotated[
        float | None,
        Option(metavar="T", help="Drop n-grams whose loss changes the perplexity by less than this, as 1e-8."),
    ] = None,
    keep: Keep = None,
    history: Annotated[
        str | None,
        Option(
            metavar="COUNTS",
            help="Counts (or a model) that tell how frequent histories are; self: the model itself. Kneser-Ney models need it.",
        ),
    ] = None,
    held_out: Annotated[
        str | None, Option(metavar="FILE", help="Also measure the perplexity of this text before and after.")
    ] = None,
    output: shared.Output = None,
    to: ToModel = None,
    kenlm: shared.Kenlm = None,
    workers: shared.Workers = None,
    quiet: shared.Quiet = False,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Make a model smaller: drop the n-grams that change it least (relative entropy, Stolcke 1998).

    \b
    lmkit ngram prune wb3.safetensors --entropy 1e-7 -o small.arpa.gz
    lmkit ngram prune kn5.safetensors --keep 50% --history counts.safetensors --held-out dev.txt -o small.safetensors

    What is dropped is predicted by backing off; the probabilities after every history still sum to 1. To drop n-grams
    by their counts, see `lmkit smooth --prune`.

    Memory: about 100 bytes an n-gram.
    """
    from lmkit.ngram_storage import load_history, load_ngrams
    from lmkit.ngrams.backoff.pruning import prune as prune_model

    if history == "-" and model == "-":
        raise UsageError("the model and the counts would both be read from standard input.", "Give one as a file.")
    text = options.text_read_twice("--held-out", held_out)
    wanted = None if keep is None else parse_share_or_number("--keep", keep)
    target = outputs.check_output(output, "model", to=to)
    outputs.check_form(target, kenlm=kenlm)
    form = figures_form(as_, json=json, on_stdout=target.path != "-")
    value = load_ngrams(shared.model_source(model), needed="an n-gram model is needed")
    outputs.check_content(target, value, value.order)
    given = value if history == "self" else None if history is None else load_history(shared.model_source(history))
    resources = shared.resources(workers)
    with progress(quiet, parts=2):
        pruned = prune_model(value, entropy, keep=number_of(wanted, value), history=given, resources=resources)
        narrate_pruned(quiet, pruned)
        figures = figures_of(pruned)
        if text is not None:
            figures |= change.narrate_perplexities(quiet, value, pruned.model, text, resources)
        outputs.write_result(pruned.model, target, kenlm=kenlm)
        write_made(form, pruned.model, on_stdout=target.path != "-", **figures)


def number_of(wanted: "Fraction | int | None", model: Any) -> int | None:
    """How many n-grams of orders 2 and above of a model are to be kept."""
    if wanted is None or isinstance(wanted, int):
        return wanted
    listed = getattr(model, "inner", model).ngrams()  # of a class model, those of classes are pruned
    return int(wanted * sum(number for order, number in listed.items() if order > 1))


def figures_of(pruned: "Pruned") -> dict[str, Any]:
    """What was pruned, as JSON values."""
    return {
        "ngrams_before": {str(order): number for order, number in pruned.ngrams_before.items()},
        "threshold": pruned.threshold,
        "predicted_change": pruned.predicted_change,
    }


def narrate_pruned(quiet: bool, pruned: "Pruned") -> None:
    """Tell how many n-grams are left, and what that is expected to cost."""
    for order, before in pruned.ngrams_before.items():
        rendering.narrate(quiet, f"order {order}: {pruned.ngrams[order]:,} of {before:,} n-grams kept")
    rendering.narrate(
        quiet, f"threshold {pruned.threshold:.4g}; predicted change of perplexity {pruned.predicted_change:+.2%}"
    )
