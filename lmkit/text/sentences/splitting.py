"""Text as blocks of sentences: as they stand, one a line, or whole files, or what is found in running text.

A block of sentences is a block of lines, too, so that all that reads lines reads sentences; it remembers the line on which each
sentence begins, and the text it was made of. Nothing is held but a block and a paragraph; of whole files, one file.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np

from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.settings import Language, TextSettings
from lmkit.text.sources.bad_lines import BadLines
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import Texts
from lmkit.text.sources.reading import block_bytes_for, read_blocks
from lmkit.text.whitespace import NEWLINE

LONGEST_PARAGRAPH = 4 << 20  # bytes; a longer one is cut at a line end
BLANK_LINES = re.compile(rb"\n(?:[ \t\r\f\v]*+\n)++")  # with the end of the line before them
LEADING = re.compile(rb"(?:[ \t\r\f\v]*+\n)*+")


def read_sentences(
    texts: Texts,
    settings: TextSettings,
    reading: Reading = Reading(),
    *,
    check: bool = True,
    bad: BadLines | None = None,
) -> Iterator[Block]:
    """The sentences of the texts (see `read_blocks`), one a line, in blocks. DataError for unreadable text.

    check: False leaves the encoding of text that is not cut into sentences to the caller, as `number_blocks` does it.
    """
    check |= settings.sentences != "line"
    blocks = read_blocks(texts, reading.in_blocks_of(block_bytes_for(settings)), check=check, bad=bad)
    yield from as_sentences(blocks, settings, reading)


def as_sentences(blocks: Iterable[Block], settings: TextSettings, reading: Reading = Reading()) -> Iterator[Block]:
    """Blocks of lines as blocks of sentences. DataError for a document as one sentence that is longer than a line may be."""
    if settings.sentences == "line":
        yield from blocks
    elif settings.sentences == "document":
        yield from whole_documents(blocks, reading.longest_line)
    else:
        for block in whole_paragraphs(blocks):
            split = split_records if block.is_of_records else split_paragraphs
            yield split(block, settings.language)


def whole_documents(blocks: Iterable[Block], longest: int) -> Iterator[Block]:
    """Each source as one sentence, line ends and what white space stands around them as one space; none of a blank source."""
    held: list[Block] = []
    for block in blocks:
        if held and block.text_number != held[0].text_number:
            yield from one_sentence(held)
            held = []
        held.append(block)
        if sum(len(each.data) for each in held) > longest:
            raise DataError(
                f"{block.source}: as one sentence, the text is longer than {longest:,} bytes.",
                "Split the file, or read it with --sentences line or split.",
            )
    if held:
        yield from one_sentence(held)


def one_sentence(blocks: list[Block]) -> Iterator[Block]:
    """The lines of the blocks of a source as one sentence, if there is anything in them."""
    lines = ((place, line) for block in blocks for place, line in enumerate(block.data.split(b"\n"), block.first_line))
    filled = [(place, stripped) for place, line in lines if (stripped := line.strip())]
    if filled:
        data = b" ".join(line for _, line in filled) + b"\n"
        raw = b"".join(block.data for block in blocks)
        first, start = blocks[0], filled[0][0]
        yield Block(data, first.source, start, first.offset, np.array([start]), raw, text_number=first.text_number)


def whole_paragraphs(blocks: Iterable[Block]) -> Iterator[Block]:
    """The text cut where paragraphs end, and within a paragraph only if it is very long (see `paragraphs`); blocks of records as they are."""
    rest: Block | None = None
    for block in blocks:
        if rest is not None and block.text_number != rest.text_number:
            yield rest
            rest = None
        if block.is_of_records:
            yield block
            continue
        held = block if rest is None else replace(rest, data=rest.data + block.data)
        done = finished(held.data)
        if done:
            yield replace(held, data=held.data[:done])
        lines = held.data.count(b"\n", 0, done)
        first, offset = held.first_line + lines, held.offset + done
        rest = Block(held.data[done:], held.source, first, offset, text_number=held.text_number)
    if rest is not None and rest.data:
        yield rest


def finished(data: bytes) -> int:
    """How many bytes belong to paragraphs, or parts of them, that nothing can be added to."""
    *_, done = 0, *(match.end() for match in BLANK_LINES.finditer(data))
    for _, end in paragraphs(data, done):
        if end < len(data):
            done = end
    return done


def paragraphs(data: bytes, start: int = 0) -> Iterator[tuple[int, int]]:
    """Where the paragraphs begin and end: lines up to a blank one.

    One of more than LONGEST_PARAGRAPH bytes is cut at its last line end before that, or else its first.
    """
    leading = LEADING.match(data, start)
    start = leading.end() if leading else start
    while start < len(data):
        blank = BLANK_LINES.search(data, start)
        end = blank.start() + 1 if blank else len(data)
        while end - start > LONGEST_PARAGRAPH:
            cut = data.rfind(b"\n", start, start + LONGEST_PARAGRAPH) + 1 or data.find(b"\n", start) + 1
            if cut == end:
                break
            yield start, cut
            start = cut
        yield start, end
        start = blank.end() if blank else len(data)


def split_paragraphs(block: Block, language: Language) -> Block:
    """The sentences of the paragraphs of a block."""
    from lmkit.text.sentences.rules import located_sentences

    sentences: list[str] = []
    numbers: list[int] = []
    number, counted = block.first_line, 0  # line of the byte `counted`
    for start, end in paragraphs(block.data):
        number, counted = number + block.data.count(b"\n", counted, start), start
        stripped = (line.strip() for line in block.data[start:end].decode().split("\n"))
        lines = [(place, line) for place, line in enumerate(stripped, number) if line]
        starts = list(accumulate((len(line) + 1 for _, line in lines), initial=0))  # of the lines in their paragraph
        for at, sentence in located_sentences(" ".join(line for _, line in lines), language):
            sentences.append(sentence)
            numbers.append(lines[bisect_right(starts, at) - 1][0])
    data = "".join(f"{sentence}\n" for sentence in sentences).encode()
    begins = np.array(numbers, np.int64)
    return Block(data, block.source, block.first_line, block.offset, begins, block.data, text_number=block.text_number)


def split_records(block: Block, language: Language) -> Block:
    """The sentences of the texts of a block of whole records; none goes on in the next record."""
    ends = np.append(0, np.flatnonzero(np.frombuffer(block.data, np.uint8) == NEWLINE) + 1)
    records = block.lines(len(ends) - 1)
    bounds = np.append(np.flatnonzero(np.diff(records, prepend=records[:1] - 1)), len(records))
    found: list[bytes] = []
    for start, end in pairwise(ends[bounds].tolist()):
        found.append(split_paragraphs(Block(block.data[start:end], block.source, 1, 0), language).data)
    sentences = [data.count(b"\n") for data in found]
    return replace(block, data=b"".join(found), record_lines=np.repeat(records[bounds[:-1]], sentences), raw=block.text)
