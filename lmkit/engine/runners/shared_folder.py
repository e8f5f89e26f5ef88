"""The folder through which messages go, where an engine works on other machines: all of them read and write it."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lmkit.engine.files.run_folders import run_folder
from lmkit.engine.runners.protocol import Message
from lmkit.engine.runners.rows import packed_rows, schema
from lmkit.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 16  # read at a time: each may be as large as a piece of a payload
PARQUET = ".parquet"
HADOOP = {"s3": "s3a"}  # names that Spark has for what Arrow calls otherwise


class SharedFolder:
    """A folder of its own in one that was named, for tables of messages by name."""

    def __init__(self, place: str) -> None:
        """place: a folder, or the URL of one, such as s3://bucket/folder. DataError where none can be made in it."""
        from pyarrow.fs import FileSystem

        name, self.place, self._opened = f"lmkit-{secrets.token_hex(6)}", place, ExitStack()
        scheme, is_url, rest = place.partition("://")
        try:
            if is_url:
                arrow = {hadoop: name for name, hadoop in HADOOP.items()}.get(scheme, scheme)
                self._files, root = FileSystem.from_uri(f"{arrow}://{rest}")
                self._url = f"{HADOOP.get(scheme, scheme)}://{rest.rstrip('/')}/{name}"
            else:
                own = self._opened.enter_context(run_folder(Path(place).resolve(), mode=0o777))
                root, name = str(own.parent), own.name
                self._files, root = FileSystem.from_uri(Path(root).as_uri())
                self._url = f"{Path(root).as_uri()}/{name}"
            self._path = f"{root.rstrip('/')}/{name}"
            self._files.create_dir(self._path)
        except (OSError, ValueError) as error:
            raise DataError(
                f"cannot make a folder for messages in {place}: {error}.", "Name another one with --spark-folder."
            ) from None

    def url(self, table: str) -> str:
        """A table, as Spark is told of it."""
        return f"{self._url}/{table}"

    def write(self, table: str, messages: Iterable[Message]) -> None:
        """Write a table of messages."""
        import pyarrow.parquet as pq

        self._files.create_dir(f"{self._path}/{table}")
        with (
            self._files.open_output_stream(f"{self._path}/{table}/given{PARQUET}") as stream,
            pq.ParquetWriter(stream, schema(), compression="none", use_dictionary=False) as writer,
        ):
            for message in messages:
                for rows in packed_rows(message):
                    writer.write_batch(rows)

    def read(self, table: str, columns: Sequence[str]) -> "Iterator[pa.RecordBatch]":
        """The rows of a table, if there is one, a few at a time."""
        import pyarrow.parquet as pq
        from pyarrow.fs import FileSelector

        selector = FileSelector(f"{self._path}/{table}", recursive=True, allow_not_found=True)
        for path in sorted(info.path for info in self._files.get_file_info(selector) if info.path.endswith(PARQUET)):
            with self._files.open_input_file(path) as stream, pq.ParquetFile(stream) as file:
                yield from file.iter_batches(ROWS, columns=list(columns), use_threads=False)

    def remove(self, table: str = "") -> None:
        """Remove a table, or the folder; what is gone already is no error."""
        with suppress(OSError):
            self._files.delete_dir(f"{self._path}/{table}")
        if not table:
            self._opened.close()
