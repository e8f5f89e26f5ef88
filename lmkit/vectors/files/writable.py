"""What must hold of word vectors before they are written, as text above all."""

import warnings
from collections.abc import Iterator

import numpy as np

from lmkit.errors import DataError, VectorsWarning
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.files.rows import shown
from lmkit.vectors.word_vectors import WordVectors

OWN = "Write a file of lmkit's own (.safetensors)."


def check_finite(vectors: WordVectors) -> None:
    """DataError for vectors without a length: what made them failed, and no file is read with them."""
    bad = np.flatnonzero(~np.isfinite(vectors.norms))
    if len(bad):
        raise DataError(
            f"{len(bad):,} of {len(vectors):,} vectors have values that are no finite numbers, the first that of {shown(vectors.words.words[bad[0]])}.",
            "What made them failed: a smaller learning rate may help, if there is one.",
        )


def check_lines(words: Vocabulary) -> None:
    """DataError for a word that cannot stand on a line; a VectorsWarning for words with a blank or TAB in them."""
    broken = next(with_bytes(words, b"\n\r"), None)
    if broken is not None:
        raise DataError(f"{shown(broken)} has a line end in it, and a line of text holds a word.", OWN)
    blanks = list(with_bytes(words, b" \t"))
    if blanks:
        first = shown(blanks[0])
        told = (
            f"{len(blanks):,} words have blanks in them, the first is {first}"
            if len(blanks) > 1
            else f"{first} has a blank in it"
        )
        warnings.warn(
            f"{told}: lmkit reads such text, and other programs, gensim among them, do not.",
            VectorsWarning,
            stacklevel=4,
        )


def check_without_blanks(words: Vocabulary) -> None:
    """DataError for words that word2vec's binary files cannot hold: a blank ends a word there, and a newline before it is no part of it."""
    bad = next(with_bytes(words, b" \n"), None)
    if bad is not None:
        raise DataError(
            f"{shown(bad)} has a blank in it, and in the binary format of word2vec a blank ends the word.",
            f"{OWN} Text (.txt) holds such words, too.",
        )


def with_bytes(words: Vocabulary, some: bytes) -> Iterator[bytes]:
    """The words that have any of these bytes."""
    letters, offsets = words.utf8, words.offsets
    places = np.concatenate([np.flatnonzero(letters == byte) for byte in some])
    for at in np.unique(np.searchsorted(offsets, places, side="right") - 1):
        yield letters[offsets[at] : offsets[at + 1]].tobytes()
