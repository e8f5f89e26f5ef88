"""Matrices with their words as files of SciPy (.npz)."""

import os
import zipfile
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np

from lmkit.engine.output_formats import checked_output
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.text.sources.names import source_name
from lmkit.text.vocabulary import Vocabulary


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


@dataclass(frozen=True, eq=False)
class NamedMatrix:
    """A CSR matrix and the words on its axes. scratch: where it is, if that gives memory back."""

    matrix: Any
    words: Vocabulary
    scratch: Scratch | None = None


def save_matrix(
    path: str | os.PathLike[str] | BinaryIO, matrix: Any, words: Vocabulary, scratch: Scratch | None = None
) -> None:
    """Write a CSR matrix as `scipy.sparse.load_npz` opens it, with its words in the same file.

    path: a file name that ends in .npz, if it has a suffix (UsageError for others), or an open binary stream.
    scratch: where the matrix is, if that gives memory back.
    """
    named = NamedMatrix(matrix, words, scratch)
    if isinstance(path, str | os.PathLike):
        checked_output(path, "matrix").write(named)
    else:
        write_matrix(named, path)


def write_matrix(named: NamedMatrix, stream: BinaryIO, _suffix: str = ".npz") -> None:
    """Write a matrix and its words into a stream: UTF-8 bytes `words`, and where each begins and ends, `word_offsets`."""
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
    }
    target = Releasing(stream, named.scratch) if named.scratch else stream
    np.savez(cast(BinaryIO, target), allow_pickle=False, **arrays)


def load_matrix(path: str | os.PathLike[str]) -> tuple[Any, list[str]]:
    """The CSR matrix and the words of a file written by `save_matrix`."""
    from scipy.sparse import csr_array

    try:
        with np.load(path, allow_pickle=False) as file:
            matrix = csr_array((file["data"], file["indices"], file["indptr"]), shape=tuple(file["shape"]))
            words = Vocabulary(file["words"], file["word_offsets"]).words
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{source_name(path)} is not a matrix that lmkit wrote: {error}.") from None
    return matrix, [word.decode() for word in words]
