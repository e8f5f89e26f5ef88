"""Steps one after the other, each of which needs what the one before hands on: those that are finished are not taken again."""

from collections.abc import Callable, Sequence

from lmkit.engine.journal.pieces import Arrays, Piece, Pieces
from lmkit.engine.scratch import Scratch

HANDED_ON = "-handed-on"  # after the name of a step
Made = tuple[Arrays, Arrays]  # what a step gives to the whole, and what it hands on to the next step alone


class Steps:
    """The steps of a part of a job; without a journal, each is simply taken."""

    def __init__(self, pieces: Pieces | None, names: Sequence[str], scratch: Scratch, made_of: str = "") -> None:
        """names: of all steps, in order; made_of: what tells whether they were made of the same. scratch: as for `Pieces.find`."""
        self._pieces, self._names, self.scratch, self._made_of = pieces, list(names), scratch, made_of
        self._found = [] if pieces is None else self._finished(pieces)

    def step(self, name: str, take: Callable[[], Made]) -> Made:
        """What a step makes; what is handed on is empty if the next step is finished, too. Steps are asked for in order."""
        place = self._names.index(name)
        if place < len(self._found):
            found = self._found[place]
            self._found[place] = ({}, {})
            return found
        made = take()
        if self._pieces is None:
            return made
        return self._keep(self._pieces, place, made)

    def _keep(self, pieces: Pieces, place: int, made: Made) -> Made:
        """The same, kept; what the step was handed itself is of no use from then on."""
        name, (given, handed_on) = self._names[place], made
        handed_on = handed_on if place < len(self._names) - 1 else {}
        said = {"made_of": self._made_of, "hands_on": bool(handed_on)}
        if handed_on:  # first: a step is finished when both are there
            handed_on = pieces.keep(name + HANDED_ON, handed_on, said, self.scratch).arrays
        given = pieces.keep(name, given, said, self.scratch).arrays
        if place:
            pieces.forget(self._names[place - 1] + HANDED_ON)
        return given, handed_on

    def _finished(self, pieces: Pieces) -> list[Made]:
        """The steps that are finished, from the first on; the last of them with what it hands on."""
        found: list[Piece] = []
        for name in self._names:
            piece = pieces.find(name, self.scratch)
            if piece is None or piece.said["made_of"] != self._made_of:
                break
            found.append(piece)
        handed_on: Arrays = {}
        if found and len(found) < len(self._names) and found[-1].said["hands_on"]:
            last = pieces.find(self._names[len(found) - 1] + HANDED_ON, self.scratch)
            if last is None or last.said["made_of"] != self._made_of:
                found = []  # what earlier steps had handed on is not there any more
            else:
                handed_on = last.arrays
        pieces.forget(*self._names[len(found) :])
        return [(piece.arrays, handed_on if piece is found[-1] else {}) for piece in found]
