"""What a table is made of, and what writes it block by block: nothing is gathered, however many rows there are."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import rendering

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from lmkit.engine.phrases import Column


@dataclass(frozen=True, eq=False)
class Cells:
    """A column of a block of rows: what it holds, and how pipes and JSON have it where that says more or less."""

    values: "Column"  # numbers (NumPy), texts (Arrow, maybe dictionary-encoded, maybe null), phrases
    plain: "Column | None" = None  # texts, or whole numbers
    json: "pa.Array[Any] | None" = None  # texts that are JSON values
    decimals: int | None = None  # of numbers, in pipes; None: all

    def as_plain(self) -> "Column":
        """As pipes have it where no form is asked for."""
        if self.plain is not None:
            return self.plain
        if self.decimals is None or self.values.dtype.kind in "iu":
            return rendering.column(self.values, as_json=False)
        return rendering.number_column(self.values, as_json=False, decimals=self.decimals)

    def as_json(self) -> "Column":
        """As texts that are JSON values."""
        return rendering.column(self.values, as_json=True) if self.json is None else self.json


class TableWriter(ABC):
    """What writes a table to standard output, in one form."""

    @abstractmethod
    def begin(self, names: Sequence[str]) -> None:
        """The columns are called so."""

    @abstractmethod
    def prepared(self, columns: Sequence[Cells]) -> Any:
        """What `put` writes of a block of rows, of which there is a column for each name: made on any thread."""

    @abstractmethod
    def put(self, prepared: Any) -> None:
        """Write a block of rows."""

    def write(self, columns: Sequence[Cells]) -> None:
        """Write a block of rows that was not prepared."""
        self.put(self.prepared(columns))

    @abstractmethod
    def end(self) -> None:
        """Write what stands behind the last row."""


def number_cells(values: "NDArray[Any]") -> Cells:
    """Numbers or truth values, which pipes get with a few decimals."""
    return Cells(values, decimals=rendering.DECIMALS)


def word_cells(words: Sequence[str], places: "NDArray[Any]") -> Cells:
    """(places,) words, of a list of distinct ones."""
    import pyarrow as pa

    from lmkit.engine.arrow import texts_to_arrow, to_arrow

    return Cells(pa.DictionaryArray.from_arrays(to_arrow(places), texts_to_arrow(list(words))))


def typed(cells: Cells) -> "pa.Array[Any]":
    """The values as Arrow has them: whole numbers of 64 bits, floats of 64 bits where null is what is undefined, truth values, texts."""
    import numpy as np
    import pyarrow as pa

    from lmkit.engine.arrow import to_arrow
    from lmkit.engine.files.table_files import decoded
    from lmkit.engine.kernels import call_arrow

    values = cells.values
    if isinstance(values, np.ndarray):
        wide = values.dtype.kind in "iu" and values.dtype != np.uint64
        values = to_arrow(values.astype(np.int64) if wide else values)
    if not (isinstance(values, pa.Array) and pa.types.is_primitive(values.type)):
        return decoded(values)
    if not pa.types.is_floating(values.type):
        return values
    doubles = call_arrow("cast", values, target_type=pa.float64())
    return call_arrow("if_else", call_arrow("is_nan", doubles), pa.nulls(len(values), pa.float64()), doubles)
