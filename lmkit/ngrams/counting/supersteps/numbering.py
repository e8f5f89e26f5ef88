"""The first step: the text of a split as ids of its own words, and what all words are numbered from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import packed, packed_value, read_only, unpacked_value
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.engine.sparse import sort_pairs
from lmkit.errors import DataError
from lmkit.ngrams.counting.count import count_words, gather_blocks, tokens_of
from lmkit.text.ids.encoding import NumberedBlock, number_blocks
from lmkit.text.reading import Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.bad_lines import BadLines
from lmkit.text.sources.splits import Split, located
from lmkit.text.stored_words import stored_words
from lmkit.text.vocabulary import WordNumbering

TEXTS, TOKENS, WORDS, COUNTS, BAD_LINES, HEAVY = (
    "texts",
    "tokens",
    "words",
    "counts",
    "bad lines",
    "heavy words",
)  # kinds


@dataclass(frozen=True)
class Numbering:
    """How splits are read."""

    settings: TextSettings
    reading: Reading
    order: int
    ranges: int  # into which n-grams will be cut
    resources: Resources

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
        for part, batch in enumerate(gather_blocks(self._blocks(texts, numbering, bad))):
            if self.order == 1:
                found = count_words(batch, len(numbering)).counts[0].astype(np.int64)
            else:
                tokens = tokens_of(batch)
                found = np.bincount(tokens, minlength=len(numbering))
                yield Message(split, split, TOKENS, read_only(tokens), part)
                if not part:
                    yield Message(DRIVER, split, HEAVY, packed(heavy_rows(tokens, found, self.ranges)))
            found[: len(counts)] += counts
            counts = found
        words = numbering.vocabulary()
        counts = np.pad(counts, (0, len(words) - len(counts)))  # bytes that the text lacks were numbered last
        yield Message(DRIVER, split, WORDS, packed(stored_words(words) | {COUNTS: counts}))
        yield Message(DRIVER, split, BAD_LINES, packed_value(bad))


def heavy_rows(tokens: NDArray[np.int32], counts: NDArray[np.int64], ranges: int) -> dict[str, NDArray[np.int64]]:
    """The bigrams that begin with words so frequent that ranges will be cut within them, and how often each occurs.

    tokens: of whole padded sentences; counts: (types,) of the words in them.
    """
    heavy = 2 * ranges * counts > len(tokens) if ranges > 1 else np.zeros(len(counts), bool)
    places = np.flatnonzero(heavy.take(tokens[:-1]))
    types = len(counts)
    found = sort_pairs(tokens.take(places), tokens.take(places + 1), (types, types))
    return {"firsts": found.rows, "seconds": found.columns, COUNTS: np.diff(found.bounds).astype(np.int64)}
