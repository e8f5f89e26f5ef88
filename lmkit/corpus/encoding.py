"""Text as one stream of word ids with sentence marks: <s> w1 … wT </s> <s> …"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.reading import Block
from lmkit.corpus.settings import TextSettings
from lmkit.corpus.tokenization import Entries, shape_words, split_entries
from lmkit.corpus.vocabulary import BOS, EOS, MARKS, UNK, WordNumbering
from lmkit.errors import DataError

DROPPED = -1  # an entry that is no token


@dataclass(frozen=True, eq=False)
class EncodedBlock:
    """Whole sentences of one source as ids."""

    tokens: NDArray[np.int32]  # (tokens,) ids, each sentence padded with one <s> and one </s>
    sentence_lines: NDArray[np.int64]  # (sentences,) line number of each sentence in its source
    source: str
    surface_words: list[bytes]  # distinct words as they stand in the text
    surface: NDArray[np.int32]  # (words,) place in surface_words of each running word (marks left out)


def encode_blocks(blocks: Iterable[Block], settings: TextSettings, numbering: WordNumbering) -> Iterator[EncodedBlock]:
    """The blocks as ids, in order; new words are numbered as they come if the numbering grows.

    DataError for a reserved word, with file and line, unless the settings allow it.
    """
    for block in blocks:
        yield encode_block(block, settings, numbering)


def encode_block(block: Block, settings: TextSettings, numbering: WordNumbering) -> EncodedBlock:
    """One block as ids (see `encode_blocks`)."""
    entries = split_entries(block)
    ids = number_entries(entries, block, settings, numbering)
    running_ids = ids[entries.running]
    line_ends = entries.ends_line[entries.running]
    is_word = running_ids != DROPPED

    words_before = np.cumsum(is_word)[line_ends]  # words up to the end of each line
    line_lengths = np.diff(words_before, prepend=0)
    lines = np.arange(block.first_line, block.first_line + len(line_lengths))
    if settings.blank_lines == "skip":
        has_words = line_lengths > 0
        line_lengths, lines = line_lengths[has_words], lines[has_words]
    return EncodedBlock(
        pad_sentences(running_ids[is_word], line_lengths), lines, block.source, entries.words, entries.running[is_word]
    )


def number_entries(
    entries: Entries, block: Block, settings: TextSettings, numbering: WordNumbering
) -> NDArray[np.int32]:
    """(distinct,) the id of each distinct entry, DROPPED for those that are no token."""
    lengths = np.fromiter(map(len, entries.words), np.int64, len(entries.words))
    nonempty = np.flatnonzero(lengths)
    shaped = shape_words([entries.words[place] for place in nonempty], settings)
    numbers, reserved = numbering.number(shaped)
    refused = reserved & ((settings.reserved == "error") | ((settings.reserved == "keep") & (numbers != UNK)))
    if refused.any():
        raise reserved_word_error(nonempty[refused], entries, block, settings)
    if settings.reserved == "skip":
        numbers[reserved] = DROPPED
    ids = np.full(len(entries.words), DROPPED, np.int32)
    ids[nonempty] = numbers
    return ids


def pad_sentences(words: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.int32]:
    """The words (words,) of sentences of these lengths (sentences,) as one stream with <s> and </s>."""
    sentences = len(lengths)
    tokens = np.empty(len(words) + 2 * sentences, np.int32)
    ends = np.cumsum(lengths + 2)
    tokens[ends - 1] = EOS
    tokens[ends - lengths - 2] = BOS
    places = np.arange(1, len(words) + 1)
    places += np.repeat(2 * np.arange(sentences), lengths)
    tokens[places] = words
    return tokens


def reserved_word_error(
    refused: NDArray[np.int64], entries: Entries, block: Block, settings: TextSettings
) -> DataError:
    """The error for the first reserved word of a block."""
    at = int(np.flatnonzero(np.isin(entries.running, refused))[0])
    line = block.first_line + int(np.count_nonzero(entries.ends_line[entries.running[:at]]))
    word = entries.words[entries.running[at]].decode()
    marks = ", ".join(mark.decode() for mark in MARKS)
    remedy = "Use --reserved skip to treat it as white space"
    if settings.reserved == "error":
        remedy += ", or --reserved keep to count <unk> as the unknown word"
    return DataError(
        f"{block.source}:{line}: the text contains the reserved word {word}.",
        f"{marks} mark sentences and unknown words; the text may have been padded for another tool. {remedy}.",
    )
