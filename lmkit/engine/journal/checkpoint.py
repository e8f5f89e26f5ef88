"""The state that a training goes on from: the last one, which takes the place of the one before."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from lmkit.engine.journal.journal import part_of_job
from lmkit.engine.journal.pieces import Arrays, Piece, Pieces
from lmkit.errors import DataError

SHARES = 16  # of a training: after each, its state is kept
STATE = "state"


class Checkpoint:
    """How far a training of the job under way has come."""

    def __init__(self, pieces: Pieces, made_of: str) -> None:
        """made_of: what tells whether the training would be another one, beside the settings of the job."""
        self._pieces, self._made_of, self._share = pieces, made_of, 0.0

    def find(self) -> Piece | None:
        """The state, whose arrays are mapped; None if there is none. DataError if it is that of a training on something else."""
        piece = self._pieces.find(STATE)
        if piece is None:
            return None
        if piece.said["made_of"] != self._made_of:
            raise DataError(
                f"{self._pieces.inputs or 'the text'}: changed since the training began.",
                f"Bring it back, or remove {self._pieces.folder} to begin anew.",
            )
        self._share = float(piece.said["share"])
        return piece

    def is_due(self, share: float) -> bool:
        """Whether the state is to be kept, so much of the training being done."""
        return share - self._share >= 1 / SHARES

    def keep(self, share: float, arrays: Arrays, said: Mapping[str, Any]) -> None:
        """Keep a state. DataError as for pieces."""
        self._pieces.keep(STATE, arrays, {**said, "share": share, "made_of": self._made_of})
        self._share = share


def checkpoint(name: str, made_of: Iterable[Any]) -> Checkpoint | None:
    """The checkpoint of the next part of the job under way; None where nothing is kept.

    made_of: bytes, texts and arrays that tell trainings apart; they are looked at only where something is kept.
    """
    pieces = part_of_job(name)
    if pieces is None:
        return None
    found = sha256()
    for each in made_of:
        found.update(each.encode() if isinstance(each, str) else each)
    return Checkpoint(pieces, found.hexdigest())
