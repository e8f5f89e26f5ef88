"""Two curves of a text, and the power laws that go with them: counts by rank (Zipf), vocabulary by length (Heaps)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.text.vocabulary import UNK

STEEPEST = 64.0  # no text of fewer than 2**63 words has a Zipf exponent as large
PRECISE = 1e-12  # change of an exponent at which the search for it ends
MOST_STEPS = 200
GROWTH_POINTS = 200


@dataclass(frozen=True)
class PowerLaw:
    """y = factor · x^exponent."""

    exponent: float
    factor: float

    def at(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """(points,) y at each x, which are above 0."""
        y: NDArray[np.float64] = self.factor * x.astype(np.float64) ** self.exponent
        return y


@dataclass(frozen=True, eq=False)
class RankFrequency:
    """How often words occur, by rank: the first and the last rank of each count, between which it stays the same."""

    ranks: NDArray[np.int64]  # (points,) ascending from 1
    counts: NDArray[np.int64]  # (points,) not ascending
    types: int
    tokens: int
    law: PowerLaw | None  # Zipf's, fitted to all ranks; None for fewer than two words


@dataclass(frozen=True, eq=False)
class VocabularyGrowth:
    """How many distinct words the first tokens of a text have."""

    tokens: NDArray[np.int64]  # (points,) ascending from 1 to the length of the text, evenly on a logarithmic axis
    types: NDArray[np.int64]  # (points,)
    law: PowerLaw | None  # Heaps's, fitted to these points; None for fewer than two


def rank_frequency(word_counts: NDArray[Any]) -> RankFrequency:
    """The counts (types,) of words, in any order, as a curve over their ranks; words of count 0 are left out."""
    counts = np.sort(word_counts[word_counts > 0].astype(np.int64))[::-1]
    lasts = np.flatnonzero(np.diff(counts, append=0))  # of each count
    places = np.unique(np.concatenate((np.append(0, lasts + 1)[: len(lasts)], lasts)))
    return RankFrequency(places + 1, counts[places], len(counts), int(counts.sum()), zipf_law(counts))


def zipf_law(counts: NDArray[np.int64]) -> PowerLaw | None:
    """The law C / r^s that the counts (types,), the highest first, are most probable under; None for fewer than two.

    Each running word draws its rank r from p(r) = r^-s / Σ r^-s over the ranks that there are, so that s makes the mean of
    log r what it is in the text. C is such that both have the same total. Rank and count come from the same text, which
    flatters the fit a little (Piantadosi 2014, "Zipf's word frequency law in natural language").
    """
    if len(counts) < 2:
        return None
    log_ranks = np.log(np.arange(1, len(counts) + 1))
    tokens = counts.sum(dtype=np.float64)
    observed = float(counts @ log_ranks) / tokens
    low, high = 0.0, STEEPEST if counts[0] > counts[-1] else 0.0
    steepness = min(1.0, high)
    for _ in range(MOST_STEPS):  # of Newton's method, kept within bounds that close in
        weights = np.exp(-steepness * log_ranks)
        total = weights.sum()
        weights *= log_ranks
        mean, square = weights.sum() / total, weights @ log_ranks / total
        low, high = (low, steepness) if mean < observed else (steepness, high)
        before, steepness = steepness, float(steepness + (mean - observed) / (square - mean**2))
        if not low <= steepness <= high:
            steepness = (low + high) / 2
        if abs(steepness - before) <= PRECISE:
            break
    return PowerLaw(0.0 - steepness, float(tokens / total))


def vocabulary_growth(blocks: Iterable[NDArray[np.int32]], points: int = GROWTH_POINTS) -> VocabularyGrowth:
    """The growth of the vocabulary over blocks of tokens (ids; sentence marks do not count, <unk> is one word).

    points: about how many to measure at; the measured figures are exact. Memory: 8 bytes a distinct word.
    """
    seen = np.zeros(0, bool)
    firsts = [np.zeros(0, np.int64)]  # which running words are the first of their type, from 1
    before = 0
    for tokens in blocks:
        words = tokens[tokens >= UNK]
        if not len(words):
            continue
        seen = np.concatenate((seen, np.zeros(max(int(words.max()) + 1 - len(seen), 0), bool)))
        new = np.flatnonzero(~seen[words])
        _, first_uses = np.unique(words[new], return_index=True)
        firsts.append(before + 1 + np.sort(new[first_uses]))
        seen[words] = True
        before += len(words)
    if not before:
        nothing = np.zeros(0, np.int64)
        return VocabularyGrowth(nothing, nothing, None)
    lengths = np.unique(np.rint(np.geomspace(1, before, points)).astype(np.int64))
    types = np.searchsorted(np.concatenate(firsts), lengths, side="right").astype(np.int64)
    return VocabularyGrowth(lengths, types, heaps_law(lengths, types))


def heaps_law(tokens: NDArray[np.int64], types: NDArray[np.int64]) -> PowerLaw | None:
    """The law K n^β nearest to the points (points,) on logarithmic axes, by least squares; None for fewer than two."""
    if len(tokens) < 2:
        return None
    x, y = np.log(tokens), np.log(types)
    exponent = float((x - x.mean()) @ (y - y.mean()) / ((x - x.mean()) @ (x - x.mean())))
    return PowerLaw(exponent, float(np.exp(y.mean() - exponent * x.mean())))
