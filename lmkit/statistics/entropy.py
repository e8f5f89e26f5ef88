"""Entropies of the empirical distributions of a text, in bits (Shannon 1948)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.engine.sparse import row_sums
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.count import count_ngrams, count_tokens
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.trie.orders import bos_ends
from lmkit.one_line import one_line
from lmkit.scoring.figures import ScoreTotals
from lmkit.scoring.result import Result
from lmkit.signature import signature
from lmkit.text.ids.stored import encode_text
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings, refuse_without_marks
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import BOS, UNK, WordNumbering


@one_line
@dataclass(frozen=True)
class Entropy(Result):
    """Entropies of a text, and, under a model, its cross-entropy and divergence. Infinite figures are math.inf."""

    entropy_bits: float  # of the distribution of words
    entropy_bits_with_eos: float  # of words and </s>
    conditional_entropy_bits: float  # H(w|h) over the complete n-grams of padded sentences
    order: int  # the length of these n-grams
    types: int
    tokens: int  # running words, without marks
    sentences: int
    signature: str
    # With a model:
    cross_entropy_bits: float | None = None  # of the text, bits a token (</s> included)
    kl_divergence_bits: float | None = None
    model_signature: str | None = None


def measure_entropy(
    counts: NgramCounts,
    *,
    cross_entropy_bits: float | None = None,
    event_entropy_bits: float | None = None,
    model_signature: str | None = None,
) -> Entropy:
    """The entropies of the counted text; conditional entropy at the order of the counts.

    cross_entropy_bits and event_entropy_bits (see `conditional_event_entropy`) come from a model, if there is one.
    """
    unigrams = counts.counts[0]
    words, events = unigrams[UNK:], np.delete(unigrams, BOS)
    divergence = None
    if cross_entropy_bits is not None and event_entropy_bits is not None:
        divergence = max(0.0, cross_entropy_bits - event_entropy_bits)  # below 0 only by rounding
    return Entropy(
        entropy_bits=entropy_bits(words),
        entropy_bits_with_eos=entropy_bits(events),
        conditional_entropy_bits=conditional_entropy(counts),
        order=counts.order,
        types=int(np.count_nonzero(words)),
        tokens=counts.tokens,
        sentences=counts.sentences,
        signature=signature({"order": counts.order} | counts.details() | counts.settings.for_signature()),
        cross_entropy_bits=cross_entropy_bits,
        kl_divergence_bits=divergence,
        model_signature=model_signature,
    )


def entropy_bits(counts: NDArray[Any]) -> float:
    """−Σ p log2 p in bits, p the relative frequencies of the counts (outcomes,); 0 without counts."""
    return sum_of_surprise(counts, counts.sum(dtype=np.float64))


def conditional_entropy(counts: NgramCounts) -> float:
    """H(w|h) in bits over the complete n-grams of the highest order; 0 when there is none."""
    values = predicted_counts(counts.chain, counts.order)
    order = counts.orders[-1]
    totals = np.repeat(row_sums(order.indptr, values.astype(np.float64)), np.diff(order.indptr))
    return sum_of_surprise(values, totals)


def conditional_event_entropy(counts: Chain) -> float:
    """H(w|h) in bits over all predicted tokens, h the up to n−1 words before it within its sentence.

    Beside the complete n-grams these are the shorter ones at the start of sentences, which begin with <s>.
    For orders 1 and 2 there are none, and this is `conditional_entropy`.
    """
    bits, tokens = 0.0, 0
    for k, order in enumerate(counts.orders, start=1):
        highest = k == len(counts.orders)
        if k == 1 and not highest:
            continue
        values = predicted_counts(counts, k)
        last = len(order) if highest else bos_ends(counts.orders)[k - 1]
        totals = np.repeat(row_sums(order.indptr, values.astype(np.float64)), np.diff(order.indptr))[:last]
        used = int(values[:last].sum(dtype=np.int64))
        bits += sum_of_surprise(values[:last], totals) * used
        tokens += used
    return bits / tokens if tokens else 0.0


def predicted_counts(counts: Chain, order: int) -> NDArray[Any]:
    """(n-grams,) the counts of an order, that of <s> alone as 0: it is never predicted."""
    values = counts.counts[order - 1]
    return np.where(np.arange(len(values)) == BOS, 0, values) if order == 1 else values


def sum_of_surprise(counts: NDArray[Any], totals: Any) -> float:
    """Σ c log2(total / c) / Σ c over the counts above 0: the mean surprise of an occurrence in bits."""
    seen = counts > 0
    values = counts[seen].astype(np.float64)
    if not len(values):
        return 0.0
    totals = totals[seen] if isinstance(totals, np.ndarray) and totals.ndim else totals
    return float(np.sum(values * np.log2(totals / values)) / np.sum(values))


def entropy(
    texts: Texts,
    order: int = 1,
    *,
    model: NgramModel | NgramCounts | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
    **limits: Any,
) -> Entropy:
    """The entropies of the texts, conditional entropy at this order; with a model, cross-entropy and divergence.

    KL divergence = cross-entropy − conditional entropy of the text at the order of the model, both over all
    predicted tokens and with OOV words as <unk>: it is never negative. Infinite when a token has probability 0.
    settings: how to read the texts (default: as the model's training text was). limits: cutoff or vocabulary, as in
    `count_ngrams`; not with a model, which brings its vocabulary. The texts are read once.
    """
    refuse_without_marks(settings or (None if model is None else model.settings), "entropy is that of sentences with")
    if model is None:
        how: dict[str, Any] = {"settings": settings, "reading": reading, "resources": resources}
        return measure_entropy(count_ngrams(texts, order, **how, **limits))
    if limits.get("cutoff", 1) > 1 or limits.get("vocabulary") is not None:
        raise UsageError(
            "a cutoff or a vocabulary was given together with a model.",
            "The model brings its own vocabulary: leave them out.",
        )
    model = ngram_model(model, "compared with the entropy of a text")
    text = encode_text(texts, settings=settings or model.settings, reading=reading, resources=resources)
    chain = count_tokens(text.blocks(), order, text.vocabulary.__len__, resources)
    counts = NgramCounts(text.vocabulary, text.settings, 1, fixed_vocabulary=False, chain=chain)
    model_ids = WordNumbering(model.vocabulary).number(text.vocabulary.words)[0]
    in_model = (model_ids[tokens] for tokens in text.blocks())
    known = count_tokens(in_model, model.order, model.vocabulary.__len__, resources)
    scorer, totals = model.scorer(), ScoreTotals(model.order)
    for scores in map_in_order(lambda tokens: scorer.score(model_ids[tokens]), text.blocks(), resources.workers):
        totals.add(scores)
    return measure_entropy(
        counts,
        cross_entropy_bits=totals.figures(model.signature()).cross_entropy_bits,
        event_entropy_bits=conditional_event_entropy(known),
        model_signature=model.signature(text.settings),
    )
