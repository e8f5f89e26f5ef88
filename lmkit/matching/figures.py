"""The figures of matches: of all the test texts, and of each of their sentences or records."""

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import UsageError
from lmkit.matching.found import MINIMUM, Matches
from lmkit.one_line import one_line
from lmkit.scoring.result import Result
from lmkit.signature import signature

CLASSES = (*range(10), 10, 13, 20, 30, 50, 100, 1000)  # of lengths, each from here to before the next


@one_line
@dataclass(frozen=True)
class MatchFigures(Result):
    """How much of a text stands in another."""

    tokens: int  # of the test texts, without marks of sentences
    sentences: int
    train_tokens: int
    min_length: int  # of matches that count
    matches: int  # of at least so many tokens, each part of no longer one
    covered_tokens: int  # that are part of one of these
    covered_share: float  # of the tokens
    sentences_with_matches: int  # that have a token of one
    mean_length: float  # of the longest match that ends in a token, 0 where there is none
    lengths: dict[str, int]  # of the same: how many tokens have one so long
    longest: dict[str, Any] | None  # of all: length, count, text, test, train
    signature: str


@dataclass(frozen=True, eq=False)
class SpanFigures:
    """The same of consecutive tokens, one array (spans,) each."""

    tokens: NDArray[np.int64]
    covered_shares: NDArray[np.float64]  # NaN where there is no token
    lengths: NDArray[np.int64]  # of the longest match that ends within; 0: there is none
    ends: NDArray[np.int64]  # the token in which that one ends; -1: there is none


def match_figures(matches: Matches, minimum: int = MINIMUM) -> MatchFigures:
    """How much of the test texts is part of matches of at least so many tokens. UsageError if that is not 1 or more."""
    check_minimum(minimum)
    covered = matches.covered(minimum)
    number = int(np.count_nonzero(covered))
    starts = matches.sentence_bounds[:-1]
    longest = matches.longest()
    return MatchFigures(
        tokens=len(matches),
        sentences=matches.sentences,
        train_tokens=matches.train_tokens,
        min_length=minimum,
        matches=len(matches.ends(minimum)),
        covered_tokens=number,
        covered_share=number / len(matches) if len(matches) else float("nan"),
        sentences_with_matches=int(np.count_nonzero(np.logical_or.reduceat(covered, starts))) if len(starts) else 0,
        mean_length=float(matches.lengths.mean(dtype=np.float64)) if len(matches) else float("nan"),
        lengths=by_class(matches.lengths),
        longest=None if longest is None else asdict(longest),
        signature=signature(
            {"min-length": minimum, "across-lines": matches.across_lines} | matches.settings.for_signature()
        ),
    )


def check_minimum(minimum: int) -> None:
    """UsageError for a number of tokens that no match has."""
    if minimum < 1:
        raise UsageError(f"matches of at least {minimum} tokens were asked for; it must be 1 or more.")


def by_class(lengths: NDArray[np.int32]) -> dict[str, int]:
    """How many lengths are in each of the classes, up to the last that has any."""
    numbers = np.bincount(np.searchsorted(CLASSES, lengths, "right") - 1, minlength=1).tolist()
    names = [str(first) if last == first + 1 else f"{first}-{last - 1}" for first, last in pairwise(CLASSES)]
    return dict(zip([*names, f"{CLASSES[-1]}+"], numbers, strict=False))


def span_figures(matches: Matches, covered: NDArray[np.bool_], bounds: NDArray[np.int64]) -> SpanFigures:
    """The figures of consecutive spans of tokens. covered: (tokens,); bounds: (spans + 1,) where each begins, and the end of the last."""
    first, last = int(bounds[0]), int(bounds[-1])
    lengths, bounds = matches.lengths[first:last], bounds - first
    tokens = np.diff(bounds)
    filled = np.flatnonzero(tokens)
    longest, ends = np.zeros(len(tokens), np.int64), np.full(len(tokens), -1)
    shares = np.full(len(tokens), np.nan)
    if len(filled):
        starts = bounds[filled]
        longest[filled] = np.maximum.reduceat(lengths, starts)
        shares[filled] = np.add.reduceat(covered[first:last], starts, dtype=np.int64) / tokens[filled]
        best = np.flatnonzero((lengths == np.repeat(longest, tokens)) & (lengths > 0))
        spans = np.searchsorted(bounds, best, "right") - 1
        ends[spans[::-1]] = best[::-1] + first  # the first of equals is entered last
    return SpanFigures(tokens, shares, longest, ends)
