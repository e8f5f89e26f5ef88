"""Where records go that are written back: files that appear whole or not at all, and standard output."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, cast

from lmkit.cli.output import standard as standard_output
from lmkit.engine.remote.names import shown
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.text.records.outputs import RecordFile
    from lmkit.text.sources.names import TextFile


def check_places(files: "Sequence[RecordFile]", texts: "Sequence[TextFile]", others: Iterable[str | None] = ()) -> None:
    """UsageError where two outputs are the same, or one is what is read; DataError where a folder is missing.

    others: the names of the other files that are read, such as models.
    """
    from lmkit.engine.files.output_formats import check_place

    seen: set[str] = set()
    for file in files:
        if file.path == "-":
            refuse_terminal(file)
        else:
            check_place(file.path)
        place = file.path if file.path == "-" else os.path.realpath(file.path)
        if place in seen:
            raise UsageError(f"two outputs are {shown(file.path)}.", "Give each a name of its own.")
        refuse_read(file.path, texts, others)
        seen.add(place)


def refuse_read(path: str | os.PathLike[str], texts: "Sequence[TextFile]", others: Iterable[str | None]) -> None:
    """UsageError for an output that is one of the texts, or of the other files that are read."""
    names = [*(text.source for text in texts), *others]
    read = {os.path.realpath(name) for name in names if isinstance(name, str | os.PathLike) and name != "-"}
    if path != "-" and os.path.realpath(path) in read:
        raise UsageError(f"{shown(os.fspath(path))} is read and would be written over.", "Write to another file.")


def refuse_terminal(file: "RecordFile") -> None:
    """UsageError where a terminal would get a table in bytes."""
    if file.format == "parquet" and standard_output.is_terminal():
        raise UsageError("the result is binary and standard output is a terminal.", "Give a file with -o FILE.")


@contextmanager
def open_output(path: str) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all, or standard output. A pipe that nobody reads any more takes all the same: there are other outputs."""
    from lmkit.engine.files.outputs import whole_file

    if path == "-":
        yield standard_output.stream(text=True)
        return
    with suppress(BrokenPipeError), whole_file(path) as stream:  # what is closed last breaks, too
        yield cast("BinaryIO", standard_output.WholeWrites(stream, is_stdout=False))
