"""All smoothings by name, and which of them predicts a held-out text best."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lmkit.engine.resources import Resources
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.within import ngrams_in
from lmkit.scoring.figures import Perplexity
from lmkit.scoring.perplexity import perplexity
from lmkit.signature import openness
from lmkit.smoothing.registry import with_flags
from lmkit.text.settings import Unit
from lmkit.text.sources.names import Texts

SMOOTHINGS: dict[str, Callable[..., NgramModel]] = {name: row.estimate for name, row in with_flags().items()}
ALL: tuple[tuple[str, dict[str, Any]], ...] = tuple(  # what is compared; None stands for the text
    (name, dict(options)) for name, row in with_flags().items() for options in row.variants
)


@dataclass(frozen=True, eq=False)
class Compared:
    """One smoothing on the held-out text."""

    smoothing: str  # as in the model's details
    options: str  # what sets it apart from others of the name
    order: int
    is_distribution: bool  # scores are no probabilities, and have no perplexity to be compared
    tuned: bool  # weights were estimated on the very text
    result: Perplexity
    model: NgramModel


def compare_smoothings(
    counts: NgramCounts,
    held_out: Texts,
    orders: Sequence[int] = (),
    *,
    smoothings: Sequence[tuple[str, dict[str, Any]]] = ALL,
    resources: Resources = Resources(),
    **options: Any,
) -> Iterator[Compared]:
    """Each smoothing at each order with its figures on the held-out texts, one by one.

    orders: those to try (default: the order of the counts). smoothings: names and options, as in `ALL`.
    options: as all smoothings take them. The texts are read several times. DataError if
    they have no sentence.
    """
    for lower in [counts.up_to(order) for order in orders or (counts.order,)]:
        for name, chosen in smoothings:
            tuned = "held_out" in chosen and chosen["held_out"] is None
            keywords = chosen | ({"held_out": held_out} if tuned else {})
            model = SMOOTHINGS[name](lower, **keywords, resources=resources, **options)
            yield Compared(
                smoothing=model.smoothing,
                options=described_options(ngrams_in(model), ngrams_in(lower)),
                order=lower.order,
                is_distribution=model.traits.is_distribution,
                tuned=tuned,
                result=perplexity(model, held_out, resources=resources),
                model=model,
            )


def described_options(model: NgramModel, counts: NgramCounts) -> str:
    """The options of the smoothing that made a model of counts, as they stand in its signature."""
    of_all = {"smoothing", "prune", "precision", *openness(model.closed), *counts.details()}
    own = {name: value for name, value in model.details.items() if name not in of_all}
    return " ".join(f"{name.replace('_', '-')}:{value}" for name, value in own.items())


def looks_trained_on(result: Perplexity, unit: Unit) -> bool:
    """Whether a text was probably in the training text: it has no unknown word, and nearly all its longest n-grams were seen.

    That says nothing of characters and bytes, of which nearly all short sequences are seen.
    """
    if unit != "word":
        return False
    matched = result.matched_orders or {}
    order = max(matched, default=0)
    whole = result.tokens - result.sentences * max(
        order - 2, 0
    )  # tokens with a full history, unless sentences are shorter
    return order > 1 and not result.oov and whole > 0 and matched[order] >= 0.97 * whole
