"""Tables as lines of text, for pipes and programs: what pipes always got, TSV, JSON lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import rendering
from lmkit.cli.output.forms.protocol import Cells, TableWriter, typed

if TYPE_CHECKING:
    from lmkit.engine.phrases import Column


class Plain(TableWriter):
    """Tabs between the columns, numbers of seven decimals, a header line where there was one before."""

    def begin(self, names: Sequence[str]) -> None:
        """See `TableWriter`."""
        rendering.write_header(names)

    def prepared(self, columns: Sequence[Cells]) -> memoryview:
        """See `TableWriter`."""
        return rendering.rows_of((), [column.as_plain() for column in columns], as_json=False)

    def put(self, prepared: memoryview) -> None:
        """See `TableWriter`."""
        rendering.write_text(prepared)

    def end(self) -> None:
        """Nothing stands behind the rows."""


class Tsv(Plain):
    """TSV as files of that suffix have it: no quotes, all digits; tabs and line ends within a text are written out. What is undefined is empty."""

    def prepared(self, columns: Sequence[Cells]) -> memoryview:
        """See `TableWriter`."""
        return rendering.rows_of((), list(map(as_text, columns)), as_json=False)


class JsonLines(Plain):
    """An object a row."""

    def begin(self, names: Sequence[str]) -> None:
        """See `TableWriter`."""
        self._names = names

    def prepared(self, columns: Sequence[Cells]) -> memoryview:
        """See `TableWriter`."""
        return rendering.rows_of(self._names, [column.as_json() for column in columns], as_json=True)


def as_text(cells: Cells) -> "Column":
    """A column as TSV has it."""
    import numpy as np
    import pyarrow as pa

    from lmkit.engine.arrow import text_to_arrow
    from lmkit.engine.columns import as_texts
    from lmkit.engine.kernels import call_arrow
    from lmkit.engine.phrases import Phrases

    values: Any = cells.values
    if isinstance(values, Phrases) or (isinstance(values, np.ndarray) and values.dtype.kind in "iu"):
        return values
    if isinstance(values, pa.DictionaryArray) and not values.null_count and not values.dictionary.null_count:
        return values
    return call_arrow("coalesce", as_texts(typed(cells)), text_to_arrow(""))
