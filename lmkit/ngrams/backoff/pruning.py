"""Pruning by relative entropy (Stolcke 1998): n-grams go whose loss changes the model least.

Taking the n-gram hw out of a model p moves its probability to p′(w|h) = b′(h) p(w|h′), and the backoff b(h) to b′(h). The
divergence of the two models is

D = −P(h) { p(w|h) [log p(w|h′) + log b′(h) − log p(w|h)] + (1 − Σ_v p(v|h)) [log b′(h) − log b(h)] },

and e^D − 1 is the relative change of the perplexity of what the model itself generates. N-grams are judged one by one, against the whole
model; those whose change is below a threshold are taken out, unless they are the history of one that stays.

P(h) comes from the model by the chain rule (with p(</s>) for <s>), as in SRILM's `ngram -prune`, whose n-grams these are. In Kneser–Ney models that is
wrong: their lower orders are made for unseen words and are no marginals of the higher ones (Chelba, Brants, Neveitt & Xu 2010). There, P(h) is
to come from the counts of the training text, or from another model of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.engine.kernels import CellIndex, row_numbers
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.backoff.normalization import (
    backoff_weights,
    lower_log10_probs,
    masses,
    normalize_backoffs,
    nothing_left,
)
from lmkit.ngrams.backoff.selection import select_ngrams
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.trie.automaton import HistoryStates
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.within import done_within
from lmkit.text.vocabulary import BOS, EOS, WordNumbering

ALMOST_ALL = -1 + 1e-12  # a change by −100 % would make the product of all changes 0


@dataclass(frozen=True, eq=False)
class Pruned:
    """A pruned model and what became of it."""

    model: NgramModel
    threshold: float  # relative change of perplexity below which n-grams were taken out
    ngrams_before: dict[int, int]  # of each order
    ngrams: dict[int, int]
    predicted_change: (
        float  # the relative changes of perplexity of all that went, multiplied: what the model itself predicts
    )


@done_within
def prune(
    model: NgramModel,
    threshold: float | None = None,
    *,
    keep: int | None = None,
    history: NgramCounts | NgramModel | None = None,
    resources: Resources = Resources(),
) -> Pruned:
    """The model without the n-grams that change the perplexity by less than the threshold, or with the `keep` best of orders 2 and above.

    history: counts of the training text, or a model, that P(h) is taken from (default: the model itself).
    UsageError unless there is a threshold above 0, or keep, and not both; DataError for a Kneser–Ney model
    without history, and for a model that is no distribution.
    """
    model = ngram_model(model, "pruned")
    check_request(model, threshold, keep, history)
    model = backing_off(model)
    changes = entropy_changes(model, history, resources.workers)
    needed = needed_changes(model.orders, changes)
    if threshold is None:
        threshold, masks = best_ngrams(needed, int(keep or 0))
    else:
        masks = [values >= threshold for values in needed]
    kept = [np.ones(len(model.orders[0]), bool), *masks]
    log10_backoffs, log10_probs = select_and_normalize(model, kept, resources.workers)
    details = model.details | {"pruned": f"entropy {threshold:.4g}"}
    pruned = select_ngrams(model, kept).with_values(log10_probs, log10_backoffs, details=details)
    gone = sum(
        float(np.log1p(np.maximum(values[~mask], ALMOST_ALL)).sum())
        for values, mask in zip(changes, kept[1:], strict=True)
    )
    return Pruned(pruned, threshold, model.ngrams(), pruned.ngrams(), float(np.expm1(gone)))


def check_request(
    model: NgramModel, threshold: float | None, keep: int | None, history: NgramCounts | NgramModel | None
) -> None:
    """UsageError or DataError for what cannot be pruned."""
    if (threshold is None) == (keep is None):
        raise UsageError("either a threshold or a number of n-grams to keep is needed, and not both.")
    if threshold is not None and not threshold > 0:
        raise UsageError(f"the threshold is {threshold:g}; it must be above 0.")
    if keep is not None and keep < 0:
        raise UsageError(f"{keep} n-grams cannot be kept; the number must be 0 or more.")
    if not model.traits.backs_off:
        raise DataError(
            f"the model (smoothing: {model.smoothing}) cannot be pruned by entropy: it does not back off to a distribution.",
            "Use a smoothing that does, or drop rare n-grams with `lmkit smooth --prune 0,0,1`.",
        )
    if history is not None or model.traits.lower_orders_are_marginals:
        return
    if model.traits.full_histories_only:
        raise DataError(
            "an additive model cannot tell how frequent its histories are: it backs off to uniform lower orders.",
            "Give the counts it was made from with --history COUNTS.",
        )
    raise DataError(
        f"a {model.smoothing} model cannot tell how frequent its histories are: its lower orders are no marginals of the higher ones.",
        "Give the counts it was made from with --history COUNTS, or --history self to do as SRILM does without a history model.",
    )


def entropy_changes(
    model: NgramModel, history: NgramCounts | NgramModel | None = None, workers: int | None = None
) -> list[NDArray[np.float64]]:
    """e^D − 1 of the n-grams of each order from 2 on: the relative change of perplexity if this one went."""
    states = HistoryStates(model.orders, len(model.vocabulary), workers)
    of_histories = own_history_probs(model) if history is None else given_history_probs(model, history)
    changes = []
    for length in range(2, model.order + 1):
        stage(f"judging {length}-grams")
        order = model.orders[length - 1]
        log10_lower = lower_log10_probs(states, length, model.log10_probs, model.log10_backoffs, workers)
        log10_probs = model.log10_probs[length - 1].astype(np.float64)
        left = np.maximum(1.0 - masses(order, log10_probs), 0.0)  # (histories,)
        unseen = np.maximum(1.0 - masses(order, log10_lower), 0.0)
        backoff = model.log10_backoffs[length - 2].astype(np.float64)
        nothing = nothing_left(model.log10_probs[length - 1].dtype)
        changes.append(
            change_of_order(order, log10_probs, log10_lower, left, unseen, backoff, of_histories[length - 2], nothing)
        )
    return changes


def change_of_order(
    order: Order,
    log10_probs: NDArray[np.float64],
    log10_lower: NDArray[np.float64],
    left: NDArray[np.float64],
    unseen: NDArray[np.float64],
    log10_backoffs: NDArray[np.float64],
    history_probs: NDArray[np.float64],
    nothing: float,
) -> NDArray[np.float64]:
    """(n-grams,) e^D − 1. log10_probs, log10_lower: (n-grams,); the others: (histories,), left: 1 − Σ p(v|h), unseen: 1 − Σ p(v|h′).

    nothing: see `nothing_left`.
    """
    rows = row_numbers(order.indptr)
    probs = 10.0**log10_probs
    with np.errstate(divide="ignore", invalid="ignore"):
        without = backoff_weights(left.take(rows) + probs, unseen.take(rows) + 10.0**log10_lower, nothing)[0]
        new_backoffs = np.log10(without)
        moved = np.where(probs > 0, probs * (log10_lower + new_backoffs - log10_probs), 0.0)
        shifted = np.where(left.take(rows) > nothing, left.take(rows) * (new_backoffs - log10_backoffs.take(rows)), 0.0)
    divergence = -history_probs.take(rows) * (moved + shifted)
    changes: NDArray[np.float64] = np.expm1(np.log(10.0) * divergence)
    return np.nan_to_num(changes, nan=0.0)


def own_history_probs(model: NgramModel) -> list[NDArray[np.float64]]:
    """P(h) of the n-grams of each order but the highest, by the chain rule; <s> has that of </s>."""
    log10_prob = model.log10_probs[0].astype(np.float64)
    log10_prob[BOS] = log10_prob[EOS]
    found = [log10_prob]
    for length, order in enumerate(model.orders[1:-1], start=2):
        found.append(found[-1].take(row_numbers(order.indptr)) + model.log10_probs[length - 1])
    return [10.0**values for values in found]


def given_history_probs(model: NgramModel, history: NgramCounts | NgramModel) -> list[NDArray[np.float64]]:
    """P(h) of the n-grams of each order but the highest from counts of text, or from another model."""
    if not isinstance(history, NgramCounts):
        return model_history_probs(model, ngram_model(history, "asked how frequent histories are"))
    ids = WordNumbering(history.vocabulary).number(model.vocabulary.words)[0]
    total = float(history.sentences + history.tokens)
    entries: IndexArray = ids
    found = []
    for length, order in enumerate(model.orders[:-1], start=1):
        if length > history.order:
            raise DataError(
                f"the counts go up to order {history.order}, and histories of length {length} are to be judged.",
                f"Count at least orders 1 to {model.order - 1} of the training text.",
            )
        if length > 1:
            counted = history.orders[length - 1]
            cells = CellIndex(counted.indptr, counted.indices, len(history.vocabulary))
            rows, words = entries.take(row_numbers(order.indptr)), ids.take(order.indices)
            entries = cells.find(rows, words)
        values = history.chain.counts[length - 1].take(np.maximum(entries, 0)).astype(np.float64)
        found.append(np.where(entries >= 0, values, 0.0) / total)
    return found


def model_history_probs(model: NgramModel, history: NgramModel) -> list[NDArray[np.float64]]:
    """P(h) of the n-grams of each order but the highest by the chain rule under another model."""
    history = backing_off(history)
    ids = WordNumbering(history.vocabulary).number(model.vocabulary.words)[0].astype(np.int64)
    automaton = HistoryStates(history.orders, len(history.vocabulary))
    log10_prob = history.log10_probs[0].astype(np.float64)
    log10_prob[BOS] = log10_prob[EOS]
    found, states = [log10_prob.take(ids)], automaton.of_entries(1, ids)
    for order in model.orders[1:-1]:
        rows = row_numbers(order.indptr)
        stepped, states = automaton.step(
            states.take(rows), ids.take(order.indices), history.log10_probs, history.log10_backoffs
        )
        found.append(found[-1].take(rows) + stepped)
    return [10.0**values for values in found]


def needed_changes(orders: Sequence[Order], changes: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """(n-grams,) of each order from 2 on, the largest change of an n-gram and of all that it is a history of.

    An n-gram stays at a threshold exactly if this reaches it. changes: those of the n-grams themselves.
    """
    needed = list(changes)
    for place in range(len(changes) - 2, -1, -1):
        order, above = orders[place + 2], needed[place + 1]
        has_followers = np.flatnonzero(np.diff(order.indptr) > 0)
        if not len(has_followers):
            continue
        largest = np.maximum.reduceat(above, order.indptr.take(has_followers))
        needed[place] = needed[place].copy()
        needed[place][has_followers] = np.maximum(needed[place][has_followers], largest)
    return needed


def best_ngrams(needed: Sequence[NDArray[np.float64]], keep: int) -> tuple[float, list[NDArray[np.bool_]]]:
    """The change of the last of the `keep` n-grams with the largest ones, and which they are (n-grams,) of each order.

    Of equal ones, shorter n-grams come first, so that the histories of all are kept.
    """
    values = np.concatenate([np.zeros(0), *needed])
    if keep >= len(values):
        return float(values.min(initial=0.0)), [np.ones(len(order), bool) for order in needed]
    if not keep:
        return float(values.max()), [np.zeros(len(order), bool) for order in needed]
    last = float(np.partition(values, len(values) - keep)[len(values) - keep])
    masks = [order > last for order in needed]
    left = keep - sum(int(np.count_nonzero(mask)) for mask in masks)
    for order, mask in zip(needed, masks, strict=True):
        ties = np.flatnonzero(order == last)[:left]
        mask[ties] = True
        left -= len(ties)
    return last, masks


def select_and_normalize(
    model: NgramModel, kept: Sequence[NDArray[np.bool_]], workers: int | None
) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    """The backoffs and probabilities of what is kept, in the precision of the model."""
    selected = select_ngrams(model, kept)
    dtype: Any = model.log10_probs[0].dtype
    backoffs, probs = normalize_backoffs(selected.orders, len(model.vocabulary), selected.log10_probs, workers)
    return tuple(values.astype(dtype) for values in backoffs), tuple(probs)
