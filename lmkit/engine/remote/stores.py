"""Files in object stores and HDFS, through the file systems that Arrow has."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lmkit.engine.remote.answers import changed
from lmkit.engine.remote.names import FoundName, options_in, shown
from lmkit.engine.remote.store_errors import failed, missing, no_bucket
from lmkit.engine.remote.streams import PIECE_BYTES
from lmkit.errors import DataError

if TYPE_CHECKING:
    from pyarrow import fs

GOOGLE = ("gs", "gcs")
IN_BUCKETS = ("s3", *GOOGLE)
MARKS = ("etag", "last-modified", "generation")  # of what stores say of a file


@dataclass(frozen=True)
class StoreName:
    """What the name of a file in a store says."""

    name: str  # as it was given
    start: str  # scheme, bucket and options: what a file system is made from
    key: str  # of the file in it, empty for all of it
    options: str  # after ?, with it, or empty

    def named(self, key: str) -> FoundName:
        """The name of another file in the same place."""
        return FoundName(f"{self.start.removesuffix(self.options)}/{key}{self.options}", self.options)


def parsed(name: str) -> StoreName:
    """What a name says. DataError for one without a bucket, where there are such."""
    scheme, _, rest = name.partition("://")
    options = options_in(name)
    bucket, _, key = rest.removesuffix(options).partition("/")
    if not bucket and scheme.lower() in IN_BUCKETS:
        raise DataError(f"cannot find {shown(name)}: it names no bucket.", f"Write {scheme}://BUCKET/FILE.")
    return StoreName(name, f"{scheme.lower()}://{bucket}{options}", key, options)


@lru_cache(maxsize=64)
def file_system(start: str) -> "tuple[fs.FileSystem, str]":
    """The file system of a bucket with these options, and what its paths begin with. Errors are those of Arrow."""
    from pyarrow import fs

    if start.startswith(GOOGLE) and "retry_limit_seconds" not in start:  # else it is tried for a quarter of an hour
        start += ("&" if "?" in start else "?") + "retry_limit_seconds=60"
    found, base = fs.FileSystem.from_uri(start)
    return found, base.rstrip("/")


@dataclass(frozen=True)
class StorePlace:
    """A place in a store, reached."""

    system: "fs.FileSystem"
    path: str  # as the system has it
    base: str  # bucket: what all paths of it begin with
    of: StoreName

    def info(self) -> "fs.FileInfo":
        """What is there. DataError if the store cannot be asked."""
        with told(self.of.name):
            return self.system.get_file_info(self.path)

    def has_bucket(self) -> bool:
        """Whether there is a bucket of this name, as far as one may see."""
        try:
            with told(self.of.name):
                return not self.base.strip("/") or is_there(self.system.get_file_info(self.base))
        except DataError:  # who may read files may not always ask for the bucket
            return True

    def listed(self, *, deep: bool) -> list[tuple[str, bool]]:
        """What is in this folder, at any depth if deep: keys in the bucket, and whether they are folders. Nothing where there is no folder."""
        from pyarrow import fs

        with told(self.of.name):
            infos = self.system.get_file_info(fs.FileSelector(self.path, allow_not_found=True, recursive=deep))
        start = len(self.base) + 1
        return [(info.path[start:], info.type == fs.FileType.Directory) for info in infos]

    def not_found(self) -> Exception:
        """The error for a file that is not there, or whose bucket is not."""
        return missing(self.of.name) if self.has_bucket() else no_bucket(self.of.name, self.base)


def reached(name: str) -> StorePlace:
    """The place of this name. DataError if its store cannot be reached."""
    of = parsed(name)
    with told(name):
        system, base = file_system(of.start)
    return StorePlace(system, f"{base}/{of.key}" if of.key else base, base, of)


def is_there(info: "fs.FileInfo") -> bool:
    """Whether there is a file or a folder."""
    from pyarrow import fs

    return bool(info.type != fs.FileType.NotFound)


@contextmanager
def told(name: str, doing: str = "read") -> Any:
    """Within this block, errors of Arrow are DataErrors that name the file."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise failed(name, error, doing) from None


class StoreFile:
    """A file of a store (see `RemoteFile`)."""

    is_seekable = True

    def __init__(self, place: StorePlace) -> None:
        self._place, self._name = place, shown(place.of.name)
        self._file = self._opened()
        with told(place.of.name):
            self.size: int = self._file.size()
        self._version = self._version_now(self._file)

    def _opened(self) -> Any:
        try:
            with told(self._place.of.name):
                return self._place.system.open_input_file(self._place.path)
        except FileNotFoundError:
            raise self._place.not_found() from None

    def _version_now(self, file: Any) -> tuple[Any, ...]:
        """By what one sees that the file is still the same: its ETag, where stores have one, size, and time."""
        with told(self._place.of.name):
            marks = file.metadata()
            if not marks:
                info = self._place.info()
                return info.size, info.mtime_ns
            return file.size(), *(value for name, value in sorted(marks.items()) if name.lower() in MARKS)

    def pieces(self) -> Generator[bytes]:
        """The bytes of the file in order, a request for each PIECE_BYTES."""
        for start in range(0, self.size, PIECE_BYTES):
            yield self.read_at(start, min(PIECE_BYTES, self.size - start))
        with self._opened() as again:
            if self._version_now(again) != self._version:
                raise changed(self._name)

    def read_at(self, start: int, size: int) -> bytes:
        """These bytes, all of them."""
        with told(self._place.of.name):
            found: bytes = self._file.read_at(size, start)
        if len(found) != size:
            raise changed(self._name)
        return found
