"""Words as files of lmkit's own keep them: their text end to end, and where each begins; what comes in so is checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.kernels import call_arrow
from lmkit.text.sources.blocks import is_utf8
from lmkit.text.vocabulary import FIRST_WORD, MARKS, Vocabulary

TEXT, OFFSETS = "vocabulary", "vocabulary_offsets"  # the names of the arrays


def stored_words(words: Vocabulary) -> dict[str, NDArray[Any]]:
    """The arrays that keep the words, by name."""
    return {TEXT: words.utf8, OFFSETS: words.offsets}


def words_in(tensors: Mapping[str, NDArray[Any]]) -> Vocabulary:
    """The words in the arrays of a file. ValueError unless the offsets divide the text into words."""
    words = Vocabulary(tensors[TEXT], tensors[OFFSETS])
    check_offsets(words)
    return words


def vocabulary_in(tensors: Mapping[str, NDArray[Any]]) -> Vocabulary:
    """The vocabulary of a model in the arrays of a file. ValueError for one that no model has."""
    vocabulary = words_in(tensors)
    check_words(vocabulary)
    return vocabulary


def check_offsets(words: Vocabulary) -> None:
    """ValueError unless the offsets divide the text of the words into words."""
    letters, offsets = words.utf8, words.offsets
    typed = letters.dtype == np.uint8 and offsets.dtype == np.int64
    fits = typed and letters.ndim == offsets.ndim == 1 and len(offsets) > 1
    if not fits or offsets[0] or offsets[-1] != len(letters) or (offsets[1:] <= offsets[:-1]).any():
        raise ValueError("the words do not fit their offsets")
    split = (letters[offsets[:-1]] & 0xC0 == 0x80).any()  # a word that begins within a character
    if split or not is_utf8(letters.tobytes()):
        raise ValueError("the words are no UTF-8")


def check_words(vocabulary: Vocabulary) -> None:
    """ValueError unless the words are such as texts have, each once, after the three marks."""
    letters, offsets = vocabulary.utf8, vocabulary.offsets
    if (offsets[1:] <= offsets[:-1]).any():
        raise ValueError("the vocabulary has an empty word")
    check_offsets(vocabulary)
    if ((letters <= ord(" ")) | (letters == 127)).any():
        raise ValueError("the vocabulary has words that are none")
    words = vocabulary.arrow_words()
    if tuple(words[:FIRST_WORD].to_pylist()) != MARKS or len(call_arrow("unique", words)) != len(words):
        raise ValueError("the vocabulary is damaged")
