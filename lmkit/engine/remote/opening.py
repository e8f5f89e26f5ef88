"""Opening what lies elsewhere, by its name: to read all of it, or parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from lmkit.engine.remote.names import HUB, STORES, WEB, scheme_of, shown
from lmkit.engine.remote.streams import RandomAccess, ReadAhead, RemoteFile
from lmkit.errors import DataError


def remote_file(name: str) -> RemoteFile:
    """The file of this name. DataError for a scheme that is not known, a folder, a pattern, and what is not found."""
    scheme = scheme_of(name)
    if scheme in STORES:
        from lmkit.engine.remote.stores import StoreFile, reached

        return StoreFile(reached(name))
    if scheme == HUB:
        from lmkit.engine.remote.hub import hub_file

        return hub_file(name)
    from lmkit.engine.remote.web import WebFile

    check_web_name(name)
    return WebFile(name, shown(name))


def check_web_name(name: str) -> None:
    """DataError for a folder or a pattern of the web, of which servers have none."""
    called = shown(name)
    if scheme_of(name) in WEB and (called.endswith("/") or "*" in called):
        what = "a folder" if called.endswith("/") else "a pattern"
        raise DataError(
            f"cannot read {called}: it is {what}, and servers of the web tell nobody which files they have.",
            "Name each file; of object stores (s3://, gs://, abfs://, hdfs://) and hf://, folders and patterns can be named.",
        )


@contextmanager
def opened_remote(name: str) -> Iterator[BinaryIO]:
    """All bytes of a file, as they stand there. DataError now if it is not there, and in reading if what comes is not all."""
    stream = ReadAhead(remote_file(name).pieces(), shown(name))
    try:
        yield cast(BinaryIO, stream)
    finally:
        stream.close()


def seekable_remote(name: str) -> BinaryIO | None:
    """A file that is read here and there; None if its server gives no parts of it."""
    file = remote_file(name)
    from lmkit.engine.remote.web import WebFile

    if isinstance(file, WebFile):
        file.look()
    return cast(BinaryIO, RandomAccess(file)) if file.is_seekable else None
