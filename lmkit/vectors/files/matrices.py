"""Matrices with their words as files of SciPy (.npz)."""

import json
import math
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from lmkit.engine.files.output_formats import checked_output
from lmkit.engine.files.tensors import parse_json
from lmkit.engine.memory import default_memory, megabytes
from lmkit.engine.remote.names import is_remote
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.text.sources.names import source_name
from lmkit.text.sources.opening import head_of, not_opened, open_source, read_whole
from lmkit.text.sources.recognition import ZIP
from lmkit.text.stored_words import check_offsets
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.word_matrix import WordMatrix

SUFFIX = ".npz"
DAMAGES = (OSError, ValueError, TypeError, AttributeError, LookupError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)  # fmt: skip
SAID = {"cells": str, "details": dict}  # of what made a matrix


class Releasing:
    """A stream that has memory given back after each write."""

    def __init__(self, stream: BinaryIO, scratch: Scratch) -> None:
        self._stream, self._scratch = stream, scratch

    def write(self, data: Any) -> int:
        """Write the data."""
        written = self._stream.write(data)
        self._scratch.release()
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def save_matrix(path: str | os.PathLike[str] | BinaryIO, matrix: WordMatrix) -> None:
    """Write a matrix as `scipy.sparse.load_npz` opens it, with its words and what made it in the same file.

    path: a file name that ends in .npz, if it has a suffix (UsageError for others), or an open binary stream.
    """
    if isinstance(path, str | os.PathLike):
        checked_output(path, "matrix").write(matrix)
    else:
        write_matrix(matrix, path)


def write_matrix(named: WordMatrix, stream: BinaryIO, _suffix: str = SUFFIX) -> None:
    """Write a matrix and its words into a stream: UTF-8 bytes `words`, where each begins and ends, `word_offsets`, and in JSON, `lmkit`, what made it."""
    matrix, words = named.matrix, named.words
    arrays = {
        "format": np.array(b"csr"),
        "shape": np.array(matrix.shape, np.int64),
        "data": matrix.data,
        "indices": matrix.indices,
        "indptr": matrix.indptr,
        "_is_array": np.array(True),
        "words": words.utf8,
        "word_offsets": words.offsets,
        "lmkit": np.frombuffer(
            json.dumps({"cells": named.cells, "details": named.details}, ensure_ascii=False).encode(), np.uint8
        ),
    }
    target = Releasing(stream, named.scratch) if named.scratch else stream
    np.savez(cast(BinaryIO, target), allow_pickle=False, **arrays)


def load_matrix(path: str | os.PathLike[str] | BinaryIO) -> WordMatrix:
    """The matrix of a file written by `save_matrix`, or of a stream of its bytes, with its words. DataError for any other file, and for a damaged one."""
    from scipy.sparse import csr_array

    name = source_name(path)
    try:
        with opened_here(path) as stream, np.load(stream, allow_pickle=False) as file:
            check_sizes(file.zip, name)
            if "words" not in file:
                raise DataError(f"{name} holds a matrix without words.", "`lmkit cooc -o X.npz` writes them with it.")
            matrix = csr_array((file["data"], file["indices"], file["indptr"]), shape=tuple(file["shape"]))
            words = Vocabulary(file["words"], file["word_offsets"])
            said = parse_json(file["lmkit"].tobytes().decode()) if "lmkit" in file else {}
            made: dict[str, Any] = {field: kind(said[field]) for field, kind in SAID.items() if field in said}
        check_whole(matrix, words)
    except DAMAGES as error:
        if isinstance(error, OSError) and error.strerror:
            raise not_opened(path, error) from None
        raise DataError(
            f"{name} is not a matrix that lmkit wrote: {error}.",
            "It is damaged or cut short, perhaps: make it again with `lmkit cooc -o X.npz`.",
        ) from None
    return WordMatrix(matrix, words, **made)


@contextmanager
def opened_here(path: str | os.PathLike[str] | BinaryIO) -> Iterator[BinaryIO]:
    """A file of a matrix where it can be read here and there: one that lies elsewhere in memory."""
    if is_remote(path):
        with open_source(path) as source:
            yield BytesIO(read_whole(source, source_name(path)))
    elif isinstance(path, str | os.PathLike):
        with Path(path).open("rb") as stream:
            yield stream
    else:
        yield path


def check_sizes(archive: zipfile.ZipFile, name: str) -> None:
    """DataError for arrays that the memory does not hold; ValueError for one that is said to be larger than it is. Nothing of them is read yet."""
    size = sum(member.file_size for member in archive.infolist())
    if size > default_memory():
        raise DataError(
            f"{name} holds {megabytes(size)}, decompressed, which is more than half of the memory there is.",
            "Is it what it should be? A small compressed file can hold any number of the same byte.",
        )
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    for member in archive.infolist():
        with archive.open(member) as stream:
            shape, _, dtype = read_header[np.lib.format.read_magic(stream)](stream)
        if math.prod(shape) * max(dtype.itemsize, 1) > member.file_size:  # a text may be said to have no letter
            raise ValueError(f"{member.filename} is said to be larger than it is")


def check_whole(matrix: Any, words: Vocabulary) -> None:
    """ValueError for a matrix with columns beyond its shape, or without a word for each column, and for words that are none."""
    if matrix.data.dtype.kind not in "biuf":
        raise ValueError("its cells are no numbers")
    rows, cells = matrix.indptr, len(matrix.data)
    if (
        rows[0] or (np.diff(rows) < 0).any() or not rows[-1] == cells == len(matrix.indices)
    ):  # SciPy looks at no matrix that ends at 0
        raise ValueError("its rows (indptr) do not fit its cells")
    matrix.check_format(full_check=True)
    if matrix.shape[1] != len(words):
        raise ValueError(f"it has {matrix.shape[1]:,} columns and {len(words):,} words")
    if len(words):
        check_offsets(words)


def looks_like_matrix(start: bytes) -> bool:
    """Whether a file that begins so may be one of a matrix."""
    return start.startswith(ZIP) and b".npy" in start


def holds_matrix(path: str | os.PathLike[str]) -> bool:
    """Whether a file is one of a matrix, by its name or its first bytes. Pipes are not looked into."""
    if os.fspath(path).lower().endswith(SUFFIX):
        return True
    return looks_like_matrix(head_of(path))
