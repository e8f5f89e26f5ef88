"""Sweeps that go on after a kill: the parameters are kept at the start, and after parts of sweeps."""

from collections.abc import Callable

import numpy as np

from lmkit.engine.journal.checkpoint import Checkpoint
from lmkit.engine.journal.pieces import Piece
from lmkit.vectors.glove.alternating import Alternation
from lmkit.vectors.glove.descent import Descent
from lmkit.vectors.glove.parameters import PARTS, Parameters, State

SIDES = {"words": "word_squares", "contexts": "context_squares"}  # of parameters, and of their squared slopes, by name


class Way:
    """The way of parameters through so many sweeps."""

    def __init__(self, kept: Checkpoint | None, start: Callable[[], State], sweeps: int) -> None:
        """kept: None where nothing is kept; start: gives what training begins with, if it did not begin before."""
        self._kept = kept
        self._part = self._in_double = 0  # so far, of the sweep under way
        piece = None if kept is None else kept.find()
        self.state = start() if piece is None else self._found(piece)
        self._first = self.state.done if piece is None else int(piece.said["first"])
        self.last = self._first + sweeps  # the number of the last sweep
        if kept is not None and piece is None:
            self._keep(kept, self.state.squares, self._first)

    def sweep(self, number: int, method: Alternation | Descent) -> int:
        """Make a sweep, or what is left of it. Returns how many of its least squares took 64 bits."""
        for in_double in method.go_through(number, self._part):
            self._part += 1
            self._in_double += in_double
            if self._kept is not None and self._kept.is_due(self._share(number - 1)):
                self._keep(self._kept, method.squares, number - 1)
        in_double, self._part, self._in_double = self._in_double, 0, 0
        return in_double

    def _share(self, done: int) -> float:
        """How much of the way is behind, after so many sweeps."""
        return ((done - self._first) * PARTS + self._part) / ((self.last - self._first) * PARTS)

    def _keep(self, kept: Checkpoint, squares: Parameters | None, done: int) -> None:
        """Keep where the parameters are."""
        arrays = {side: getattr(self.state.parameters, side) for side in SIDES}
        if squares is not None:
            arrays |= {name: getattr(squares, side) for side, name in SIDES.items()}
        said = {"first": self._first, "done": done, "part": self._part, "in_double": self._in_double}
        kept.keep(self._share(done), arrays, said)

    def _found(self, piece: Piece) -> State:
        """The state that was kept."""
        self._part, self._in_double = int(piece.said["part"]), int(piece.said["in_double"])
        parameters, squares = (
            [np.array(piece.arrays[name]) for name in names if name in piece.arrays]
            for names in (SIDES, SIDES.values())
        )
        return State(Parameters(*parameters), Parameters(*squares) if squares else None, int(piece.said["done"]))
