"""A map laid out in a room of some size: where points and labels stand, and for which words there was no room."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.plots.vectors.placement import Boxes, Room, place_labels
from lmkit.plots.vectors.word_map import WordMap

FAR = 1.5  # gaps from a point, from which on a thin line leads to its label
NAMED = 50  # words without a label, in a message
LINE_PARTS = 100  # into which the line of a pair is cut, to see which labels it crosses


@dataclass(frozen=True, eq=False)
class Layout:
    """Points and labels in a room; (0, 0) is its lower left corner."""

    points: NDArray[np.float64]  # (words, 2)
    boxes: Boxes  # (words, 4) of the labels; NaN: left out

    def left_out(self) -> list[int]:
        """The places of the words whose labels found no room."""
        found: list[int] = np.flatnonzero(np.isnan(self.boxes[:, 0])).tolist()
        return found

    def leads(self, room: Room) -> list[NDArray[np.float64] | None]:
        """For each label that stands far from its point, where a line to it ends; None: no such line."""
        nearest = self.points.clip(self.boxes[:, :2], self.boxes[:, 2:])
        far = ((nearest - self.points) ** 2).sum(axis=1) > 2 * (FAR * room.gap) ** 2  # not so where there is no box
        return [end if is_far else None for end, is_far in zip(nearest, far.tolist(), strict=True)]


def laid_out(word_map: WordMap, room: Room, size_of: Callable[[str], tuple[float, float]]) -> Layout:
    """The map in a room. size_of: width and height of a label."""
    (left, right), (bottom, top) = word_map.ranges(room.width, room.height * (room.cell_height or 1.0))
    size = np.array([room.width, room.height])
    points = (word_map.points - (left, bottom)) / (right - left, top - bottom) * size
    if room.cell_height is not None:
        points = np.floor(points).clip(0, size - 1) + 0.5
    sizes = np.array([size_of(word) for word in word_map.shown()], np.float64)
    return Layout(points, place_labels(points, sizes, room, along_pairs(word_map, points)))


def along_pairs(word_map: WordMap, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(places, 2) along the lines of the pairs, so many that no label fits between two of them."""
    parts = np.linspace(0, 1, LINE_PARTS)[:, None]
    lines = [points[start] + parts * (points[end] - points[start]) for start, end in word_map.pairs]
    return np.concatenate([np.zeros((0, 2)), *lines])


def left_out_text(word_map: WordMap, places: list[int]) -> str:
    """What is said of words without a label; the first of them are named."""
    named = ", ".join(word_map.shown()[place] for place in places[:NAMED])
    others = f" and {len(places) - NAMED:,} more" if len(places) > NAMED else ""
    return f"no room for {len(places):,} of {len(word_map.words):,} labels: {named}{others}"
