"""All smoothings by name, and which of them predicts a held-out text best."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lmkit.engine.resources import Resources
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.description import describe_options
from lmkit.ngrams.smoothing.absolute import absolute_discounting
from lmkit.ngrams.smoothing.additive import laplace
from lmkit.ngrams.smoothing.jelinek_mercer import jelinek_mercer
from lmkit.ngrams.smoothing.katz import katz
from lmkit.ngrams.smoothing.kneser_ney import kneser_ney
from lmkit.ngrams.smoothing.stupid_backoff import stupid_backoff
from lmkit.ngrams.smoothing.witten_bell import witten_bell
from lmkit.scoring.figures import Perplexity
from lmkit.scoring.perplexity import perplexity
from lmkit.text.settings import Unit
from lmkit.text.sources.names import Texts

SMOOTHINGS: dict[str, Callable[..., NgramModel]] = {
    "laplace": laplace,
    "kneser-ney": kneser_ney,
    "absolute": absolute_discounting,
    "witten-bell": witten_bell,
    "katz": katz,
    "jelinek-mercer": jelinek_mercer,
    "stupid-backoff": stupid_backoff,
}
ALL: tuple[tuple[str, dict[str, Any]], ...] = (  # what is compared; None stands for the text
    ("kneser-ney", {"discount_fallback": "generalised"}),
    ("kneser-ney", {"discount_fallback": "generalised", "interpolated": False}),
    ("kneser-ney", {"one_discount": True, "discount_fallback": "generalised"}),
    ("kneser-ney", {"one_discount": True, "discount_fallback": "generalised", "interpolated": False}),
    ("absolute", {"discount_fallback": "generalised"}),
    ("absolute", {"discount_fallback": "generalised", "interpolated": False}),
    ("witten-bell", {}),
    ("witten-bell", {"interpolated": False}),
    ("katz", {}),
    ("jelinek-mercer", {}),
    ("jelinek-mercer", {"held_out": None}),
    ("laplace", {"alpha": 0.01}),
    ("laplace", {"alpha": 1.0}),
    ("stupid-backoff", {}),
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
    workers: int | None = None,
    **options: Any,
) -> Iterator[Compared]:
    """Each smoothing at each order with its figures on the held-out texts, one by one.

    orders: those to try (default: the order of the counts). smoothings: names and options, as in `ALL`. workers: threads
    (default: the number of cores). options: as all smoothings take them. The texts are read several times. DataError if
    they have no sentence.
    """
    for lower in [counts.up_to(order) for order in orders or (counts.order,)]:
        for name, chosen in smoothings:
            tuned = "held_out" in chosen and chosen["held_out"] is None
            keywords = chosen | ({"held_out": held_out} if tuned else {})
            model = SMOOTHINGS[name](lower, **keywords, workers=workers, **options)
            yield Compared(
                smoothing=model.smoothing,
                options=describe_options(model),
                order=lower.order,
                is_distribution=model.traits.is_distribution,
                tuned=tuned,
                result=perplexity(model, held_out, resources=Resources(workers)),
                model=model,
            )


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
