"""lmkit smooth --all: every smoothing on a held-out text."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.forms.registry import Form
from lmkit.cli.output.small_tables import row_writer

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.smoothing.choosing import Compared
    from lmkit.text.sources.names import TextFile

NAMES = ("order", "smoothing", "options", "perplexity", "perplexity_excluding_oov", "remark")


def warn_trained_on(held_out: str) -> None:
    """Warn of a held-out text that is nothing new to the counts."""
    rendering.say(
        f"lmkit: warning: nearly all n-grams of {held_out} were seen in training, and all of its words: it is probably part of "
        "the training text, and says nothing about new text.\nHold out text that was not counted."
    )


def compare(
    counts: "NgramCounts",
    held_out: "TextFile",
    orders: tuple[int, ...],
    form: Form,
    quiet: bool,
    common: dict[str, Any],
    write: Callable[[str], None],
    *,
    only_listed: bool,
) -> "NgramModel":
    """Write a row for each smoothing and order, a line; returns the best model.

    only_listed: nothing is done with that, so that a closed pipe ends it all.
    """
    from lmkit.smoothing.choosing import compare_smoothings, looks_trained_on
    from lmkit.text.sources.names import source_name

    best: Any = None
    warned = False
    all_compared = compare_smoothings(counts, held_out, orders, **common)
    with row_writer(form, NAMES, write) as table:
        for compared in standard_output.while_read(all_compared) if only_listed else all_compared:
            result = compared.result
            if not warned and compared.is_distribution and looks_trained_on(result, counts.settings.unit):
                warn_trained_on(source_name(held_out))
                warned = True
            row = row_of(compared)
            table.write(list(row.values()), row | result.as_dict())
            if compared.is_distribution and (best is None or figure_of(compared) < figure_of(best)):
                best = compared
    if standard_output.is_read() or not only_listed:  # else it is the best of those that were tried
        rendering.narrate(quiet, f"best: {best.model.signature()}")
    model: NgramModel = best.model
    return model


def row_of(compared: "Compared") -> dict[str, Any]:
    """What is shown of a smoothing."""
    remark = "tuned on this text" if compared.tuned else "" if compared.is_distribution else "scores, no probabilities"
    result = compared.result
    values = (compared.order, compared.smoothing, compared.options, result.perplexity)
    return dict(zip(NAMES, (*values, result.perplexity_excluding_oov, remark), strict=True))


def figure_of(compared: "Compared") -> float:
    """What smoothings are ranked by: the perplexity of known words. What <unk> has depends on the convention of each."""
    return compared.result.perplexity_excluding_oov
