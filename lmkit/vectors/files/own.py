"""Word vectors as files of lmkit's own: vectors, norms and words as arrays, which are mapped, and the settings that made them."""

import mmap
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.mapped import Buffer
from lmkit.engine.files.own_files import Tensors, damage_told, described, write_own_file
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order
from lmkit.text.stored_words import stored_words, words_in
from lmkit.vectors.files.writable import check_finite
from lmkit.vectors.word_vectors import WordVectors

KIND = "vectors"
ROWS = 1 << 13  # vectors whose values are looked at at a time
STATE = "state."  # before the names of arrays that training goes on from


def write_own_vectors(vectors: WordVectors, stream: BinaryIO) -> None:
    """Write word vectors, whatever the stream is. DataError for values that are no finite numbers."""
    check_finite(vectors)
    tensors: Tensors = {
        "vectors": vectors.matrix,
        "norms": vectors.norms,
    } | stored_words(vectors.words)
    tensors |= {STATE + name: array for name, array in vectors.state.items()}
    fields = {"kind": KIND, "method": vectors.method, "details": vectors.details}
    write_own_file(tensors, fields, stream, vectors.scratch)


def read_own_vectors(data: Buffer, name: str) -> WordVectors:
    """The word vectors in the bytes of a file; arrays stay in the buffer. DataError for a file that is damaged, or of a newer format."""
    with damage_told(name):
        tensors, fields = described(data, name)
        scratch = Scratch(0 if hasattr(mmap, "MADV_DONTNEED") else None)
        if isinstance(data, mmap.mmap):
            scratch.watch(data)
        matrix, norms = tensors["vectors"], tensors["norms"]
        words = words_in(tensors)
        if matrix.ndim != 2 or matrix.dtype != np.float32 or norms.dtype != np.float32:
            raise ValueError("the vectors are no table of 32-bit numbers")
        if norms.ndim != 1 or not matrix.shape[1] or not (np.isfinite(norms) & (norms >= 0)).all():
            raise ValueError("there are vectors without a length")
        if not len(matrix) == len(norms) == len(words):
            raise ValueError("there is not one vector for each word")
        check_values(matrix, scratch)
        state = {key.removeprefix(STATE): array for key, array in tensors.items() if key.startswith(STATE)}
        return WordVectors(words, matrix, str(fields["method"]), dict(fields["details"]), state, norms, scratch)


def check_values(matrix: NDArray[np.float32], scratch: Scratch) -> None:
    """ValueError unless the vectors are finite numbers."""
    pieces = (matrix[first : first + ROWS] for first in range(0, len(matrix), ROWS))
    for is_finite in map_in_order(lambda piece: np.isfinite(piece).all(), pieces, 1 if len(matrix) <= ROWS else None):
        scratch.release()
        if not is_finite:
            raise ValueError("there are vectors with values that are no finite numbers")
