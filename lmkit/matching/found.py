"""What was found: the longest match that ends in each token of a text, with its count and its places."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lmkit.matching.text import Lines, Records
from lmkit.one_line import one_line
from lmkit.text.settings import TextSettings
from lmkit.text.tokens.joining import join_tokens
from lmkit.text.vocabulary import Vocabulary

MINIMUM = 13  # words that are no accident any more (Brown et al. 2020, appendix C)
PIECE = 1 << 20  # tokens looked at at a time


@one_line
@dataclass(frozen=True)
class Match:
    """Words of the test text that stand in the training text."""

    length: int  # in tokens
    count: int  # how often they occur in the training text
    text: str  # as they were compared
    test: str  # file:line on which they begin
    train: str  # file:line on which they first begin there


@one_line
@dataclass(frozen=True, eq=False)
class Matches:
    """The longest match that ends in each token of the test texts. Marks of sentences are no tokens."""

    vocabulary: Vocabulary  # of the test texts
    ids: NDArray[np.int32]  # (tokens,) of the words
    lengths: NDArray[np.int32]  # (tokens,) in tokens; 0: the token is not in the training texts
    counts: NDArray[np.int64]  # (tokens,) how often the match occurs in the training texts
    places: NDArray[np.int64]  # (tokens,) where it first begins there, for `train_lines`; -1: there is none
    test_lines: Lines  # of the sentences of the test texts, by token
    train_lines: Lines
    train_tokens: int
    records: Records | None  # of the test texts, if they were told apart
    settings: TextSettings
    across_lines: bool

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{len(self):,} tokens in {self.sentences:,} sentences, against {self.train_tokens:,}"

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def sentences(self) -> int:
        """The number of sentences of the test texts."""
        return len(self.test_lines.starts)

    @cached_property
    def sentence_bounds(self) -> NDArray[np.int64]:
        """(sentences + 1,) the token with which each sentence begins, and their number."""
        return np.append(self.test_lines.starts, len(self))

    @cached_property
    def record_bounds(self) -> NDArray[np.int64]:
        """(records + 1,) the same of records. ValueError if they were not told apart."""
        if self.records is None:
            raise ValueError("the records were not told apart: ask for records=True")
        numbers = np.arange(len(self.records.numbers) + 1)
        return self.sentence_bounds.take(np.searchsorted(self.records.of_sentences, numbers))

    def covered(self, minimum: int = MINIMUM) -> NDArray[np.bool_]:
        """(tokens,) which tokens are part of a match of at least so many."""
        found = np.zeros(len(self), bool)
        first = len(self)  # where the matches that end later begin
        for stop in range(len(self), 0, -PIECE):
            start = max(stop - PIECE, 0)
            lengths, places = self.lengths[start:stop], np.arange(start, stop)
            begins = np.where(lengths >= minimum, places - lengths + 1, len(self))
            begins[-1] = min(begins[-1], first)
            begins = np.minimum.accumulate(begins[::-1])[::-1]
            found[start:stop] = begins <= places
            first = int(begins[0])
        return found

    def ends(self, minimum: int = MINIMUM) -> NDArray[np.int64]:
        """The tokens in which a match of at least so many ends that is part of no longer one."""
        goes_on = np.zeros(len(self), bool)
        goes_on[:-1] = self.lengths[1:] == self.lengths[:-1] + 1
        return np.flatnonzero((self.lengths >= minimum) & ~goes_on)

    def match(self, token: int) -> Match:
        """The longest match that ends in a token, which must have one."""
        length = int(self.lengths[token])
        first = token - length + 1
        return Match(
            length,
            int(self.counts[token]),
            self.quote(token),
            place_of(self.test_lines, first),
            place_of(self.train_lines, int(self.places[token])),
        )

    @cached_property
    def longest_end(self) -> int | None:
        """The token in which the longest match of all ends, the first if there are several; None if there is no match."""
        if not len(self) or not self.lengths.any():
            return None
        return int(np.argmax(self.lengths))

    def longest(self) -> Match | None:
        """The longest match of all; None if no token is in the training texts."""
        return None if self.longest_end is None else self.match(self.longest_end)

    def quote(self, token: int, most: int | None = None) -> str:
        """The longest match that ends in a token as text, as it was compared; most: only so many tokens of it."""
        first = token - int(self.lengths[token]) + 1
        stop = token + 1 if most is None else min(token + 1, first + most)
        # A match may be as long as a book: each of its words is decoded once, and shared.
        distinct, places = np.unique(self.ids[first:stop], return_inverse=True)
        words = np.array([self.vocabulary.words[word].decode() for word in distinct.tolist()], object)
        return join_tokens(words.take(places).tolist(), self.settings)


def place_of(lines: Lines, place: int) -> str:
    """The file and the line that a place is on."""
    sentence = int(lines.of(np.array([place]))[0])
    return f"{lines.names[lines.files[sentence]]}:{lines.numbers[sentence]}"
