"""Lists of words with their counts: of a text, of a file that lists them, of a model."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.engine.resources import Resources
from lmkit.engine.runners.protocol import Runner
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.counting.count import count_ngrams
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.supersteps.driver import count_on
from lmkit.one_line import one_line
from lmkit.scoring.protocol import Model
from lmkit.signature import signature
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts, source_name, sources
from lmkit.text.vocabulary import FIRST_WORD, MARKS, UNK, Vocabulary
from lmkit.text.word_files import listed_words

Kind = Literal["text", "words", "model"]
COUNT_DIGITS = 15  # of a count in a list: their sum must fit 64 bits


@one_line
@dataclass(frozen=True, eq=False)
class WordList(Tabular):
    """Words, and how often each stands in the text they were found in."""

    vocabulary: Vocabulary  # of a text: most frequent first, ties by code point
    # (words,) by id; the count of <unk> are running words of no known type. None: not known
    counts: NDArray[np.int64] | None
    settings: TextSettings | None  # how the words were shaped; None for the model of another tool
    kind: Kind  # what they were found in
    signature: str

    def columns(self, first: int | None = None) -> Columns:
        """The words, without marks, with their counts if these are known."""
        from lmkit.engine.columns import as_texts

        stop = None if first is None else FIRST_WORD + first
        words = {"word": as_texts(self.vocabulary.arrow_words()[FIRST_WORD:stop])}
        return words if self.counts is None else words | {"count": self.counts[FIRST_WORD:stop]}

    def in_brief(self) -> str:
        """What it is, in a line."""
        tokens = "" if self.tokens is None else f", {self.tokens:,} tokens"
        return f"{self.types:,} words{tokens}, of a {self.kind}"

    @property
    def words(self) -> list[str]:
        """The words, without marks."""
        return [word.decode() for word in self.vocabulary.words[FIRST_WORD:]]

    def __len__(self) -> int:
        """The number of words, marks left out."""
        return self.types

    def __iter__(self) -> Iterator[str]:
        """The words, without marks."""
        return iter(self.words)

    def keys(self) -> Iterator[str]:
        """The same, by which `dict(words)` takes them."""
        return iter(self)

    def __contains__(self, word: object) -> bool:
        """Whether a word is in the list; marks are not."""
        return isinstance(word, str) and (self.vocabulary.get(word) or 0) >= FIRST_WORD

    def __getitem__(self, word: str) -> int:
        """The count of a word. KeyError for one that is not in the list; DataError where counts are not known."""
        if word not in self:
            raise KeyError(word)
        if self.counts is None:
            raise DataError("these words have no counts.", "Count a text: word_list(text).")
        return int(self.counts[self.vocabulary[word]])

    @property
    def types(self) -> int:
        """The number of words, marks left out."""
        return len(self.vocabulary) - FIRST_WORD

    @property
    def tokens(self) -> int | None:
        """The number of running words, those of no known type included; None where it is not known."""
        return None if self.counts is None else int(self.counts[UNK:].sum())

    def take(self, ids: NDArray[np.int64]) -> "WordList":
        """The words with these ids, in this order; the counts of the marks stay."""
        order = np.concatenate((np.arange(FIRST_WORD), ids))
        return replace(
            self, vocabulary=self.vocabulary.taken(order), counts=None if self.counts is None else self.counts[order]
        )

    def by_count(self, ids: NDArray[np.int64]) -> "WordList":
        """The words with these ids, most frequent first, ties by code point (without counts: all by code point)."""
        counts = np.zeros(len(self.vocabulary), np.int64) if self.counts is None else self.counts
        return self.take(ids[np.lexsort((self.vocabulary.code_point_ranks()[ids], -counts[ids]))])

    def limited(self, *, cutoff: int = 1, size: int | None = None) -> "WordList":
        """The words seen `cutoff` times or more, and of these the `size` first; running words of the others are <unk>.

        A cutoff needs counts. UsageError for a cutoff without them.
        """
        ids = np.arange(FIRST_WORD, len(self.vocabulary))
        if cutoff > 1 and self.counts is None:
            raise UsageError("a cutoff was given for words without counts.")
        kept = ids[:size] if self.counts is None else ids[self.counts[FIRST_WORD:] >= cutoff][:size]
        limited = self.take(kept)
        if limited.counts is not None and self.counts is not None:
            limited.counts[UNK] += self.counts[FIRST_WORD:].sum() - limited.counts[FIRST_WORD:].sum()
        return limited


def word_list(
    texts: Texts,
    *,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
    runner: Runner | None = None,
) -> WordList:
    """The words of the texts with their counts, most frequent first, ties by code point.

    runner: has the counting done (default: it is done here). DataError for unreadable text, and for a text without any word.
    """
    count = count_ngrams if runner is None else partial(count_on, runner)
    counts = count(texts, 1, settings=settings, reading=reading, resources=resources)
    values = counts.counts[0].astype(np.int64)
    found = WordList(counts.vocabulary, values, counts.settings, "text", words_signature("text", counts.settings))
    if not found.tokens:
        raise no_word(texts)
    return found.by_count(np.flatnonzero(values[FIRST_WORD:]) + FIRST_WORD)


def words_signature(kind: Kind, settings: TextSettings) -> str:
    """The settings that shaped the words of a text or a list."""
    return signature({"source": kind} | settings.for_signature())


def words_of_model(value: Model) -> WordList:
    """The words that a model knows; with their counts if it is a counts file."""
    counts = value.counts[0].astype(np.int64) if isinstance(value, NgramCounts) else None
    return WordList(value.vocabulary, counts, value.settings, "model", value.signature())


def read_word_list(path: Texts, settings: TextSettings | None = None) -> WordList:
    """The words of a file with one word a line, shaped by the settings, in its order; the marks may stand in it or not.

    If a whole number follows the TAB on every line, these are the counts; words that become the same are added up. What
    else follows a TAB is ignored. DataError as for `read_vocabulary`.
    """
    settings = settings or TextSettings()
    found: dict[bytes, int] = dict.fromkeys(MARKS, 0)
    counted = True
    for words, columns in listed_words(path, settings):
        for word, column in zip(words, columns, strict=True):
            counted = counted and column.isdigit() and len(column) <= COUNT_DIGITS
            found[word] = found.get(word, 0) + (int(column) if counted else 0)
    if len(found) == FIRST_WORD:
        raise DataError(f"{', '.join(map(source_name, sources(path)))}: the vocabulary file holds no word.")
    counts = np.fromiter(found.values(), np.int64, len(found)) if counted else None
    return WordList(Vocabulary.from_words(found), counts, settings, "words", words_signature("words", settings))


def no_word(texts: Texts) -> DataError:
    """The error for a text without any word."""
    names = ", ".join(map(source_name, sources(texts)))
    return DataError(f"{names}: there is no word in the text.", "It is empty, or has only blank lines.")
