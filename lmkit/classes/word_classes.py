"""Words in classes, one class a word: what training finds, what files hold, and what class models are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import bytes_to_arrow
from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.one_line import one_line
from lmkit.text.vocabulary import FIRST_WORD, MARKS, Vocabulary


@one_line
@dataclass(frozen=True, eq=False)
class WordClasses(Tabular):
    """Words, and the class of each."""

    vocabulary: Vocabulary  # the words that have a class, after the three marks
    names: tuple[bytes, ...]  # of the classes, each of which has a word
    of_words: NDArray[np.int32]  # (types,) the place of each word's class among the names; -1 for the marks
    counts: NDArray[np.int64] | None = (
        None  # (types,) how often each occurred in the text that the classes were made of, if known
    )
    expansions: NDArray[np.float64] | None = None  # (types,) p(word | class), where a file says so; nan for the marks

    def columns(self, first: int | None = None) -> Columns:
        """The words, the class of each, and their counts if these are known."""
        from lmkit.engine.columns import as_texts, texts_at

        stop = None if first is None else FIRST_WORD + first
        classes = texts_at(as_texts(bytes_to_arrow(self.names)), self.of_words[FIRST_WORD:stop])
        found = {"word": as_texts(self.vocabulary.arrow_words()[FIRST_WORD:stop]), "class": classes}
        return found if self.counts is None else found | {"count": self.counts[FIRST_WORD:stop]}

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{self.words:,} words in {len(self):,} classes"

    @classmethod
    def of(
        cls,
        words: Sequence[bytes],
        classes: Sequence[bytes],
        counts: Sequence[int] | None = None,
        expansions: Sequence[float] | None = None,
    ) -> "WordClasses":
        """The classes of these words (marks left out), which are named; names come in the order of their first words."""
        places: dict[bytes, int] = {}
        of_words = [places.setdefault(name, len(places)) for name in classes]
        return cls(
            Vocabulary.from_words([*MARKS, *words]),
            tuple(places),
            np.array([-1] * FIRST_WORD + of_words, np.int32),
            None if counts is None else np.array([0] * FIRST_WORD + list(counts), np.int64),
            None if expansions is None else np.array([np.nan] * FIRST_WORD + list(expansions), np.float64),
        )

    def __len__(self) -> int:
        """The number of classes."""
        return len(self.names)

    @property
    def words(self) -> int:
        """The number of words that have a class."""
        return len(self.vocabulary) - FIRST_WORD

    def class_of(self, word: str) -> str | None:
        """The name of the class of a word; None of a word that has none."""
        place = int(self.of_words[self.vocabulary.id_of(word)])
        return None if place < 0 else self.names[place].decode()

    @cached_property
    def members(self) -> tuple[NDArray[np.int64], ...]:
        """For each class, the ids of its words, most frequent first (where counts are not known, as the file has them)."""
        ids = np.arange(FIRST_WORD, len(self.vocabulary))
        if self.counts is not None:
            ids = ids[np.lexsort((self.vocabulary.code_point_ranks()[ids], -self.counts[ids]))]
        ids = ids[np.argsort(self.of_words[ids], kind="stable")]
        sizes = np.bincount(self.of_words[FIRST_WORD:], minlength=len(self.names))
        return tuple(np.split(ids, np.cumsum(sizes)[:-1]))
