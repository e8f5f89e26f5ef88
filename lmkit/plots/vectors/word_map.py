"""A map of words: where each stands, which are drawn as pairs, what the axes are; how it is shown is for others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.wording import numbered
from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line
from lmkit.plots.drawn import Drawn
from lmkit.plots.plot import Axis, Curve, Plot, range_of
from lmkit.plots.vectors.projection import Method, neighbour_embedding, principal_components
from lmkit.plots.words import places_in, printed
from lmkit.vectors.word_vectors import WordVectors

TOP = 50  # words shown if none are named
MARGIN = 0.06  # of the range beside the outermost points, for their labels
LEAST_WORDS = 2


@one_line
@dataclass(frozen=True, eq=False)
class WordMap(Drawn):
    """Words as points, and pairs of them as lines."""

    title: str
    words: tuple[str, ...]  # in order of importance: whose labels find room first
    points: NDArray[np.float64]  # (words, 2)
    pairs: tuple[tuple[int, int], ...]  # places of words; a line goes from the first to the second
    labels: tuple[str, str]  # of the axes
    signature: str

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{self.title}: {len(self.words)} words, {len(self.pairs)} pairs"

    def paired(self) -> set[int]:
        """The places of words that stand in pairs."""
        return {word for pair in self.pairs for word in pair}

    def shown(self) -> list[str]:
        """The words as they are drawn."""
        return list(map(printed, self.words))

    def ranges(self, width: float, height: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """What the axes show in a room of this size: all points, with a margin, in the same scale on both."""
        lows, highs = np.array([range_of([side], logarithmic=False) for side in self.points.T]).T
        spans = (highs - lows) * (1 + 2 * MARGIN)
        scale = max(spans / (width, height))
        middles, halves = (lows + highs) / 2, np.array([width, height]) * scale / 2
        (left, right), (bottom, top) = np.stack([middles - halves, middles + halves], axis=1).tolist()
        return (left, right), (bottom, top)

    def plot(self) -> Plot:
        """The map as lines through points, which is what its data are: a line for each pair, and the words without one by themselves."""
        paired = self.paired()
        alone = [place for place in range(len(self.words)) if place not in paired]
        curves = [self._curve(f"{self.words[a]}:{self.words[b]}", [a, b]) for a, b in self.pairs]
        curves += [self._curve(None, alone)] if alone else []
        x, y = self.labels
        return Plot("words", self.title, Axis("x", x), Axis("y", y), tuple(curves))

    def _curve(self, pair: str | None, places: list[int]) -> Curve:
        """The words in these places."""
        about: dict[str, Any] = ({"pair": pair} if self.pairs else {}) | {"signature": self.signature}
        x, y = self.points[places].T
        return Curve(pair or "words", about, {"word": [self.words[place] for place in places], "x": x, "y": y})


def word_map(
    vectors: WordVectors,
    words: Sequence[str] = (),
    *,
    top: int | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    unit_length: bool = False,
    projection: Method = "pca",
    title: str | None = None,
) -> WordMap:
    """The map of some words of these vectors, projected on two dimensions that are found for these words alone.

    words: those named; top: and so many of the first, which are the most frequent ones in files of vectors (default: 50 if none
    are named); pairs: relations, whose words are shown, too. unit_length: of vectors that are made as long as each other, so that
    angles count, as they do for cosine. projection: pca (principal components) or tsne, which needs
    scikit-learn. UsageError for fewer than two words; DataError for words that have no vector.
    """
    named = [*(word for pair in pairs for word in pair), *words]
    if top is None:
        top = 0 if named else TOP
    if top < 0:
        raise UsageError(f"the {top} most frequent words were asked for; it must be 0 or more.")
    places = places_in(vectors.words, named)
    places = list(dict.fromkeys([*places, *range(min(top, len(vectors)))]))
    if len(places) < LEAST_WORDS:
        raise UsageError(f"a map of {numbered(len(places), 'word')} shows nothing.", "Name two words or more.")
    listed = vectors.words.words
    shown = tuple(listed[place].decode(errors="replace") for place in places)
    rows: NDArray[np.floating] = vectors.matrix[places]
    if not np.isfinite(rows).all():
        broken = shown[int((~np.isfinite(rows)).any(axis=1).argmax())]
        raise DataError(
            f"the vector of {broken!r} has a coordinate that is no number, or infinite.", "Make the vectors again."
        )
    if unit_length:
        rows = of_unit_length(rows, shown)
    found = principal_components(rows) if projection == "pca" else neighbour_embedding(rows)
    number = {word: place for place, word in enumerate(shown)}
    made = vectors.signature(({"unit_length": True} if unit_length else {}) | found.settings)
    return WordMap(
        title=title or f"{len(shown)} words in two of {vectors.dimensions} dimensions",
        words=shown,
        points=found.points,
        pairs=tuple((number[a], number[b]) for a, b in pairs),
        labels=found.labels,
        signature=made,
    )


def of_unit_length(rows: NDArray[np.floating], words: Sequence[str]) -> NDArray[np.float64]:
    """(rows, dimensions) the same directions at length 1. DataError for a vector of zeros, which has none."""
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    if not lengths.all():
        raise DataError(
            f"the vector of {words[int((lengths == 0).argmax())]!r} is all zeros: it has no direction.",
            "Leave the word out, or --unit-length.",
        )
    return np.asarray(rows / lengths[:, None], np.float64)
