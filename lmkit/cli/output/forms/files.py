"""Tables in the formats of files, on standard output: CSV and Parquet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.forms.protocol import Cells, TableWriter, typed

if TYPE_CHECKING:
    import pyarrow as pa


class Csv(TableWriter):
    """CSV with a header line: texts are in quotes, as RFC 4180 has them; what is undefined is empty, without quotes."""

    def begin(self, names: Sequence[str]) -> None:
        """See `TableWriter`."""
        from lmkit.engine.files.table_files import csv_header

        self._names = names
        rendering.write_text(csv_header(names))

    def prepared(self, columns: Sequence[Cells]) -> memoryview:
        """See `TableWriter`."""
        from lmkit.engine.files.table_files import csv_rows

        return csv_rows(batch_of(self._names, columns))

    def put(self, prepared: memoryview) -> None:
        """See `TableWriter`."""
        rendering.write_text(prepared)

    def end(self) -> None:
        """Nothing stands behind the rows."""


class Parquet(TableWriter):
    """Parquet: the first block says what the types of the columns are."""

    _file: Any = None

    def begin(self, names: Sequence[str]) -> None:
        """See `TableWriter`."""
        self._names = names

    def prepared(self, columns: Sequence[Cells]) -> "pa.RecordBatch":
        """See `TableWriter`."""
        return batch_of(self._names, columns)

    def put(self, prepared: "pa.RecordBatch") -> None:
        """See `TableWriter`."""
        from pyarrow import parquet

        if self._file is None:
            self._file = parquet.ParquetWriter(standard_output.stream(), prepared.schema)
        self._file.write_batch(prepared)

    def end(self) -> None:
        """The footer, without which it is no Parquet; of a table without rows, the names of its columns, too."""
        import pyarrow as pa

        if self._file is None:
            self.put(pa.record_batch([pa.nulls(0) for _ in self._names], names=list(self._names)))
        self._file.close()


def batch_of(names: Sequence[str], columns: Sequence[Cells]) -> "pa.RecordBatch":
    """The columns as Arrow has them."""
    import pyarrow as pa

    return pa.record_batch(list(map(typed, columns)), names=list(names))
