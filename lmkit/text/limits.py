"""Limits of the vocabulary, and of what can be read."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError
from lmkit.text.sources.names import Texts, names_of
from lmkit.text.vocabulary import FIRST_WORD, UNK, Vocabulary


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
