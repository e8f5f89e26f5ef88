"""Text as one stream of word ids with sentence marks: <s> w1 … wT </s> <s> …

Without sentence marks, it is w1 … wT </s> w1 …: </s> only keeps lines apart, and is no event. Which of both a stream is, its first
token tells (`begin_with_bos`); no n-gram reaches over </s>.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import bytes_to_arrow, to_numpy
from lmkit.engine.columns import text_bytes, texts_at
from lmkit.engine.kernels import call_arrow, take
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError, UsageError
from lmkit.text.settings import WHITESPACE, TextSettings
from lmkit.text.sources.blocks import Block, valid
from lmkit.text.tokens.entries import Entries
from lmkit.text.tokens.normalization import is_shaped, shape_words
from lmkit.text.tokens.splitting import split_block
from lmkit.text.tokens.subwords.tokenizer import subwords_of
from lmkit.text.tokens.units import BYTE_NAMES
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, MARKS, UNK, WordNumbering

DROPPED = -1  # an entry that is no token


@dataclass(frozen=True, eq=False)
class EncodedBlock:
    """Whole sentences of one source as ids."""

    tokens: NDArray[np.int32]  # (tokens,) ids, each sentence padded (see `pad_sentences`)
    sentence_lines: NDArray[np.int64]  # (sentences,) line number of each sentence in its source
    sentence_places: NDArray[np.int64]  # (sentences,) its place among the lines of the block, from 0
    source: str
    entries: Entries  # what the text was split into
    surface: NDArray[np.int32]  # (words,) place in surface_words of each running word (marks left out)
    settings: TextSettings  # how it was read
    documents: NDArray[np.int64]  # (sentences,) the document that each is part of: a number among those of its source
    text_number: int  # of its source among the texts that are read
    has_letters: bool = True  # whether unknown tokens are those whose words stand in the text

    def renumbered(self, ids: NDArray[np.int32]) -> "EncodedBlock":
        """The same sentences for another vocabulary. ids: (types,) in that, of the words of this one; what is unknown to both, and what to that alone, is then told apart no longer."""
        return replace(self, tokens=take(ids, self.tokens), has_letters=False)

    @property
    def surface_words(self) -> list[bytes]:
        """The distinct words as they stand in the text."""
        return self.entries.words

    def shaped_words(self, places: NDArray[np.int32]) -> list[bytes]:
        """The words at these places among the distinct ones, as they are looked up: in lower case, normalized, as the settings have it."""
        distinct = self.entries.distinct
        words: list[bytes] = (
            [distinct[place] for place in places.tolist()]
            if isinstance(distinct, list)
            else texts_at(distinct, places).to_pylist()
        )
        return words if self.entries.shaped else shape_words(words, self.settings)

    def stands_for_unknown(self, word: bytes) -> bool:
        """Whether a shaped word is no word itself, but the mark of unknown ones."""
        return word in (MARKS[UNK], unknown_form(self.settings))


@dataclass(frozen=True, eq=False)
class NumberedBlock:
    """A block whose distinct entries have ids; the work on its running words is still to be done."""

    block: Block
    settings: TextSettings
    entries: Entries
    ids: NDArray[np.int32]  # (distinct entries,) DROPPED for those that are no token

    def __len__(self) -> int:
        """About how many tokens there are."""
        return len(self.entries.running)

    def count_words(self, types: int) -> NDArray[np.int64]:
        """(types,) how often each word occurs, the marks of the sentences among them."""
        if len(self.ids) and self.ids.min() == DROPPED:  # blank lines may be sentences or not
            return np.bincount(self.encode().tokens, minlength=types)
        occurrences = np.bincount(self.entries.running, minlength=len(self.ids))
        counts = np.bincount(self.ids, weights=occurrences, minlength=types).astype(np.int64)
        marks = [BOS, EOS] if self.settings.sentence_marks else [EOS]
        counts[marks] += occurrences[self.entries.ends_line].sum()
        return counts

    def encode(self) -> EncodedBlock:
        """The block as ids."""
        running, ids = self.entries.running, take(self.ids, self.entries.running)
        line_ends = np.flatnonzero(take(self.entries.ends_line, running))
        if len(self.ids) and self.ids.min() == DROPPED:
            is_word = ids != DROPPED
            words_before = np.cumsum(is_word).take(line_ends)  # up to the end of each line
            ids, running = np.compress(is_word, ids), np.compress(is_word, running)
        else:
            words_before = line_ends + 1
        line_lengths = np.diff(words_before, prepend=0)
        places = np.arange(len(line_lengths))
        if self.settings.blank_lines == "skip" and len(line_lengths) and not line_lengths.min():
            has_words = line_lengths > 0
            line_lengths, places = line_lengths[has_words], places[has_words]
        tokens = pad_sentences(ids, line_lengths, marks=self.settings.sentence_marks)
        lines = self.block.lines(int(places[-1]) + 1 if len(places) else 0).take(places)
        documents, number = self.block.documents(places), self.block.text_number
        return EncodedBlock(
            tokens, lines, places, self.block.source, self.entries, running, self.settings, documents, number
        )


def number_blocks(
    blocks: Iterable[Block], settings: TextSettings, numbering: WordNumbering, workers: int | None = 1
) -> Iterator[NumberedBlock]:
    """The blocks with ids for their words, in order; new words are numbered as they come if the numbering grows.

    Of bytes and subwords, those that the text lacks are numbered at its end: they can always occur, so that no byte is ever unknown.
    Threads check and split the blocks; the numbering is one for all, and sees them in order. DataError for a reserved word, with
    file and line, unless the settings allow it.
    """

    def split(block: Block) -> tuple[Block, Entries, WordsLookedUp]:
        block = valid(block)
        entries = split_block(block, settings)
        return block, entries, look_words_up(entries, settings, numbering)

    for block, entries, words in map_in_order(split, blocks, workers):
        ids = number_entries(words, entries, block, settings, numbering)
        numbering.settle(len(ids))
        yield NumberedBlock(block, settings, entries, ids)
    if numbering.grows:
        numbering.number(fixed_tokens(settings))


def fixed_tokens(settings: TextSettings) -> list[bytes]:
    """All tokens that there can be, if the settings say which: bytes, subwords. Else none."""
    if settings.tokenizer_json:
        return subwords_of(settings).words()
    return [name.encode() for name in BYTE_NAMES] if settings.unit == "byte" else []


def encode_blocks(
    blocks: Iterable[Block], settings: TextSettings, numbering: WordNumbering, workers: int | None = 1
) -> Iterator[EncodedBlock]:
    """The blocks as ids, in order (see `number_blocks`)."""
    yield from map_in_order(NumberedBlock.encode, number_blocks(blocks, settings, numbering, workers), workers)


@dataclass(frozen=True, eq=False)
class WordsLookedUp:
    """What any thread can find out about the words of a block; the rest is done in the order of the text."""

    entries: NDArray[np.int64]  # (words,) the distinct entries that are words, in the order of their first occurrence
    numbers: NDArray[np.int32]  # (words,) their ids; -1: not looked up
    others: list[bytes] | None  # those that were not looked up; None: all were, and what was not found is unknown
    unknown: NDArray[np.int64]  # the places of those that stand for unknown words


def look_words_up(entries: Entries, settings: TextSettings, numbering: WordNumbering) -> WordsLookedUp:
    """The distinct words of a block, shaped, of which the most frequent have ids."""
    nonempty = np.flatnonzero(entries.lengths)
    words = entries.distinct
    if not entries.shaped and (isinstance(words, list) or not is_shaped(bytes(text_bytes(words)), settings)):
        words = shape_words(entries.words, settings)
    if len(nonempty) < len(entries.lengths):
        words = [words[place] for place in nonempty.tolist()] if isinstance(words, list) else texts_at(words, nonempty)
    listed = bytes_to_arrow(words) if isinstance(words, list) else words
    numbers, all_were = numbering.look_up(listed)
    unknown = np.zeros(0, np.int64)
    if form := unknown_form(settings):
        unknown = np.flatnonzero(to_numpy(call_arrow("equal", listed, bytes_to_arrow([form])[0])))
        numbers = numbers.copy()
        numbers[unknown] = UNK
    if all_were:
        return WordsLookedUp(nonempty, numbers, None, unknown)
    others = np.flatnonzero(numbers < 0)
    left = (
        [words[place] for place in others.tolist()] if isinstance(words, list) else texts_at(words, others).to_pylist()
    )
    return WordsLookedUp(nonempty, numbers, left, unknown)


@lru_cache
def unknown_form(settings: TextSettings) -> bytes | None:
    """The word that stands for unknown ones, as it is once it is shaped; None if there is none but <unk>. UsageError if it is not one token."""
    if not settings.unknown_word:
        return None
    without = replace(settings, unknown_word="", sentences="line", blank_lines="skip")
    entries = split_block(Block(settings.unknown_word.encode() + b"\n", "--unknown-word", 1, 0), without)
    shaped = entries.words if entries.shaped else shape_words(entries.words, without)
    tokens = [shaped[place] for place in entries.running.tolist() if shaped[place]]
    if len(tokens) != 1:
        found = " ".join(token.decode() for token in tokens)
        raise UsageError(
            f"the unknown word {settings.unknown_word!r} is not one token in such a text, but {len(tokens)}: {found}.",
            f"Name a token; or leave the text as it is, with --tokenizer {WHITESPACE}.",
        )
    form: bytes = tokens[0]
    return form


def number_entries(
    words: WordsLookedUp, entries: Entries, block: Block, settings: TextSettings, numbering: WordNumbering
) -> NDArray[np.int32]:
    """(distinct,) the id of each distinct entry, DROPPED for those that are no token."""
    nonempty, numbers = words.entries, words.numbers.copy()
    reserved = (numbers >= 0) & (numbers < FIRST_WORD)
    others = np.flatnonzero(numbers < 0)
    if words.others is None:
        numbers[others] = UNK
    else:
        numbers[others], reserved[others] = numbering.number(words.others)
    reserved[words.unknown] = False
    if settings.tokenizer_json:  # its unknown token is <unk>, and text that looks like it is not
        reserved &= numbers != UNK
    refused = reserved & ((settings.reserved == "error") | ((settings.reserved == "keep") & (numbers != UNK)))
    if refused.any():
        raise reserved_word_error(nonempty[refused], entries, block, settings)
    if settings.reserved == "skip":
        numbers[reserved] = DROPPED
    ids = np.full(len(entries.lengths), DROPPED, np.int32)
    ids[nonempty] = numbers
    return ids


def pad_sentences(words: NDArray[np.int32], lengths: NDArray[np.int64], *, marks: bool) -> NDArray[np.int32]:
    """The words (words,) of sentences of these lengths (sentences,) as one stream with <s> and </s>; without marks, with </s> alone."""
    padding = 2 if marks else 1
    tokens = np.empty(len(words) + padding * len(lengths), np.int32)
    ends = np.cumsum(lengths + padding)
    is_word = np.ones(len(tokens), bool)
    for mark, places in ((EOS, ends - 1), (BOS, ends - lengths - 2))[:padding]:
        tokens[places] = mark
        is_word[places] = False
    tokens[is_word] = words
    return tokens


def reserved_word_error(
    refused: NDArray[np.int64], entries: Entries, block: Block, settings: TextSettings
) -> DataError:
    """The error for the first reserved word of a block."""
    at = int(np.flatnonzero(np.isin(entries.running, refused))[0])
    line = block.line(int(np.count_nonzero(entries.ends_line[entries.running[:at]])))
    word = entries.words[entries.running[at]].decode()
    marks = ", ".join(mark.decode() for mark in MARKS)
    keep = settings.reserved == "error"
    remedy = f"Use --reserved skip to treat it as white space{', or --reserved keep to count <unk> as the unknown word' if keep else ''}"
    return DataError(
        f"{block.source}:{line}: the text contains the reserved word {word}.",
        f"{marks} mark sentences and unknown words; the text may have been padded for another tool. {remedy}.",
    )
