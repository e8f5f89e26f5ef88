"""Labels beside their points: no two of them overlap, and those for which there is no room are left out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Where a label may stand, in order of preference: the direction from its point to its middle, in halves of label and point.
DIRECTIONS = np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)], np.float64)
EDGE = 1e-9  # what is nearer than that touches
NEAR = 0.6  # gaps from a label, within which a point of another looks as if it were its own
Boxes = NDArray[np.float64]  # (boxes, 4) left, bottom, right, top


@dataclass(frozen=True)
class Room:
    """Where points and labels may stand."""

    width: float
    height: float
    gap: float  # between the middle of a point and its label
    reach: tuple[float, ...] = (1.0,)  # multiples of the gap that are tried, one after the other
    most_covered: int = 1  # points of others that a label hides
    cell_height: float | None = None  # of characters, which are 1 wide, and in whose middles points stand


def place_labels(
    points: NDArray[np.float64], sizes: NDArray[np.float64], room: Room, drawn: NDArray[np.float64]
) -> Boxes:
    """(labels, 4) the box of each label, which overlaps no other and does not leave the room; NaN: left out, as there was no place.

    points: (labels, 2) what each belongs to, in order of importance. sizes: (labels, 2) widths and heights. drawn: (places, 2) of what
    is drawn besides. Where a label can stand in several places, it covers as few points as can be, then as little of what is drawn;
    its own point never, and of others no more than the room says. Points that it nearly touches count as covered.
    """
    boxes: Boxes = np.full((len(sizes), 4), np.nan)
    taken = np.empty((0, 4))
    for number, (point, size) in enumerate(zip(points, sizes, strict=True)):
        candidates = places_beside(point, size, room)
        low, high = candidates[:, :2].min(axis=0) - room.gap, candidates[:, 2:].max(axis=0) + room.gap
        near = points[((points >= low) & (points <= high)).all(axis=1)]
        covered = inside(near, candidates + np.array([-1, -1, 1, 1]) * room.gap * NEAR).sum(axis=1)
        free = ~overlap(candidates, taken).any(axis=1) & (covered <= room.most_covered)
        free &= (candidates[:, :2] >= 0).all(axis=1) & (candidates[:, 2:] <= (room.width, room.height)).all(axis=1)
        if not free.any():
            continue
        costs = (covered + inside(drawn, candidates).mean(axis=1) if len(drawn) else covered)[free]
        boxes[number] = candidates[free][costs.argmin()]  # the first of those that cover least
        taken = np.vstack([taken, boxes[number]])
    return boxes


def places_beside(point: NDArray[np.float64], size: NDArray[np.float64], room: Room) -> Boxes:
    """(places, 4) where the label of a point may stand, the best place first."""
    half = size / 2
    middles = np.concatenate([point + DIRECTIONS * (half + room.gap * reach) for reach in room.reach])
    return np.hstack([middles - half, middles + half])


def overlap(first: Boxes, second: Boxes) -> NDArray[np.bool_]:
    """(first, second) which boxes have more than an edge in common."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    return np.asarray((high - low > EDGE).all(axis=2))


def inside(points: NDArray[np.float64], boxes: Boxes) -> NDArray[np.bool_]:
    """(boxes, points) which points are in which boxes."""
    above, below = points[None] > boxes[:, None, :2] - EDGE, points[None] < boxes[:, None, 2:] + EDGE
    return np.asarray((above & below).all(axis=2))
