"""Training a unigram model of subwords (Kudo 2018): of many candidates, those are kept whose loss would cost the most likelihood.

The algorithm is SentencePiece's: expectation maximisation over all ways to cut each word, then pruning, in turns. In place of a suffix
array, candidates are all substrings up to a length; all steps have a fixed order, so that the same words give the same pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, logsumexp

from lmkit.engine.journal.checkpoint import checkpoint

LONGEST_PIECE = 16  # characters
LONGEST_WORD = 64  # longer ones are cut in training
CANDIDATES = 12  # times the pieces wanted, at least FEWEST
FEWEST = 50_000
KEPT = 0.75  # of the pieces, in each round
ITERATIONS = 2  # of expectation maximisation in each round
LEAST_EXPECTED = 0.5  # a piece that is expected less often is dropped
BASE = np.uint64(0x9E3779B97F4A7C15)  # of the hashes of substrings
NONE = -1  # in place of a piece

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SameLength:
    """Words of one length, and the candidates in them."""

    counts: FloatArray  # (words,)
    arcs: NDArray[
        np.int32
    ]  # (words, starts, lengths) candidate that begins there and is so long, less 1; NONE: none does


def train_unigram(words: Sequence[str], counts: Sequence[int], size: int) -> list[tuple[str, float]]:
    """The pieces, at most `size`, with their log probabilities; all characters of the words are among them, whatever their number.

    words: distinct ones, with counts. Most probable first, equally probable ones by code point.
    """
    codes, weights = by_length(words, counts)
    texts, hashes = candidates(codes, weights, max(FEWEST, CANDIDATES * size))
    groups = [SameLength(weight, arcs_of(code, hashes)) for code, weight in zip(codes, weights, strict=True)]
    lengths = np.array([len(text) for text in texts])
    own, required = arcs_of_pieces(texts, lengths, hashes), lengths == 1
    wanted = max(size - int(required.sum()), 0)
    alive = np.ones(len(texts), bool)
    kept = checkpoint("unigram", ["\n".join(words), np.array(counts, np.int64), str(size)])
    piece = None if kept is None else kept.find()
    if piece is None:
        scores = maximised(first_expected(groups, len(texts)), alive)
    else:
        alive[:], scores = piece.arrays["alive"] == 1, np.array(piece.arrays["scores"])
    before = np.count_nonzero(~required)
    while True:
        for _ in range(ITERATIONS):
            expected = expectations(groups, scores)
            keep_best(
                alive, expected, required, max(wanted, int(np.count_nonzero(expected[~required] >= LEAST_EXPECTED)))
            )
            scores = maximised(expected, alive)
        left = np.count_nonzero(alive & ~required)
        if left <= wanted:
            break
        with np.errstate(invalid="ignore"):  # dead ones
            loss = np.where(alive, expected * (scores - alternatives(own, scores, len(texts))), 0.0)
        keep_best(alive, loss, required, max(wanted, int(left * KEPT)))
        scores = np.where(alive, scores, -np.inf)
        if kept is not None:
            gone = float((before - np.count_nonzero(alive & ~required)) / (before - wanted))
            if kept.is_due(gone):
                kept.keep(gone, {"alive": alive.view(np.uint8), "scores": scores}, {})
    found = [(texts[n], round(float(scores[n]), 6)) for n in np.flatnonzero(alive).tolist()]
    return sorted(found, key=lambda piece: (-piece[1], piece[0]))


def keep_best(alive: NDArray[np.bool_], values: FloatArray, required: NDArray[np.bool_], most: int) -> None:
    """Keep alive the required ones and so many others, those of the highest values."""
    optional = np.flatnonzero(alive & ~required)
    alive[optional[np.lexsort((optional, -values[optional]))[most:]]] = False


def by_length(words: Sequence[str], counts: Sequence[int]) -> tuple[list[NDArray[np.uint32]], list[FloatArray]]:
    """The code points (words, length) and counts (words,) of the words of each length; long words are cut into several."""
    parts: dict[int, dict[str, int]] = {}
    for word, count in zip(words, counts, strict=True):
        for first in range(0, len(word), LONGEST_WORD):
            part = word[first : first + LONGEST_WORD]
            same = parts.setdefault(len(part), {})
            same[part] = same.get(part, 0) + count
    lengths = sorted(parts)
    listed = [sorted(parts[length]) for length in lengths]
    codes = [
        np.frombuffer("".join(same).encode("utf-32-le"), "<u4").reshape(len(same), length)
        for length, same in zip(lengths, listed, strict=True)
    ]
    weights = [
        np.array([parts[length][word] for word in same], float) for length, same in zip(lengths, listed, strict=True)
    ]
    return codes, weights


def substring_hashes(codes: NDArray[np.uint32], start: int) -> NDArray[np.uint64]:
    """(words, lengths) a hash of the substrings that begin at `start`, of 1 character, 2, …"""
    longest = min(LONGEST_PIECE, codes.shape[1] - start)
    hashes = np.empty((len(codes), longest), np.uint64)
    value = np.zeros(len(codes), np.uint64)
    for place in range(longest):
        value = (value + codes[:, start + place].astype(np.uint64) + np.uint64(1)) * BASE
        value ^= value >> np.uint64(29)
        hashes[:, place] = value
    return hashes


def candidates(
    codes: list[NDArray[np.uint32]], weights: list[FloatArray], most: int
) -> tuple[list[str], tuple[NDArray[np.uint64], NDArray[np.int32]]]:
    """The candidates: all characters, and the substrings that occur twice and cover most text; and their sorted hashes with their numbers."""
    found: list[tuple[NDArray[np.uint64], FloatArray, NDArray[np.int64]]] = []
    for number, (code, weight) in enumerate(zip(codes, weights, strict=True)):
        for start in range(code.shape[1]):
            hashes = substring_hashes(code, start)
            rows, places = np.divmod(np.arange(hashes.size), hashes.shape[1])
            where = ((number << 40 | rows) << 12) | start << 6 | places
            found.append((hashes.ravel(), weight[rows], where))
    distinct, first, inverse = np.unique(
        np.concatenate([one[0] for one in found]), return_index=True, return_inverse=True
    )
    occurrences = np.bincount(inverse, weights=np.concatenate([one[1] for one in found]))
    where = np.concatenate([one[2] for one in found])[first]
    lengths = (where & 63) + 1
    gain = np.where(occurrences >= 2, occurrences * lengths, 0.0)
    gain[lengths == 1] = np.inf
    chosen = np.lexsort((distinct, -gain))[: max(most, int(np.count_nonzero(lengths == 1)))]
    chosen = np.sort(chosen[gain[chosen] > 0])  # in the order of their hashes
    texts = [substring(codes, place) for place in where[chosen].tolist()]
    return texts, (distinct[chosen], np.arange(len(chosen), dtype=np.int32))


def substring(codes: list[NDArray[np.uint32]], where: int) -> str:
    """The substring at a place: group, row, start, length."""
    start, length = where >> 6 & 63, (where & 63) + 1
    row = where >> 12 & ((1 << 40) - 1)
    return codes[where >> 52][row, start : start + length].astype("<u4").tobytes().decode("utf-32-le")


def arcs_of(codes: NDArray[np.uint32], hashes: tuple[NDArray[np.uint64], NDArray[np.int32]]) -> NDArray[np.int32]:
    """(words, starts, lengths) the candidates in words of one length."""
    known, numbers = hashes
    length = codes.shape[1]
    arcs = np.full((len(codes), length, min(LONGEST_PIECE, length)), NONE, np.int32)
    for start in range(length):
        wanted = substring_hashes(codes, start)
        places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        arcs[:, start, : wanted.shape[1]] = np.where(known[places] == wanted, numbers[places], NONE)
    return arcs


def arcs_of_pieces(
    texts: list[str], lengths: NDArray[np.int64], hashes: tuple[NDArray[np.uint64], NDArray[np.int32]]
) -> list[tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """The candidates of each length above 1, by number, and the shorter candidates in them."""
    found = []
    for length in range(2, int(lengths.max(initial=1)) + 1):
        here = np.flatnonzero(lengths == length)
        joined = "".join(texts[number] for number in here.tolist()).encode("utf-32-le")
        arcs = arcs_of(np.frombuffer(joined, "<u4").reshape(len(here), length), hashes)
        arcs[:, 0, length - 1] = NONE  # not itself
        found.append((here, arcs))
    return found


def first_expected(groups: list[SameLength], pieces: int) -> FloatArray:
    """(pieces,) how often each occurs."""
    expected = np.zeros(pieces + 1)
    for group in groups:
        weights = np.broadcast_to(group.counts[:, None, None], group.arcs.shape)
        expected += np.bincount(group.arcs.ravel() + 1, weights=weights.ravel(), minlength=pieces + 1)
    return expected[1:]


def expectations(groups: list[SameLength], scores: FloatArray) -> FloatArray:
    """(pieces,) how often each is expected to occur, over all ways to cut the words."""
    padded = np.append(scores, -np.inf)  # NONE is the last
    expected = np.zeros(len(scores) + 1)
    for group in groups:
        words, length, longest = group.arcs.shape
        arcs = padded[group.arcs]
        forward, backward = np.full((words, length + 1), -np.inf), np.full((words, length + 1), -np.inf)
        forward[:, 0] = backward[:, length] = 0.0
        for end in range(1, length + 1):
            spans = np.arange(1, min(longest, end) + 1)
            forward[:, end] = logsumexp(forward[:, end - spans] + arcs[:, end - spans, spans - 1], axis=1)
        for start in range(length - 1, -1, -1):
            spans = np.arange(1, min(longest, length - start) + 1)
            through = arcs[:, start, spans - 1] + backward[:, start + spans]
            backward[:, start] = logsumexp(through, axis=1)
            share = np.exp(forward[:, start, None] + through - forward[:, length, None]) * group.counts[:, None]
            expected += np.bincount(
                group.arcs[:, start, spans - 1].ravel() + 1, weights=share.ravel(), minlength=len(expected)
            )
    return expected[1:]


def maximised(expected: FloatArray, alive: NDArray[np.bool_]) -> FloatArray:
    """(pieces,) log probabilities: those of a Bayesian estimate, which makes rare pieces rarer; -inf of dead ones."""
    used = np.maximum(expected, LEAST_EXPECTED)
    return np.where(alive, digamma(used) - digamma(used[alive].sum()), -np.inf)


def alternatives(own: list[tuple[NDArray[np.int64], NDArray[np.int32]]], scores: FloatArray, pieces: int) -> FloatArray:
    """(pieces,) the best log probability of the text of each piece without itself."""
    padded = np.append(scores, -np.inf)
    found = np.full(pieces, -np.inf)
    for here, all_arcs in own:
        places = np.flatnonzero(np.isfinite(scores[here]))
        arcs = padded[all_arcs[places]]
        _, length, longest = arcs.shape
        best = np.full((len(places), length + 1), -np.inf)
        best[:, 0] = 0.0
        for end in range(1, length + 1):
            spans = np.arange(1, min(longest, end) + 1)
            best[:, end] = (best[:, end - spans] + arcs[:, end - spans, spans - 1]).max(axis=1, initial=-np.inf)
        found[here[places]] = best[:, length]
    return found
