"""The sums of the probabilities after histories, which are to be 1.

With h' = h without its first word, the probabilities of all words after h sum to

    s(h) = Σ p(w|h) + backoff(h) · (s(h') − Σ p(w|h'))

where both sums go over the words w that are stored after h; s(ε) is the sum of all unigrams.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.engine.pieces import row_pieces
from lmkit.engine.sparse import row_sums
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.backoff.listed import ListedOrder, entries_of_rows, given
from lmkit.text.vocabulary import BOS, EOS

LN10 = np.log(10.0)
PIECE = 1 << 18  # n-grams whose probabilities are summed at a time


@dataclass(frozen=True, eq=False)
class HistorySums:
    """The sums after some histories of one length."""

    length: int  # 0: the empty history
    entries: IndexArray | None  # (histories,) ascending; None: all of this length
    sums: NDArray[np.float64]  # (histories,)

    def entry(self, place: int) -> int:
        """The entry of one of the histories in its order."""
        return place if self.entries is None else int(self.entries[place])

    def of(self, entries: IndexArray) -> NDArray[np.float64]:
        """The sums after some of the histories."""
        return self.sums.take(entries if self.entries is None else np.searchsorted(self.entries, entries))


@dataclass(frozen=True, eq=False)
class RowSums:
    """Sums over the words that are stored after some histories."""

    own: NDArray[np.float64]  # (histories,) Σ p(w|h)
    lower: NDArray[np.float64]  # (histories,) Σ p(w|h')


def powers(log10_values: FloatArray) -> NDArray[np.float64]:
    """10 to the power of the values."""
    exponents = log10_values.astype(np.float64)
    exponents *= LN10
    return np.exp(exponents, out=exponents)


def sum_rows(chain: Sequence[ListedOrder], suffixes: Sequence[IndexArray], k: int, rows: IndexArray) -> RowSums:
    """The sums over the k-grams that begin with these histories.

    Left out are <s>, which is never predicted, and n-grams without a probability.
    """
    order = chain[k - 1].order
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(order.indptr[rows + 1] - order.indptr[rows])))
    entries = entries_of_rows(order.indptr, rows)
    log10_probs = chain[k - 1].log10_probs.take(entries)
    counted = (order.indices.take(entries) != BOS) & ~np.isnan(log10_probs)
    own = np.where(counted, powers(log10_probs), 0.0)
    lower = np.where(counted, powers(chain[k - 2].log10_probs.take(suffixes[k - 1].take(entries))), 0.0)
    return RowSums(row_sums(bounds, own), row_sums(bounds, lower))


def sums_after(
    chain: Sequence[ListedOrder], suffixes: Sequence[IndexArray], wanted: Sequence[IndexArray] | None = None
) -> list[HistorySums]:
    """The sums after histories, for each length from 0 on.

    wanted: for each length from 1 on, the entries of histories, ascending; None: all. The suffixes of wanted histories
    are summed up, too. Every n-gram must have its suffix, and a probability.
    """
    unigrams = powers(chain[0].log10_probs)
    unigrams[BOS] = 0
    found = [HistorySums(0, None, np.array([unigrams.sum()]))]
    needed = None if wanted is None else with_suffixes(wanted, suffixes)
    for length in range(1, len(chain)):
        indptr = chain[length].order.indptr
        entries = None if needed is None else needed[length - 1]
        if entries is not None:
            indptr = np.concatenate(([0], np.cumsum(indptr[entries + 1] - indptr[entries])))
        sums = np.empty(len(indptr) - 1)

        def sum_piece(
            piece: tuple[int, int],
            length: int = length,
            entries: IndexArray | None = entries,
            sums: NDArray[np.float64] = sums,
            shorter: HistorySums = found[-1],
        ) -> None:
            rows = np.arange(*piece) if entries is None else entries[slice(*piece)]
            stored = sum_rows(chain, suffixes, length + 1, rows)
            below = shorter.sums if length == 1 else shorter.of(suffixes[length - 1].take(rows))
            weights = powers(given(chain[length - 1].log10_backoffs.take(rows)))
            sums[slice(*piece)] = stored.own + weights * (below - stored.lower)

        for _ in map_in_order(sum_piece, pieces_of_rows(indptr), None):
            pass
        found.append(HistorySums(length, entries, sums))
    return found


def pieces_of_rows(indptr: IndexArray) -> Iterator[tuple[int, int]]:
    """Ranges of rows with about PIECE entries, and at most PIECE rows, each."""
    for first, last in row_pieces(indptr, PIECE):
        yield from ((start, min(start + PIECE, last)) for start in range(first, last, PIECE))


def with_suffixes(wanted: Sequence[IndexArray], suffixes: Sequence[IndexArray]) -> list[IndexArray]:
    """The wanted histories of each length with all their suffixes."""
    needed = [np.asarray(entries, np.int64) for entries in wanted]
    for length in range(len(needed), 1, -1):
        needed[length - 2] = np.union1d(needed[length - 2], suffixes[length - 1].take(needed[length - 1]))
    return needed


def asked_histories(chain: Sequence[ListedOrder], length: int) -> NDArray[np.bool_]:
    """(n-grams of this length,) which of them are histories with a distribution of their own."""
    listed = chain[length - 1]
    followed = np.diff(chain[length].order.indptr) > 0
    weighted = (listed.log10_backoffs != 0) & ~np.isnan(listed.log10_backoffs)
    asked: NDArray[np.bool_] = (followed | weighted) & (listed.order.indices != EOS)
    return asked


def sample_histories(asked: Sequence[NDArray[np.bool_]], samples: int, seed: int) -> list[IndexArray]:
    """A random sample of histories, and <s>: for each length, entries. asked: for each length, which may be drawn."""
    sizes = [int(np.count_nonzero(mask)) for mask in asked]
    total = sum(sizes)
    if samples < total:
        generator = np.random.default_rng(seed)
        drawn = np.sort(generator.choice(total, samples, replace=False, shuffle=False))
    else:
        drawn = np.arange(total)
    bounds = np.searchsorted(drawn, np.cumsum([0, *sizes]))
    entries = []
    for place, mask in enumerate(asked):
        ranks = drawn[bounds[place] : bounds[place + 1]] - sum(sizes[:place])
        entries.append(np.flatnonzero(mask)[ranks])
    if entries and asked[0][BOS]:
        entries[0] = np.union1d(entries[0], [BOS])
    return entries
