"""The first step: the text of a split as ids of its own words, and what all words are numbered from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.kernels import take
from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import packed, packed_value, read_only, unpacked_value
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.errors import DataError
from lmkit.text.ids.encoding import NumberedBlock, number_blocks
from lmkit.text.ids.gathering import count_words, gather_blocks, tokens_of
from lmkit.text.reading import Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.bad_lines import BadLines
from lmkit.text.sources.splits import Split, located
from lmkit.text.stored_words import stored_words
from lmkit.text.vocabulary import WordNumbering

TEXTS, IDS, TOKENS, WORDS, COUNTS, BAD_LINES, TOLD = (
    "texts",
    "ids",
    "tokens",
    "words",
    "counts",
    "bad lines",
    "told",
)  # kinds
PART_TOKENS = 1 << 19  # running words in a message, at least
# What the driver is told, beside words, of each part of a split: of its tokens, whole padded sentences, and the counts (types,) of words in
# them; None: nothing of this one.
Telling = Callable[[int, NDArray[np.int32], NDArray[np.int64]], Mapping[str, NDArray[Any]] | None]


@dataclass(frozen=True)
class Numbering:
    """How splits are read."""

    settings: TextSettings
    reading: Reading
    resources: Resources
    tell: Telling | None  # None: words are all that is asked for, and no ids are kept

    def __call__(self, split: int, messages: Sequence[Message]) -> Iterator[Message]:
        """The ids of a split, which stay with it; to the driver, its words in the order of their first occurrence, and how often each occurs."""
        texts: Split = unpacked_value(messages[0])
        try:
            yield from self._messages(split, texts)
        except DataError:
            exact = [located(text) for text in texts]
            if exact != texts:  # the same error again, with the number of its line in the whole file
                for _ in self._blocks(exact, WordNumbering(), BadLines()):
                    pass
            raise

    def _blocks(self, texts: Split, numbering: WordNumbering, bad: BadLines) -> Iterator[NumberedBlock]:
        blocks = read_sentences(texts, self.settings, self.reading, check=False, bad=bad)
        return number_blocks(blocks, self.settings, numbering, self.resources.workers)

    def _messages(self, split: int, texts: Split) -> Iterator[Message]:
        numbering, bad = WordNumbering(), BadLines()
        counts = np.zeros(0, np.int64)
        for part, batch in enumerate(gather_blocks(self._blocks(texts, numbering, bad), PART_TOKENS)):
            if self.tell is None:
                found = count_words(batch, len(numbering))
            else:
                tokens = tokens_of(batch)
                found = np.bincount(tokens, minlength=len(numbering))
                yield Message(split, split, TOKENS, read_only(tokens), part)
                told = self.tell(part, tokens, found)
                if told is not None:
                    yield Message(DRIVER, split, TOLD, packed(told), part)
            found[: len(counts)] += counts
            counts = found
        words = numbering.vocabulary()
        counts = np.pad(counts, (0, len(words) - len(counts)))  # bytes that the text lacks were numbered last
        yield Message(DRIVER, split, WORDS, packed(stored_words(words) | {COUNTS: counts}))
        yield Message(DRIVER, split, BAD_LINES, packed_value(bad))


def tokens_in(messages: Sequence[Message]) -> Iterator[NDArray[np.int32]]:
    """The tokens of a split, whole padded sentences at a time, as the ids that the driver has given its words."""
    (ids,) = (np.frombuffer(message.payload, np.int32) for message in messages if message.kind == IDS)
    for message in messages:
        if message.kind == TOKENS:
            yield take(ids, np.frombuffer(message.payload, np.int32))
