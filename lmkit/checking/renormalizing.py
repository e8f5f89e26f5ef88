"""Backoffs computed anew, so that the probabilities after every history sum to 1."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lmkit.checking.sums import PIECE, RowSums, powers, sum_rows
from lmkit.engine.arrays import IndexArray
from lmkit.engine.pieces import row_pieces
from lmkit.errors import DataError
from lmkit.ngrams.backoff.listed import ListedOrder, back_off, given
from lmkit.ngrams.backoff.normalization import backoff_weights, nothing_left
from lmkit.ngrams.values.protocol import log10
from lmkit.text.vocabulary import BOS, EOS

SAME = 1e-5  # log10 values that differ by less are called unchanged


@dataclass(frozen=True)
class Renormalized:
    """What renormalizing has changed by more than rounding."""

    backoffs: int
    scaled: int  # histories (the empty one among them) whose listed probabilities were scaled


def renormalize(chain: list[ListedOrder], suffixes: Sequence[IndexArray]) -> Renormalized:
    """Compute all backoffs anew, those of short histories first.

    backoff(h) = (1 − Σ p(w|h)) / (1 − Σ p(w|h')) over the words w listed after h, h' = h without its first word. Where
    the listed probabilities leave nothing for other words, they are scaled to leave what the old backoff asks for; the
    unigrams are scaled to sum to 1. N-grams without a probability get theirs by backing off.
    """
    scaled = int(scale_unigrams(chain))
    changed = 0
    for k in range(2, len(chain) + 1):
        changes = renormalize_order(chain, suffixes, k)
        changed, scaled = changed + changes.backoffs, scaled + changes.scaled
        back_off(chain, suffixes, k)
    return Renormalized(changed, scaled)


def scale_unigrams(chain: list[ListedOrder]) -> bool:
    """Make the unigrams sum to 1; returns whether that was needed. DataError if all of them are 0."""
    unigrams = chain[0]
    probs = powers(unigrams.log10_probs)
    probs[BOS] = 0
    if not probs.any():
        raise DataError("no 1-gram has a probability above 0: this cannot be renormalized.", "Make the model again.")
    shift = float(np.log10(probs.sum()))
    chain[0] = replace(
        unigrams, log10_probs=np.minimum(unigrams.log10_probs - unigrams.log10_probs.dtype.type(shift), 0)
    )
    return abs(shift) > SAME


def renormalize_order(chain: list[ListedOrder], suffixes: Sequence[IndexArray], k: int) -> Renormalized:
    """Compute the backoffs of the histories of the k-grams anew."""
    order, below = chain[k - 1].order, chain[k - 2]
    log10_probs, log10_backoffs = chain[k - 1].log10_probs.copy(), below.log10_backoffs.copy()
    changed = scaled = 0
    for first, last in row_pieces(order.indptr, PIECE):
        rows = np.arange(first, last)
        rows = rows[below.order.indices[first:last] != EOS]
        old = given(below.log10_backoffs.take(rows))
        new, scales = new_backoffs(sum_rows(chain, suffixes, k, rows), old, nothing_left(log10_probs.dtype))
        log10_backoffs[rows] = new
        with np.errstate(invalid="ignore"):
            changed += int(np.count_nonzero((new != old) & ~(np.abs(new - old) <= SAME)))
        if (scales != 1).any():
            bounds = order.indptr[first : last + 1]
            shifts = np.zeros(last - first)
            shifts[rows - first] = np.log10(scales)
            here = slice(int(bounds[0]), int(bounds[-1]))
            log10_probs[here] = np.minimum(log10_probs[here] + np.repeat(shifts, np.diff(bounds)), 0)
            scaled += int(np.count_nonzero(np.abs(shifts) > SAME))
    chain[k - 1] = replace(chain[k - 1], log10_probs=log10_probs)
    chain[k - 2] = replace(below, log10_backoffs=log10_backoffs)
    return Renormalized(changed, scaled)


def new_backoffs(
    stored: RowSums, log10_old: NDArray[np.float64], nothing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The log10 backoffs of histories, and by how much their listed probabilities are to be scaled. nothing: see `nothing_left`."""
    left, left_below = 1 - stored.own, 1 - stored.lower
    everything = left_below <= nothing  # no other words: any backoff will do
    new = log10(backoff_weights(np.maximum(left, 0), left_below, nothing)[0])
    with np.errstate(invalid="ignore", over="ignore"):
        asked = powers(log10_old) * left_below
    full = (left <= nothing) & ~everything
    keeps = full & (asked > nothing) & (asked < 1)
    new = np.where(everything, np.minimum(log10_old, 0.0), np.where(keeps, log10_old, np.where(full, -np.inf, new)))
    wanted = np.where(keeps, 1 - asked, 1.0)
    scaled = (full | everything) & (stored.own > 0)
    scales = np.ones(len(new))
    scales[scaled] = wanted[scaled] / stored.own[scaled]
    return new, scales
