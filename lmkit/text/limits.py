"""Limits of the vocabulary, and of what can be read."""

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError, VocabularyWarning
from lmkit.text.sources.names import Texts, names_of
from lmkit.text.vocabulary import EOS, FIRST_WORD, UNK, Vocabulary


def cut_off(vocabulary: Vocabulary, counts: NDArray[Any], cutoff: int) -> tuple[Vocabulary, NDArray[np.int32]]:
    """The vocabulary without words counted fewer than `cutoff` times, and the new id (words,) of each word: <unk> for those.

    counts: (words,)
    """
    kept = counts >= cutoff if cutoff > 1 else np.ones(len(counts), bool)  # bytes may be known and not seen
    kept[:FIRST_WORD] = True
    new_ids = np.where(kept, np.cumsum(kept) - 1, UNK).astype(np.int32)
    if kept.all():
        return vocabulary, new_ids
    return Vocabulary.from_words(word for word, keep in zip(vocabulary.words, kept, strict=True) if keep), new_ids


def check_limits(cutoff: int, vocabulary: object) -> None:
    """UsageError for limits of the vocabulary that make no sense."""
    if cutoff < 1:
        raise UsageError(f"the cutoff is {cutoff}; it must be 1 (keep every word) or more.")
    if cutoff > 1 and vocabulary is not None:
        raise UsageError(
            "a cutoff and a vocabulary were both given.", "Either of them limits the vocabulary: leave one out."
        )


def no_sentence(texts: Texts) -> DataError:
    """The error for a text without any sentence."""
    return DataError(
        f"{names_of(texts)}: there is no sentence in the text.",
        "It is empty, or has only blank lines (see --blank-lines).",
    )


def check_words(counts: NDArray[Any], texts: Texts, known: Vocabulary | None, given: Texts | Vocabulary | None) -> None:
    """DataError if there is no sentence in the texts; a warning if no word of theirs is known. counts: (types,) of words; known: the vocabulary that was given, read."""
    if not counts[EOS]:
        raise no_sentence(texts)
    if known is not None and given is not None and not counts[FIRST_WORD:].any() and counts[UNK]:
        warn_of_unknown(known, given, texts)


def warn_of_unknown(vocabulary: Vocabulary, given: Texts | Vocabulary, texts: Texts) -> None:
    """VocabularyWarning that no token of the texts is in the vocabulary, which was given so."""
    name = "that was given" if isinstance(given, Vocabulary) else names_of(given)
    first = [word.decode() for word in vocabulary.words[FIRST_WORD:][: SHOWN_WORDS + 1]]
    shown = " ".join(first[:SHOWN_WORDS] + ["…"] * (len(first) > SHOWN_WORDS))
    warnings.warn(
        VocabularyWarning(
            f"no token of {names_of(texts)} is in the vocabulary {name} ({shown}): all of them are <unk>.",
            why_unknown(vocabulary),
        ),
        stacklevel=3,
    )


def why_unknown(vocabulary: Vocabulary) -> str:
    """Why a text may have no word of a vocabulary, by what most of its words look like."""
    words = [word.decode() for word in vocabulary.words[FIRST_WORD:]]
    for looks, why in LOOKS:
        if 2 * sum(looks(word) for word in words) > len(words):
            return why
    return "Is it in the same language and the same letter case?"


SHOWN_WORDS = 3  # of a vocabulary in a message
LOOKS: tuple[tuple[Callable[[str], bool], str], ...] = (  # how words of lists look that were made for something else
    (
        lambda word: word.startswith(("▁", "Ġ")),
        "Its words are pieces of a subword tokenizer, as SentencePiece lists them with scores: they are found in text that was cut into such pieces.",
    ),
    (lambda word: re.fullmatch(".+[,;].*", word) is not None, "Is it CSV? Only a TAB ends the word of a line."),
    (lambda word: word != word.lower() and word == word.upper(), "Its words are in capital letters: is the text, too?"),
)
