"""Tables with a row for each record: which record it is, and what is known of it."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from lmkit.cli.output.forms.protocol import Cells, number_cells, word_cells
from lmkit.cli.output.forms.registry import Form, table_writer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lmkit.cli.output.forms.protocol import TableWriter
    from lmkit.text.records.block import RecordBlock

Columns = Mapping[str, "NDArray[Any] | Sequence[str | None]"]  # by name, (records,) each


class RecordRows:
    """A table that is printed block by block: a row for each record, be it without text; blank and bad lines are none."""

    def __init__(self, *, id_field: str | None, with_file: bool, form: Form) -> None:
        """id_field: that tells records apart (None: the number of their line, or row). with_file: they are of several files."""
        self._id_field, self.with_file, self.form = id_field, with_file, form
        self._opened = ExitStack()
        self._table: TableWriter | None = None
        self.number = 0  # of rows

    def write(self, block: "RecordBlock", columns: Columns) -> None:
        """Print the rows of a block, after a header if it is the first. UsageError or DataError where records lack the field."""
        import numpy as np

        from lmkit.text.records.block import BLANK

        places = np.flatnonzero(block.kinds < BLANK)
        shown: dict[str, Cells] = {}
        if self.with_file:
            shown["file"] = word_cells([block.source], np.zeros(len(places), np.int64))
        if self._id_field is None:
            shown["line"] = number_cells(block.numbers[places])
        else:
            values = block.records.values(self._id_field)
            shown["id"] = id_cells([values[place] for place in places.tolist()])
        shown |= {name: chosen(values, places) for name, values in columns.items()}
        self.number += len(places)
        self.write_cells(shown)

    def write_cells(self, columns: Mapping[str, Cells]) -> None:
        """Print a block of rows, after a header if it is the first."""
        if self._table is None:
            self._table = self._opened.enter_context(table_writer(self.form))
            self._table.begin(list(columns))
        self._table.write(list(columns.values()))

    def end(self) -> None:
        """Print what stands behind the last row."""
        self._opened.close()


def chosen(values: "NDArray[Any] | Sequence[str | None]", places: "NDArray[Any]") -> Cells:
    """(places,) the values there; None is nothing."""
    import numpy as np

    from lmkit.engine.arrow import texts_to_arrow

    if isinstance(values, np.ndarray):
        return number_cells(values[places])
    texts = [values[place] for place in places.tolist()]
    as_json = texts_to_arrow([json.dumps(value, ensure_ascii=False) for value in texts])
    return Cells(texts_to_arrow([value or "" for value in texts]), json=as_json)


def id_cells(values: Sequence[Any]) -> Cells:
    """(records,) what a field holds that names them: as one cell, or as JSON."""
    from lmkit.engine.arrow import texts_to_arrow
    from lmkit.text.records.conversion import cell_of, json_of

    return Cells(
        texts_to_arrow([cell_of(value) for value in values]), json=texts_to_arrow([json_of(value) for value in values])
    )
