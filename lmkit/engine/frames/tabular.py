"""Values that are tables, for whatever works with tables: Arrow, pandas, Polars, DuckDB, notebooks."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from lmkit.engine.arrow import texts_to_arrow, to_arrow
from lmkit.engine.frames.html import html_table
from lmkit.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

Columns = Mapping[str, Any]  # by name: numbers (rows,) of NumPy, or texts as a list or of Arrow
SHOWN = 10  # rows in a notebook


class Tabular:
    """A value with rows and columns."""

    def columns(self, first: int | None = None) -> Columns:
        """The columns of its table by name, each (rows,): numbers of NumPy, texts as lists or of Arrow. first: only so many rows."""
        raise NotImplementedError

    def to_arrow(self) -> "pa.Table":
        """The table as Arrow has it."""
        return table_of(self.columns())

    def to_pandas(self) -> Any:
        """The table as a `pandas.DataFrame`. DataError where pandas is not installed."""
        if find_spec("pandas") is None:
            raise DataError(
                "data frames are made by pandas, which is not installed.",
                "Install it with: pip install pandas. Without it, to_arrow() gives the same table.",
            )
        return self.to_arrow().to_pandas()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The table for any library that takes Arrow's streams, as `polars.DataFrame(value)` does."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        """The first rows, as notebooks show them."""
        return html_table(repr(self), {name: plain(column) for name, column in self.columns(SHOWN + 1).items()}, SHOWN)


def table_of(columns: Columns) -> "pa.Table":
    """Columns as a table of Arrow's."""
    import pyarrow as pa

    return pa.table({name: arrow_column(column) for name, column in columns.items()})


def arrow_column(column: Any) -> "pa.Array[Any]":
    """A column as Arrow has it."""
    if isinstance(column, np.ndarray):
        return to_arrow(column)
    return texts_to_arrow(column) if isinstance(column, list | tuple) else column


def plain(column: Any) -> list[Any]:
    """A column as Python has it."""
    if isinstance(column, np.ndarray):
        found: list[Any] = column.tolist()
        return found
    return list(column) if isinstance(column, list | tuple) else list(column.to_pylist())
