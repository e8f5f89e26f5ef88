"""Files written to stores, whole or not at all."""

import mmap
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast

from lmkit.engine.files.unfinished import temporary_name
from lmkit.engine.remote.names import STORES, scheme_of, shown
from lmkit.engine.remote.stores import IN_BUCKETS, StorePlace, reached, told
from lmkit.engine.remote.streams import PIECE_BYTES
from lmkit.engine.system.errors import remedy_for
from lmkit.errors import DataError

AT_ONCE = IN_BUCKETS  # where a file appears when all of it has come; elsewhere it is renamed then
WRITABLE = "Object stores (s3://, gs://, abfs://) and hdfs:// can be written to."


def check_remote_place(name: str) -> None:
    """DataError for a place where no file can be written: no store, no bucket, a folder."""
    scheme = scheme_of(name)
    if scheme not in STORES:
        hub = " Upload it from there: hf upload." if scheme == "hf" else ""
        raise DataError(f"cannot write {shown(name)}: lmkit writes nothing to {scheme}://.", f"{WRITABLE}{hub}")
    place = reached(name)
    if not place.of.key or name[: len(name) - len(place.of.options)].endswith("/"):
        raise DataError(f"cannot write {shown(name)}: it is a folder.", "Name a file in it.")
    if not place.has_bucket():
        raise DataError(
            f"cannot write {shown(name)}: there is no bucket {place.base}.", "Check its name, or make it first."
        )


@contextmanager
def whole_remote_file(name: str) -> Iterator[BinaryIO]:
    """A stream to write to, on the disk here; what was written is uploaded when the block ends well, and nothing appears when it does not.

    DataError if that fails, also where there is no room for temporary files.
    """
    check_remote_place(name)
    try:
        with tempfile.TemporaryFile(prefix="lmkit-") as stream:
            yield cast(BinaryIO, stream)
            stream.flush()
            upload(stream, reached(name))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DataError(
            f"cannot write {shown(name)}: it is written to {tempfile.gettempdir()} first: {error.strerror or error}.",
            remedy_for(error, "Name a folder on a larger disk in the variable TMPDIR."),
        ) from None


def upload(stream: IO[bytes], place: StorePlace) -> None:
    """Copy a file to a store; it appears there when all of it has come. DataError if that fails.

    Arrow completes an upload that is given up half-way: its streams are closed when they are dropped. So a thread copies, which Ctrl-C does not reach. Once it
    is told to stop, it keeps its stream for as long as the process lives, and the upload is never completed.
    """
    failures: list[BaseException] = []
    stopped = threading.Event()

    def copy(source: int) -> None:
        try:
            copy_whole(source, place, stopped)
        except BaseException as error:  # noqa: BLE001 (it is raised below)
            failures.append(error)

    thread = threading.Thread(target=copy, args=(os.dup(stream.fileno()),), name="lmkit-upload", daemon=True)
    thread.start()
    try:
        thread.join()
    except BaseException:
        stopped.set()
        raise
    if failures:
        raise failures[0]


def copy_whole(descriptor: int, place: StorePlace, stopped: threading.Event) -> None:
    """Copy the file of a descriptor, which is closed, and look whether all of it is there. stopped: nothing is completed any more, nor does this end."""
    target = place.path if place.of.name.lower().startswith(AT_ONCE) else beside(place.path)
    with os.fdopen(descriptor, "rb") as source, told(place.of.name, "write"):
        size = source.seek(0, os.SEEK_END)
        data = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)) if size else memoryview(b"")
        written: Any = place.system.open_output_stream(target, compression=None)  # else Arrow compresses by the name
        for start in range(0, size, PIECE_BYTES):  # in which nothing can fail but the store
            written.write(data[start : start + PIECE_BYTES])
            stay_if(stopped)
        written.flush()  # parts are on their way for a while
        stay_if(stopped)
        written.close()
        if target != place.path:
            place.system.move(target, place.path)
        found = place.system.get_file_info(place.path).size
    if found != size:
        raise DataError(
            f"cannot write {shown(place.of.name)}: {size:,} bytes were sent, and {found:,} are there.",
            "Does another program write to it? Try again.",
        )


def stay_if(stopped: threading.Event) -> None:
    """Never return if that was said."""
    if stopped.is_set():
        threading.Event().wait()


def beside(path: str) -> str:
    """The name of a temporary file in the same folder."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{temporary_name(name)}"
