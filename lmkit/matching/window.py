"""A part of the training text and a part of the test text in one array, with so much of what stands before each as matches reach back."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.text.vocabulary import EOS

CONTEXT = 256  # words before a part, at first


class Tokens(Protocol):
    """Ids that can be read from anywhere to anywhere."""

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """(stop - start,) those from one place to before another."""


class Window:
    """[context, part of the training text, context, part of the test text]; both contexts are equally long, and begin with EOS before the text."""

    def __init__(
        self,
        train: Tokens,
        train_part: tuple[int, int],
        test: Tokens,
        test_part: tuple[int, int],
    ) -> None:
        """train_part, test_part: from which place to before which."""
        self._train, self._train_part = train, train_part
        self._test, self._test_part = test, test_part
        self.train_size, self.test_size = (stop - start for start, stop in (train_part, test_part))
        self.context = 0
        self.words: NDArray[np.int32] = np.zeros(0, np.int32)
        self._fill(CONTEXT)

    @property
    def border(self) -> int:
        """Where the part of the test text begins."""
        return 2 * self.context + self.train_size

    @property
    def train(self) -> NDArray[np.int32]:
        """The part of the training text."""
        return self.words[self.context : self.context + self.train_size]

    @property
    def test(self) -> NDArray[np.int32]:
        """The part of the test text."""
        return self.words[self.border :]

    def reach(self, ends: NDArray[np.int32], length: int) -> NDArray[np.int32]:
        """The places `ends` as they are once there are so many words before each part."""
        border, before = self.border, self.context
        self.hold(length)
        more = self.context - before
        return ends + np.where(ends >= border, 2 * more, more).astype(np.int32) if more else ends

    def hold(self, context: int) -> None:
        """Have at least so many words before each part, which may move all places."""
        if context > self.context:
            self._fill(2 * context)

    def _fill(self, context: int) -> None:
        """Read both parts with so many words before each."""
        self.context = context
        parts = []
        for tokens, (start, stop) in ((self._train, self._train_part), (self._test, self._test_part)):
            first = max(start - context, 0)
            parts += [np.full(context - (start - first), EOS, np.int32), tokens.read(first, stop)]
        self.words = np.concatenate(parts)
