"""A text as what training reads, as often as it wants: sentences of known words, which are numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.memory import default_memory, megabytes
from lmkit.errors import DataError
from lmkit.text.ids.stored import EncodedText
from lmkit.text.vocabulary import EOS, FIRST_WORD, Vocabulary

NUMBERS = 4 * 3  # bytes of a coordinate: of a word, of the word as a neighbour, and of the word as it is published
DROPPED, END = -1, -2  # what is no word: unknown ones and <s>, and the end of a sentence


@dataclass(frozen=True, eq=False)
class KnownText:
    """A text whose words are numbered from 0: the most frequent first, those seen equally often by code point."""

    words: Vocabulary  # those that the text has; no marks stand in front
    counts: NDArray[np.int64]  # (words,) how often each is seen
    _text: EncodedText
    _numbers: NDArray[np.int32]  # (all words of the text,) the number of each, DROPPED or END

    @property
    def tokens(self) -> int:
        """How many known words run through the text."""
        return int(self.counts.sum())

    def check_room(self, dimensions: int) -> None:
        """DataError if vectors of so many dimensions take more than half of the memory: then nothing of them is made."""
        words, most = len(self.words), default_memory()
        needed = NUMBERS * words * dimensions
        if needed > most:
            raise DataError(
                f"{words:,} vectors of {dimensions:,} dimensions take {megabytes(needed)}, and half of the memory there is are {megabytes(most)}.",
                f"Take {max(most // (NUMBERS * words), 1):,} --dimensions or fewer, or fewer words (--cutoff).",
            )

    def sentences(self, longest: int) -> Iterator[list[int]]:
        """The known words of each sentence, one after the other, OOV words removed; none is empty.

        longest: the most words that a sentence may have; longer ones are cut into pieces of that length, so that no word is lost.
        """
        for tokens in self._text.unlimited_blocks():
            known, ends = without_unknown(self._numbers.take(tokens))
            first = 0
            for end in ends.tolist():
                for start in range(first, end, longest):
                    yield known[start : min(start + longest, end)].tolist()
                first = end + 1


def without_unknown(numbers: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """What is not DROPPED, and the places (sentences,) of the ENDs therein."""
    known = numbers[numbers != DROPPED]
    return known, np.flatnonzero(known == END)


def known_text(text: EncodedText) -> KnownText:
    """The text with its known words numbered by how often they are seen, for which it is read once.

    DataError if no two known words stand in a sentence: there is nothing to learn from.
    """
    occurrences = np.zeros(len(text.all_words), np.int64)
    for tokens in text.unlimited_blocks():
        occurrences += np.bincount(tokens, minlength=len(occurrences))
    types = len(text.vocabulary)
    counts = np.zeros(types, np.int64)
    np.add.at(counts, text.new_ids, occurrences)
    counts[:FIRST_WORD] = 0
    by_frequency = np.lexsort((text.vocabulary.code_point_ranks(), -counts))[: np.count_nonzero(counts)]
    number_of = np.full(types, DROPPED, np.int32)
    number_of[by_frequency] = np.arange(len(by_frequency), dtype=np.int32)
    number_of[EOS] = END
    known = KnownText(
        text.vocabulary.taken(by_frequency),
        counts[by_frequency],
        text,
        number_of.take(text.new_ids),
    )
    if not any(len(sentence) > 1 for sentence in known.sentences(2)):
        raise DataError(
            f"no sentence of the text has two known words: {len(known.words):,} words are known, and none stands near another.",
            "Lower --cutoff, or look at --vocabulary, --sentences and --tokenizer: is a sentence one word there?",
        )
    return known
