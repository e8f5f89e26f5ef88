"""Tables with a row for each record: which record it is, and what is known of it."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import rendering

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from lmkit.text.records.block import RecordBlock

Columns = Mapping[str, "NDArray[Any] | Sequence[str | None]"]  # by name, (records,) each


class RecordRows:
    """A table that is printed block by block: a row for each record, be it without text; blank and bad lines are none."""

    def __init__(self, *, id_field: str | None, with_file: bool, as_json: bool) -> None:
        """id_field: that tells records apart (None: the number of their line, or row). with_file: they are of several files."""
        self._id_field, self.with_file, self.as_json = id_field, with_file, as_json
        self._header = not as_json
        self.number = 0  # of rows

    def write(self, block: "RecordBlock", columns: Columns) -> None:
        """Print the rows of a block, after a header if it is the first. UsageError or DataError where records lack the field."""
        import numpy as np

        from lmkit.text.records.block import BLANK

        places = np.flatnonzero(block.kinds < BLANK)
        shown: dict[str, Any] = {}
        if self.with_file:
            shown["file"] = rendering.word_column([block.source], np.zeros(len(places), np.int64), self.as_json)
        if self._id_field is None:
            shown["line"] = rendering.number_column(block.numbers[places], self.as_json)
        else:
            values = block.records.values(self._id_field)
            shown["id"] = id_column([values[place] for place in places.tolist()], self.as_json)
        shown |= {name: self.column(values, places) for name, values in columns.items()}
        if self._header:
            rendering.write_header(list(shown))
            self._header = False
        self.number += len(places)
        rendering.write_rows(list(shown), list(shown.values()), self.as_json)

    def column(self, values: "NDArray[Any] | Sequence[str | None]", places: "NDArray[Any]") -> "pa.Array[Any]":
        """(places,) the values there as they are printed; None is nothing, or null."""
        import numpy as np

        from lmkit.engine.arrow import texts_to_arrow

        if isinstance(values, np.ndarray):
            return rendering.number_column(values[places], self.as_json)
        chosen = [values[place] for place in places.tolist()]
        if self.as_json:
            return texts_to_arrow([json.dumps(value, ensure_ascii=False) for value in chosen])
        return texts_to_arrow([value or "" for value in chosen])


def id_column(values: Sequence[Any], as_json: bool) -> "pa.Array[Any]":
    """(records,) what a field holds that names them: as JSON, or as one cell."""
    from lmkit.engine.arrow import texts_to_arrow
    from lmkit.text.records.conversion import cell_of, json_of

    if as_json:
        return texts_to_arrow([json_of(value) for value in values])
    return texts_to_arrow([cell_of(value) for value in values])
