"""The figures of all records of a text, in a temporary file, between the pass that measures and the one that writes."""

import tempfile
from contextlib import AbstractContextManager
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.in_use import changed_meanwhile
from lmkit.engine.memory import let_go, writing_to
from lmkit.engine.resources import Resources
from lmkit.filtering.measuring import Measured
from lmkit.scoring.records import RecordFigures

COLUMNS = [(each.name, np.float64 if each.name == "log10_probs" else np.int64) for each in fields(RecordFigures)]
FIGURES = np.dtype(COLUMNS)
KEPT = "the figures of the records are"  # in a folder, for a message


class MeasuredStore(AbstractContextManager["MeasuredStore"]):
    """Figures in the order of the records; in memory is what they are ranked by."""

    def __init__(self, resources: Resources) -> None:
        self._folder = resources.folder
        with writing_to(self._folder, KEPT):
            self._file = tempfile.TemporaryFile(dir=resources.tmp, prefix="lmkit-")  # noqa: SIM115 (closed by __exit__)
        self._ranks: list[NDArray[np.float64]] = []
        self._row = np.dtype([])  # what is kept of each record

    def __exit__(self, *_: object) -> None:
        let_go(self._file)

    def add(self, measured: Measured) -> None:
        """Take in the next records. DataError if the disk is full."""
        parts = {"figures": measured.figures, "other": measured.other}
        kept: list[Any] = [(name, FIGURES) for name, figures in parts.items() if figures is not None]
        if measured.differences is not None:
            kept.append(("differences", np.float64))
        self._row = np.dtype(kept)
        rows = np.empty(len(measured.figures), self._row)
        for name, figures in parts.items():
            if figures is not None:
                for column, _ in COLUMNS:
                    rows[name][column] = getattr(figures, column)
        if measured.differences is not None:
            rows["differences"] = measured.differences
        with writing_to(self._folder, KEPT):
            self._file.write(rows.tobytes())
        self._ranks.append(measured.ranks)

    def ranks(self) -> NDArray[np.float64]:
        """(records,) what all are ranked by; NaN where there is no sentence."""
        return np.concatenate(self._ranks) if self._ranks else np.zeros(0)

    def rewind(self) -> None:
        """Begin anew at the first record. DataError if the disk is full."""
        with writing_to(self._folder, KEPT):
            self._file.flush()
        self._file.seek(0)

    def take(self, number: int, source: str) -> Measured:
        """The figures of the next records. DataError if there are not so many: the texts have changed."""
        data = self._file.read(number * self._row.itemsize)
        if not self._row.names or len(data) != number * self._row.itemsize:
            raise changed_meanwhile(source)
        rows: NDArray[Any] = np.frombuffer(data, self._row)
        names = self._row.names
        found = {name: figures_in(rows[name]) for name in ("figures", "other") if name in names}
        differences = np.ascontiguousarray(rows["differences"]) if "differences" in names else None
        return Measured(found["figures"], differences, found.get("other"))

    def finish(self, source: str) -> None:
        """DataError if there are records left."""
        if self._file.read(1):
            raise changed_meanwhile(source)


def figures_in(rows: NDArray[Any]) -> RecordFigures:
    """The figures of rows."""
    return RecordFigures(*(np.ascontiguousarray(rows[name]) for name, _ in COLUMNS))
