"""The folder through which messages go, where an engine works on other machines: all of them read and write it."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmkit.engine.files.run_folders import run_folder
from lmkit.engine.remote.names import STORES, options_in, shown
from lmkit.engine.remote.store_errors import failed
from lmkit.engine.runners.protocol import Message
from lmkit.engine.runners.rows import packed_rows, schema
from lmkit.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 16  # read at a time: each may be as large as a piece of a payload
PARQUET = ".parquet"
HADOOP = {"s3": "s3a"}  # names that Spark has for what Arrow calls otherwise
HIDDEN = (
    "_",
    ".",
)  # what the names of files begin with that are no part of a table, such as those of work that was given up


class SharedFolder:
    """A folder of its own in one that was named, for tables of messages by name."""

    def __init__(self, place: str) -> None:
        """place: a folder, or the URL of one, such as s3://bucket/folder. DataError where none can be made in it."""
        self.place, self._opened = shown(place), ExitStack()
        with self._told("make a folder for messages in"):
            if "://" in place:
                name = f"lmkit-{secrets.token_hex(6)}"
            else:  # what killed runs have left is removed there
                own = self._opened.enter_context(run_folder(Path(place).resolve(), mode=0o777))
                place, name = str(own.parent), own.name
            self._files, root, url = located(place)
            self._path, self._url = f"{root.rstrip('/')}/{name}", f"{url.rstrip('/')}/{name}"
            self._files.create_dir(self._path)

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """Within this block, errors of Arrow are DataErrors that say what was to be done with the folder."""
        import pyarrow as pa

        try:
            yield
        except (OSError, ValueError, pa.ArrowException) as error:
            if self.place.partition("://")[0].lower() in STORES:
                raise failed(self.place, error, doing) from None
            said = getattr(error, "strerror", None) or str(error).partition("\n")[0].rstrip(".")
            raise DataError(f"cannot {doing} {self.place}: {said}.", "Name another one with --spark-folder.") from None

    def url(self, table: str) -> str:
        """A table, as Spark is told of it."""
        return f"{self._url}/{table}"

    def write(self, table: str, messages: Iterable[Message]) -> None:
        """Write a table of messages. DataError where that cannot be done."""
        import pyarrow.parquet as pq

        with self._told("write messages to"):
            self._files.create_dir(f"{self._path}/{table}")
            with (
                self._files.open_output_stream(f"{self._path}/{table}/given{PARQUET}") as stream,
                pq.ParquetWriter(stream, schema(), compression="none", use_dictionary=False) as writer,
            ):
                for message in messages:
                    for rows in packed_rows(message):
                        writer.write_batch(rows)

    def read(self, table: str, columns: Sequence[str]) -> "Iterator[pa.RecordBatch]":
        """The rows of a table, if there is one, a few at a time. DataError where that cannot be done."""
        import pyarrow.parquet as pq

        with self._told("read messages in"):
            for path in self._parts(table):
                with self._files.open_input_file(path) as stream, pq.ParquetFile(stream) as file:
                    yield from file.iter_batches(ROWS, columns=list(columns), use_threads=False)

    def _parts(self, table: str) -> list[str]:
        """The files of a table, if there is one."""
        from pyarrow.fs import FileSelector

        start = f"{self._path}/{table}/"
        selector = FileSelector(start.rstrip("/"), recursive=True, allow_not_found=True)
        paths = [info.path for info in self._files.get_file_info(selector) if info.path.endswith(PARQUET)]
        return sorted(path for path in paths if not any(map(is_hidden, path.removeprefix(start).split("/"))))

    def remove(self, table: str = "") -> None:
        """Remove a table, or the folder; what is gone already is no error."""
        with suppress(OSError):
            self._files.delete_dir(f"{self._path}/{table}")
        if not table:
            self._opened.close()


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder, of this name is no part of a table."""
    return name.startswith(HIDDEN)


def located(place: str) -> tuple[Any, str, str]:
    """The file system of Arrow that has a folder, its path there, and its URL as Spark has it, without what is secret."""
    from pyarrow.fs import FileSystem

    scheme, is_url, rest = place.partition("://")
    if scheme.lower() in STORES:
        from lmkit.engine.remote.stores import reached

        found = reached(place)
        path = rest.removesuffix(options_in(place))
        if scheme.lower() == "s3":
            bucket, slash, key = path.partition("/")
            path = bucket.rpartition("@")[2] + slash + key
        return found.system, found.path, f"{HADOOP.get(scheme.lower(), scheme.lower())}://{path}"
    url = place if is_url else Path(place).resolve().as_uri()
    return *FileSystem.from_uri(url), url
