"""What was found when weights of a mixture were tuned: each component beside the mixture, with what was counted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lmkit.cli.output import rendering
from lmkit.cli.output.forms.registry import Form
from lmkit.cli.output.small_tables import write_small_table
from lmkit.cli.output.terminal.tables import aligned

if TYPE_CHECKING:
    from lmkit.scoring.bucketing.tuning import TunedBuckets
    from lmkit.scoring.tuning import TunedWeights

MIXTURE = "mixture"  # the row of all together


def tell_weights(tuned: "TunedWeights", components: Sequence[str], text: str, *, quiet: bool) -> None:
    """Tell the weights and the figures of all components, by their names, and of the mixture, all of the same tokens."""
    if quiet:
        return
    listed = " ".join(f"{weight:.6g}" for weight in tuned.weights)
    rendering.narrate(quiet, f"weights {listed}; perplexity of {text} word by word: {tuned.perplexity:.7g}")
    counted = f"{tuned.tokens:,} tokens, {tuned.oov:,} of them OOV"
    rendering.narrate(quiet, f"each component alone, and all together, over the words of all: {counted}")
    for line in aligned(rows(tuned, components)):
        rendering.tell(line)
    if tuned.left_out:
        every = tuned.tokens + tuned.left_out
        rendering.narrate(
            quiet, f"left out, as no component gives them a probability: {tuned.left_out:,} of {every:,} tokens."
        )
    for name in (components[place] for place in tuned.idle):
        rendering.narrate(quiet, f"the weight of {name} is next to nothing: it adds nothing to the others.")


def rows(tuned: "TunedWeights", components: Sequence[str]) -> list[list[str]]:
    """A header, a row for each component, one for the mixture; with what is impossible, if something is."""
    figures = zip(tuned.weights, tuned.alone, tuned.alone_excluding_oov, strict=True)
    of_each = [[name, *(f"{figure:.7g}" for figure in each)] for name, each in zip(components, figures, strict=True)]
    together = [MIXTURE, "1", f"{tuned.perplexity:.7g}", f"{tuned.perplexity_excluding_oov:.7g}"]
    table = [["component", "weight", "perplexity", "excluding OOV"], *of_each, together]
    if any(tuned.impossible):
        for row, cell in zip(table, ["impossible tokens", *map(str, tuned.impossible), "0"], strict=True):
            row.append(cell)
    return table


def tell_buckets(buckets: "TunedBuckets", with_one: float, text: str, *, quiet: bool) -> None:
    """What weights by bucket are worth on the text that they were tuned on, and what not to conclude."""
    by, better = buckets.by, 100 * (buckets.perplexity / with_one - 1)
    rendering.narrate(
        quiet,
        f"weights by {by.kind}, {len(by.weights)} buckets: perplexity of {text} {buckets.perplexity:.7g} in place of {with_one:.7g} ({better:+.2f}%)",
    )
    rendering.narrate(
        quiet, "on the text that they were tuned on, more weights always look better: measure them on another one."
    )


def write_weights(
    tuned: "TunedWeights",
    buckets: "TunedBuckets | None",
    components: Sequence[str],
    text: str,
    form: Form,
    *,
    on_stdout: bool,
) -> None:
    """The same as JSON, on stderr where stdout is taken; or the components and the mixture as a table."""
    from lmkit.scoring.result import finite_or_none

    figures = zip(components, tuned.weights, tuned.alone, tuned.alone_excluding_oov, tuned.impossible, strict=True)
    listed = [
        {
            "component": name,
            "weight": weight,
            "perplexity": finite_or_none(alone),
            "perplexity_excluding_oov": finite_or_none(known),
            "impossible": impossible,
        }
        for name, weight, alone, known, impossible in figures
    ]
    if form != "json":
        mixture = (MIXTURE, 1.0, tuned.perplexity, tuned.perplexity_excluding_oov, 0)
        write_small_table(list(listed[0]), [*(list(row.values()) for row in listed), mixture], form=form)
        return
    counted = {"text": text, "tokens": tuned.tokens, "oov": tuned.oov, "left_out": tuned.left_out}
    together = {
        "perplexity": finite_or_none(tuned.perplexity),
        "perplexity_excluding_oov": finite_or_none(tuned.perplexity_excluding_oov),
    }
    by = {}
    if buckets is not None:
        by = {"weights_by": buckets.by.as_dict() | {"perplexity": finite_or_none(buckets.perplexity)}}
    rendering.write_json(counted | together | {"components": listed} | by, on_stdout=on_stdout)
