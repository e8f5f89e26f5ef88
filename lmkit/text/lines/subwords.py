"""Text as subwords and back, and how long texts are in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError
from lmkit.one_line import one_line
from lmkit.text.lines.words import token_lines
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.settings import TextSettings
from lmkit.text.size import TextSize, text_size
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import Source, Texts, source_name
from lmkit.text.sources.reading import read_blocks
from lmkit.text.tokens.splitting import split_block, split_entries
from lmkit.text.tokens.subwords.tokenizer import SubwordTokenizer

FEW_PIECES = 1 << 20  # bytes of tokens turned into text at a time


def encoded_lines(
    tokenizer: SubwordTokenizer,
    texts: Texts,
    *,
    ids: bool = False,
    settings: TextSettings | None = None,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> Iterator[Any]:
    """The lines of the texts as tokens, or as their ids, a space between two, as Arrow arrays of text, block by block.

    settings: how text is shaped first (default: as `tokenizer.settings` has it). Nothing is left out: of a blank line, its white space.
    """
    how = settings or tokenizer.settings(blank_lines="sentence")
    numbers = {name: b"%d" % number for number, name in enumerate(tokenizer.names)}

    def encode(block: Block) -> Any:
        entries = split_block(block, how)
        if ids:
            entries = replace(entries, distinct=[numbers[name] if name else b"" for name in entries.words])
        return token_lines(entries, how)

    blocks = read_blocks(texts, reading)
    yield from map_in_order(encode, blocks, resources.workers)


def decoded_lines(tokenizer: SubwordTokenizer, texts: Texts, *, ids: bool = False) -> Iterator[str]:
    """The text of each line of tokens, or of their ids. DataError, with file and line, for what is no id of a token."""
    for block in read_blocks(texts, WITHOUT_CHOICE.in_blocks_of(FEW_PIECES)):
        for place, line in enumerate(block.data.decode().split("\n")[:-1]):
            names = line.split()
            if ids:
                names = names_of(tokenizer, names, f"{block.source}:{block.first_line + place}")
            yield tokenizer.decode(names)


def names_of(tokenizer: SubwordTokenizer, numbers: Iterable[str], where: str) -> list[str]:
    """The names of tokens given by id."""
    found = []
    for number in numbers:
        if not (number.isascii() and number.isdigit() and int(number) < len(tokenizer)):
            raise DataError(
                f"{where}: {number!r} is no id of {tokenizer.name}: ids are 0 to {len(tokenizer) - 1}.",
                "Were the tokens themselves written? Then leave --ids out.",
            )
        found.append(tokenizer.names[int(number)].decode())
    return found


@one_line
@dataclass(frozen=True)
class SubwordFigures:
    """How a tokenizer cuts a text. The ends of lines are left out."""

    file: str
    lines: int
    words: int  # between white space
    characters: int
    bytes: int
    tokens: int
    tokens_per_word: float  # "fertility"
    characters_per_token: float
    bytes_per_token: float
    token_coverage: float  # share of tokens that are whole characters, and known
    word_coverage: float  # share of words that, taken alone, are made of such tokens
    types_used: int  # of the vocabulary


def subword_figures(
    tokenizer: SubwordTokenizer,
    text: Source,
    *,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> SubwordFigures:
    """The figures of a text; DataError if there is none."""
    settings, whole = tokenizer.settings(), np.append(tokenizer.whole(), True)
    id_of = {name: number for number, name in enumerate(tokenizer.names)} | {b"": len(tokenizer)}
    size, lines, covered = TextSize(), 0, 0
    counts = np.zeros(len(tokenizer) + 1, np.int64)

    def measure(block: Block) -> tuple[TextSize, int, NDArray[np.int64], int]:
        entries = split_block(block, settings)
        ids = np.array([id_of[name] for name in entries.words], np.int64)
        occurrences = np.bincount(entries.running, minlength=len(ids))
        found = np.bincount(ids, weights=occurrences, minlength=len(counts)).astype(np.int64)
        return text_size(block.data), block.data.count(b"\n"), found, words_covered(tokenizer, whole, block)

    blocks = read_blocks(text, reading)
    for block_size, block_lines, found, block_covered in map_in_order(measure, blocks, resources.workers):
        size, lines, covered, counts = size + block_size, lines + block_lines, covered + block_covered, counts + found
    counts = counts[:-1]
    tokens = int(counts.sum())
    if not tokens or not size.words:
        raise DataError(f"{source_name(text)}: there is no text.")
    characters, octets = size.characters - lines, size.bytes - lines
    return SubwordFigures(
        file=source_name(text),
        lines=lines,
        words=size.words,
        characters=characters,
        bytes=octets,
        tokens=tokens,
        tokens_per_word=tokens / size.words,
        characters_per_token=characters / tokens,
        bytes_per_token=octets / tokens,
        token_coverage=float(counts[whole[:-1]].sum()) / tokens,
        word_coverage=covered / size.words,
        types_used=int(np.count_nonzero(counts)),
    )


def words_covered(tokenizer: SubwordTokenizer, whole: NDArray[np.bool_], block: Block) -> int:
    """How many words of a block are made of whole, known tokens."""
    entries = split_entries(Block(" ".join(block.data.decode().split()).encode() + b"\n", block.source, 1, 0))
    before = b" " if tokenizer.by_words else b""
    words = split_words(tokenizer, entries.words, before)
    starts, ids = tokenizer.encode(words)
    broken = np.concatenate((np.zeros(1, np.int64), np.cumsum(~whole.take(ids))))
    fine = broken.take(starts[1:]) == broken.take(starts[:-1])
    occurrences = np.bincount(entries.running, minlength=len(words))
    return int(occurrences[fine & (entries.lengths > 0)].sum())


def split_words(tokenizer: SubwordTokenizer, words: list[bytes], before: bytes) -> list[bytes]:
    """The words shaped as lines are before they are tokenized."""
    from lmkit.text.tokens.normalization import shape_words

    return [before + word for word in shape_words(words, tokenizer.shaping(tokenizer.settings()))]
