"""Word vectors in files of other tools."""

from dataclasses import dataclass

from lmkit.text.reading import EncodingErrors
from lmkit.text.sources.names import Place
from lmkit.vectors.files.binary import read_binary_vectors
from lmkit.vectors.files.recognition import GLOVE_TEXT, WORD2VEC_BINARY, WORD2VEC_TEXT
from lmkit.vectors.files.text import read_text_vectors
from lmkit.vectors.word_vectors import WordVectors

READERS = {WORD2VEC_TEXT: read_text_vectors, GLOVE_TEXT: read_text_vectors, WORD2VEC_BINARY: read_binary_vectors}


@dataclass(frozen=True)
class ForeignVectors:
    """A file of another tool that is recognized, and was not read yet."""

    source: Place
    form: str  # a key of READERS

    def read(self, encoding_errors: EncodingErrors = None) -> WordVectors:
        """Its word vectors (see `read_text_vectors` and `read_binary_vectors`)."""
        return READERS[self.form](self.source, encoding_errors)
