"""Texts longer than memory, part by part: each part of the training text is matched with each of the test text, and what is found is merged."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order
from lmkit.matching.levels import Longest, longest_matches
from lmkit.matching.text import StoredText
from lmkit.matching.window import Window
from lmkit.text.vocabulary import EOS

BYTES_A_PLACE = 40  # of both parts, while they are matched
LEAST_PLACES = 1 << 18  # of a part, however little memory there is: 20 MB for both, beside what reading takes
LONGER = 4  # a part of the training text is so many times longer than the test text: more saves little work, and takes more memory
ENOUGH_PLACES = 1 << 22  # of a part of the training text, if the test text is short
RESULT_BYTES = 24  # a token of the test text

Part = tuple[int, int]


@dataclass(frozen=True, eq=False)
class PartSizes:
    """How many places are worked on at a time."""

    train: int
    test: int
    threads: int

    @classmethod
    def within(cls, resources: Resources, train: int, test: int) -> "PartSizes":
        """Those of texts of so many places that keep to the memory."""
        room = 3 * resources.memory_limit // 4 // BYTES_A_PLACE
        enough = min(train, max(LONGER * test, ENOUGH_PLACES))
        if test + enough <= room:
            return cls(enough, test, min(resources.threads, room // (test + enough)))
        # Work is least where both parts are equally long; several threads, each with its own, would have more of it.
        test_part = min(test, max(room // 2, LEAST_PLACES))
        return cls(min(train, max(room - test_part, LEAST_PLACES)), test_part, 1)


@dataclass(frozen=True, eq=False)
class TokenMatches:
    """The longest match that ends in each token of a text."""

    ids: NDArray[np.int32]  # (tokens,) of the words
    lengths: NDArray[np.int32]  # (tokens,) in words; 0: there is none
    counts: NDArray[np.int64]  # (tokens,) how often it occurs in the training text
    places: NDArray[np.int64]  # (tokens,) where it first begins there; -1: there is none

    @classmethod
    def room(cls, tokens: int, resources: Resources) -> "TokenMatches":
        """Room for so many tokens, in memory or on disk."""
        fits = RESULT_BYTES * tokens <= resources.memory_limit // 4
        scratch = Scratch() if fits else resources.on_disk()
        dtypes: tuple[Any, ...] = (np.int32, np.int32, np.int64, np.int64)
        return cls(*(scratch.allocate(tokens, dtype) for dtype in dtypes))


def match(train: StoredText, test: StoredText, types: int, resources: Resources) -> TokenMatches:
    """The longest match in the training text that ends in each token of the test text."""
    sizes = PartSizes.within(resources, len(train.tokens), len(test.tokens))
    found = TokenMatches.room(test.words, resources)
    tests, trains = parts(len(test.tokens), sizes.test), parts(len(train.tokens), sizes.train)
    advance = stage("matching", len(tests) * len(train.tokens))
    done = 0
    for test_part in tests:

        def work(train_part: Part, test_part: Part = test_part) -> tuple[Part, Longest]:
            return train_part, longest_matches(Window(train.tokens, train_part, test.tokens, test_part), types)

        merged = Merged(test_part[1] - test_part[0])
        for train_part, longest in map_in_order(work, trains, sizes.threads):
            merged.take_in(longest, train_part[0])
            advance(train_part[1] - train_part[0])
        done = merged.enter(found, done, test.tokens.read(*test_part))
    return found


def parts(size: int, part: int) -> list[Part]:
    """From which place to before which, for parts of about the same size."""
    number = -(-size // part)
    return list(pairwise(size * place // number for place in range(number + 1)))


class Merged:
    """The longest matches of the places of a part of the test text in all parts of the training text so far."""

    def __init__(self, places: int) -> None:
        self._lengths = np.zeros(places, np.int32)
        self._counts, self._ends = (np.zeros(places, np.int64) for _ in range(2))

    def take_in(self, longest: Longest, start: int) -> None:
        """Take in what was found in the next part of the training text, which begins at this place: the longer one wins, equal ones add up."""
        longer = np.flatnonzero(longest.lengths > self._lengths)
        equal = np.flatnonzero((longest.lengths == self._lengths) & (longest.lengths > 0))
        self._counts[equal] += longest.counts[equal]
        self._lengths[longer] = longest.lengths[longer]
        self._counts[longer] = longest.counts[longer]
        self._ends[longer] = longest.ends[longer].astype(np.int64) + start

    def enter(self, found: TokenMatches, done: int, tokens: NDArray[np.int32]) -> int:
        """Note what was found for the words of the part, before which were so many; returns how many there are now."""
        words = np.flatnonzero(tokens != EOS)
        places = slice(done, done + len(words))
        found.ids[places] = tokens[words]
        found.lengths[places] = self._lengths[words]
        found.counts[places] = self._counts[words]
        found.places[places] = np.where(self._lengths > 0, self._ends - self._lengths + 1, -1)[words]
        return places.stop
