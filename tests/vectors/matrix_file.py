"""Matrices as files, to be compared."""

import io

from lmkit.vectors.files.matrices import write_matrix
from lmkit.vectors.word_matrix import WordMatrix


def matrix_file(matrix: WordMatrix) -> bytes:
    """The bytes of the file that a matrix is written to."""
    stream = io.BytesIO()
    write_matrix(matrix, stream)
    return stream.getvalue()
