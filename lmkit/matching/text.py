"""A text as ids on disk, with the lines that its sentences, and its records, stand on.

Each stretch that matches may run over follows on EOS: a sentence, or where they run over ends of lines, a record or a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import tokens as tell_tokens
from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.matching.stored import StoredNumbers
from lmkit.text.ids.encoding import EncodedBlock, NumberedBlock, number_blocks
from lmkit.text.limits import no_sentence
from lmkit.text.reading import Reading
from lmkit.text.records.block import BLANK, RecordBlock
from lmkit.text.records.reading import read_records
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import EOS, WordNumbering


@dataclass(frozen=True)
class Stretches:
    """How a text is cut and read."""

    settings: TextSettings
    reading: Reading = Reading()
    across_lines: bool = False  # whether matches run over ends of lines and sentences, within a record or a file
    records: bool = False  # whether the records are to be told apart
    id_field: str | None = None  # the field that names them; None: their lines do

    def blocks(self, texts: Texts) -> Iterator[Block]:
        """The sentences of the texts, a line each."""
        if self.records or self.across_lines:
            yield from read_records(texts, self.settings, self.reading)
        else:
            yield from read_sentences(texts, self.settings, self.reading, check=False)

    def encoded(
        self, texts: Texts, numbering: WordNumbering, workers: int | None
    ) -> Iterator[tuple[Block, EncodedBlock]]:
        """The same as ids: each line is its words and EOS."""
        # Marks are no words, and a blank line has none.
        settings = replace(self.settings, blank_lines="skip", sentence_marks=False)

        def encode(numbered: NumberedBlock) -> tuple[Block, EncodedBlock]:
            block = numbered.encode()
            tell_tokens(len(block.tokens))
            return numbered.block, block

        yield from map_in_order(encode, number_blocks(self.blocks(texts), settings, numbering, workers), workers)


@dataclass(frozen=True, eq=False)
class Lines:
    """Where the sentences of a text stand."""

    starts: NDArray[np.int64]  # (sentences,) the place at which each begins
    numbers: NDArray[np.int64]  # (sentences,) the line of each in its file, or its row
    files: NDArray[np.int32]  # (sentences,) the place of its file among the names
    names: list[str]  # of the files

    def of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """(places,) the sentence that each place is in."""
        return np.searchsorted(self.starts, places, "right") - 1


@dataclass(frozen=True, eq=False)
class Records:
    """The records of a text that are not blank."""

    of_sentences: NDArray[np.int64]  # (sentences,) the record of each, ascending
    numbers: NDArray[np.int64]  # (records,) the line, or row, on which each begins
    files: NDArray[np.int32]  # (records,) the place of its file among the names
    ids: list[Any] | None  # (records,) what the field holds that names each, if one was asked for


class StoredText:
    """A text on disk."""

    def __init__(self, resources: Resources) -> None:
        self.tokens = StoredNumbers(np.int32, resources)
        self._starts, self._first_words, self._numbers = (StoredNumbers(np.int64, resources) for _ in range(3))
        self._files = StoredNumbers(np.int32, resources)
        self._records = StoredNumbers(np.int64, resources)
        self._names: list[str] = []
        self._last: tuple[int, int] | None = None  # the stretch that the last sentence belongs to
        self._of_records: list[tuple[NDArray[np.int64], int, list[Any] | None]] = []  # numbers, file, ids
        self._record_number = 0
        self.words = 0  # running ones

    def add(self, block: Block, encoded: EncodedBlock, how: Stretches) -> None:
        """Take in the next block."""
        if not self._names or self._names[-1] != block.source or block.first_line == 1:
            self._names.append(block.source)
        begins = np.ones(len(encoded.sentence_lines), bool)
        if how.across_lines:
            begins = self._beginnings(block, encoded)
        tokens, starts = laid_out(encoded.tokens, begins)
        self._starts.append(starts + len(self.tokens))
        self._first_words.append(starts - np.cumsum(begins) + self.words)
        self.tokens.append(tokens)
        self.words += len(encoded.tokens) - len(begins)
        self._numbers.append(encoded.sentence_lines)
        self._files.append(np.full(len(begins), len(self._names) - 1))
        if how.records and isinstance(block, RecordBlock):
            self._add_records(block, encoded, how.id_field)

    def _beginnings(self, block: Block, encoded: EncodedBlock) -> NDArray[np.bool_]:
        """(sentences,) which of them begin a record, or a file of plain text."""
        file = len(self._names) - 1
        keys = encoded.sentence_lines if block.is_of_fields else np.zeros(len(encoded.sentence_lines), np.int64)
        if not len(keys):
            return np.zeros(0, bool)
        begins = np.ones(len(keys), bool)
        begins[1:] = keys[1:] != keys[:-1]
        begins[0] = self._last != (file, int(keys[0]))
        self._last = file, int(keys[-1])
        return begins

    def _add_records(self, block: RecordBlock, encoded: EncodedBlock, id_field: str | None) -> None:
        """Take in the records of a block."""
        is_record = block.kinds < BLANK
        places = np.cumsum(is_record) - 1 + self._record_number
        self._records.append(places.take(block.line_records.take(encoded.sentence_places)))
        ids = None
        if id_field is not None:
            values = block.records.values(id_field)
            ids = [values[place] for place in np.flatnonzero(is_record).tolist()]
        numbers = block.numbers[is_record]
        self._of_records.append((numbers, len(self._names) - 1, ids))
        self._record_number += len(numbers)

    def finish(self) -> None:
        """The text is at its end."""
        for numbers in (self.tokens, self._starts, self._first_words, self._numbers, self._files, self._records):
            numbers.finish()

    def lines(self) -> Lines:
        """Where the sentences stand, by place among words and EOS."""
        return Lines(self._starts.mapped(), self._numbers.mapped(), self._files.mapped(), self._names)

    def lines_by_word(self) -> Lines:
        """The same by place among the words."""
        return replace(self.lines(), starts=self._first_words.mapped())

    def records(self) -> Records:
        """The records, if they were told apart."""
        parts = self._of_records
        files = np.repeat(np.array([file for _, file, _ in parts], np.int32), [len(numbers) for numbers, _, _ in parts])
        ids = [each for _, _, ids in parts for each in ids or []]
        numbers = np.concatenate([np.zeros(0, np.int64), *(numbers for numbers, _, _ in parts)])
        return Records(
            self._records.mapped(), numbers, files, ids if any(part[2] is not None for part in parts) else None
        )


def laid_out(tokens: NDArray[np.int32], begins: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The words of sentences with EOS before those that begin a stretch, and where the words of each sentence begin (sentences,).

    tokens: the words of each sentence, and EOS.
    """
    rolled = np.roll(tokens, 1)  # the last is an EOS, as the first will be
    marks = np.flatnonzero(rolled == EOS)
    if begins.all():
        return rolled, marks + 1
    kept = np.ones(len(rolled), bool)
    kept[marks[~begins]] = False
    return rolled[kept], marks + 1 - np.cumsum(~begins)


def store(texts: Texts, how: Stretches, numbering: WordNumbering, resources: Resources) -> StoredText:
    """The texts on disk. DataError if there is no sentence in them, nor a record."""
    text = StoredText(resources)
    for block, encoded in how.encoded(texts, numbering, resources.workers):
        text.add(block, encoded, how)
    text.finish()
    if not len(text.tokens):
        raise no_sentence(texts)
    return text
