"""Pieces of work that are finished: arrays in files, written whole or not at all, each with a checksum."""

import json
import mmap
import os
import warnings
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.in_use import refuse_changed
from lmkit.engine.files.outputs import sync
from lmkit.engine.files.tensors import read_tensors, write_tensors
from lmkit.engine.files.unfinished import UNFINISHED
from lmkit.engine.memory import no_room
from lmkit.engine.progress import Watcher, watched_by
from lmkit.engine.scratch import Scratch
from lmkit.engine.system.errors import NO_ROOM, remedy_for
from lmkit.errors import DataError, JournalWarning

FORMAT = 1  # of pieces and of what describes the job
SUFFIX = ".piece"
STRIDE = 8 << 20  # bytes whose checksum is taken at a time

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Piece:
    """Arrays that are kept, and what is said of them."""

    arrays: Arrays  # mapped: they cannot be written to
    said: Mapping[str, Any]  # JSON values
    checksum: int


class Pieces:
    """The pieces of a part of a job."""

    def __init__(self, folder: Path, prefix: str, inputs: str = "") -> None:
        """inputs: the names of what the job reads, as people are told of them."""
        self.folder, self._prefix, self.inputs = folder, prefix, inputs

    def __contains__(self, name: str) -> bool:
        return self._path(name).exists()

    def keep(
        self, name: str, arrays: Arrays, said: Mapping[str, Any] | None = None, scratch: Scratch | None = None
    ) -> Piece:
        """Keep a piece, in place of any of this name. DataError where that fails; then, what was finished before stays.

        scratch: gives back the memory of what is mapped when that is too much.
        """
        path = self._path(name)
        temporary = path.with_suffix(UNFINISHED)
        arrays = {each: np.ascontiguousarray(array) for each, array in arrays.items()}
        described = json.dumps(dict(said or {}), sort_keys=True)
        checksum = checksum_of(arrays, described)
        metadata = {"format": str(FORMAT), "said": described, "checksum": str(checksum)}
        try:
            with temporary.open("wb") as stream, watched_by(Watcher()):  # it is no stage of the work
                write_tensors(arrays, metadata, stream)
                stream.flush()
                os.fsync(stream.fileno())
            refuse_changed()  # a file may be whole again when the job goes on
            temporary.replace(path)
            sync(path.parent)
        except BaseException as error:
            temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise self._failed(error, sum(array.nbytes for array in arrays.values())) from None
            raise
        return self._opened(path, scratch)

    def find(self, name: str, scratch: Scratch | None = None) -> Piece | None:
        """The piece of this name; None if there is none. A damaged one is removed, and a JournalWarning tells so.

        scratch: see `keep`. DataError for a piece in another format.
        """
        path = self._path(name)
        if not path.exists():
            return None
        try:
            piece = self._opened(path, scratch)
            if checksum_of(piece.arrays, json.dumps(dict(piece.said), sort_keys=True)) == piece.checksum:
                return piece
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass  # it is told below
        warnings.warn(JournalWarning(f"{path} is damaged; what it held is made again."), stacklevel=2)
        self.forget(name)
        return None

    def forget(self, *names: str) -> None:
        """Remove pieces that are of no use any more, as far as there are."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """The names of all that are kept, sorted."""
        found = self.folder.glob(f"{self._prefix}*{SUFFIX}")
        return sorted(path.name.removesuffix(SUFFIX).removeprefix(self._prefix) for path in found)

    def _path(self, name: str) -> Path:
        return self.folder / f"{self._prefix}{name}{SUFFIX}"

    def _opened(self, path: Path, scratch: Scratch | None) -> Piece:
        """The piece in a file. ValueError and its like for what is none; DataError for another format."""
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        arrays, metadata = read_tensors(mapped)
        if metadata["format"] != str(FORMAT):
            raise DataError(
                f"{path}: a piece in format {metadata['format']}, and this lmkit goes on from format {FORMAT}.",
                f"Use the lmkit that began the job, or remove {self.folder} to begin anew.",
            )
        if scratch is not None:
            scratch.watch(mapped)
        return Piece(arrays, json.loads(metadata["said"]), int(metadata["checksum"]))

    def _failed(self, error: OSError, needed: int) -> DataError:
        """The error for a piece that could not be written."""
        if error.errno in NO_ROOM:
            return no_room(
                self.folder, needed, "Free some room there: what is finished stays, and the same command goes on."
            )
        return DataError(
            f"cannot write {error.filename or self.folder}: {error.strerror}.",
            f"{remedy_for(error) or 'Check the folder and its permissions.'} What is finished stays, and the same command goes on.",
        )


def checksum_of(arrays: Arrays, described: str) -> int:
    """The CRC-32 of arrays, their names and types, and of what is said of them: against accidents, at the speed of memory."""
    found = zlib.crc32(described.encode())
    for name in sorted(arrays):
        array = arrays[name]
        found = zlib.crc32(f"{name} {array.dtype.str} {array.shape}".encode(), found)
        data = array.reshape(-1).view(np.uint8).data
        for at in range(0, len(data), STRIDE):
            found = zlib.crc32(data[at : at + STRIDE], found)
    return found
