"""The figures of all records of a text, in a temporary file, between the pass that measures and the one that writes."""

import tempfile
from contextlib import AbstractContextManager
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.errors import DataError
from lmkit.filtering.measuring import Measured
from lmkit.scoring.records import RecordFigures

COLUMNS = [each.name for each in fields(RecordFigures)]
ROW = np.dtype(
    [(name, np.float64 if name == "log10_probs" else np.int64) for name in COLUMNS]
    + [("ranks", np.float64), ("differences", np.float64)]
)


class MeasuredStore(AbstractContextManager["MeasuredStore"]):
    """Figures in the order of the records; in memory is what they are ranked by."""

    def __init__(self, resources: Resources) -> None:
        self._file = tempfile.TemporaryFile(dir=resources.tmp, prefix="lmkit-")  # noqa: SIM115 (closed by __exit__)
        self._folder = resources.folder
        self._ranks: list[NDArray[np.float64]] = []
        self._differ = False

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, measured: Measured) -> None:
        """Take in the next records. DataError if the disk is full."""
        rows = np.empty(len(measured.figures), ROW)
        for name in COLUMNS:
            rows[name] = getattr(measured.figures, name)
        self._differ = measured.differences is not None
        rows["differences"] = measured.differences if measured.differences is not None else np.nan
        rows["ranks"] = measured.ranks
        try:
            self._file.write(rows.tobytes())
        except OSError as error:
            raise DataError(
                f"the figures of the records are kept in {self._folder}: {error.strerror}.",
                "Name a folder on a larger disk with --tmp.",
            ) from None
        self._ranks.append(measured.ranks)

    def ranks(self) -> NDArray[np.float64]:
        """(records,) what all are ranked by; NaN where there is no sentence."""
        return np.concatenate(self._ranks) if self._ranks else np.zeros(0)

    def rewind(self) -> None:
        """Begin anew at the first record."""
        self._file.flush()
        self._file.seek(0)

    def take(self, number: int, source: str) -> Measured:
        """The figures of the next records. DataError if there are not so many: the texts have changed."""
        data = self._file.read(number * ROW.itemsize)
        rows: NDArray[Any] = np.frombuffer(data, ROW)
        if len(rows) != number:
            raise changed(source)
        figures = RecordFigures(*(np.ascontiguousarray(rows[name]) for name in COLUMNS))
        return Measured(figures, np.ascontiguousarray(rows["differences"]) if self._differ else None)

    def finish(self, source: str) -> None:
        """DataError if there are records left."""
        if self._file.read(1):
            raise changed(source)


def changed(source: str) -> DataError:
    """The error for texts that are others when they are read again."""
    return DataError(f"{source} has changed while it was read.", "Run the command again when nothing writes to it.")
