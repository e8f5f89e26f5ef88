"""Texts in any format as blocks of whole lines; nothing is ever held but one block."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO

from lmkit.engine import progress
from lmkit.text.reading import BLOCK_BYTES, WITHOUT_CHOICE, Reading
from lmkit.text.settings import TextSettings
from lmkit.text.sources.bad_lines import BadLines, Refuse
from lmkit.text.sources.blocks import Block, line_blocks, whole_lines
from lmkit.text.sources.names import Format, TextFile, Texts, is_corpus, listed, source_name, sources
from lmkit.text.sources.opening import first_bytes, open_part, open_source
from lmkit.text.sources.recognition import format_of, refuse_binary, refuse_field, refuse_no_header


def read_blocks(
    texts: Texts, reading: Reading = Reading(), *, check: bool = True, bad: BadLines | None = None
) -> Iterator[Block]:
    """Blocks of whole lines of valid UTF-8 without control bytes, cut at line ends.

    texts: a path, a folder, a pattern, s3:// and the like, nltk:NAME, an open file, `Lines` in memory, "-" for standard input, any of these as a
    `TextFile` that says how to read it, a sequence of all that, or sentences as lists of words. gzip, bzip2, xz and zstd are recognised by their first
    bytes. Of JSON lines, CSV, TSV and Parquet the text is what stands in one field; its line is that of the record.
    The end of a file ends its last line. A line longer than a block makes a longer block. A byte order mark at
    the start of a file is dropped. check: False leaves the encoding of plain text to the caller (see `valid`).
    DataError for what cannot be read, is no text, or breaks its format; of lines that were skipped, as asked, a
    SkippedLinesWarning tells at the end. bad: takes them, in place of the warning.
    """
    taken = bad or BadLines()
    for number, text in enumerate(sources(texts)):
        for block in blocks_of(text, taken, reading, check=check):
            yield replace(block, text_number=number) if number else block
    if bad is None:
        taken.warn()


@dataclass(frozen=True)
class OpenText:
    """A text that is being read."""

    stream: IO[bytes]
    name: str
    format: Format  # never auto
    refuse: Refuse  # what takes its bad lines


@contextmanager
def open_text(text: TextFile, bad: BadLines) -> Iterator[OpenText]:
    """A text that is no corpus. DataError for what cannot be read, or is no text; UsageError for a field of plain text."""
    name = source_name(text)
    with open_part(text.source, text.part) if text.part else open_source(text.source) as stream:
        found = format_of(text, first_bytes(stream, name))
        yield OpenText(stream, name, found, bad.of(name, skip=text.skip_bad_lines))


def blocks_of_corpus(text: TextFile, reading: Reading) -> Iterator[Block]:
    """The sentences of a corpus of NLTK, a line each. UsageError for what only files of records have."""
    from lmkit.text.sources.nltk_corpora import corpus_blocks

    refuse_field(text)
    refuse_no_header(text)
    yield from corpus_blocks(str(text.source), reading)


def blocks_of(text: TextFile, bad: BadLines, reading: Reading, *, check: bool) -> Iterator[Block]:
    """The blocks of one text."""
    if is_corpus(text.source):
        yield from blocks_of_corpus(text, reading)
        return
    with open_text(text, bad) as opened:
        if opened.format == "parquet":
            from lmkit.text.sources.parquet.reading import parquet_blocks

            yield from parquet_blocks(opened.stream, text, reading)
            return
        pieces = progress.told_as_read(whole_lines(opened.stream, opened.name, reading))
        check |= opened.format != "text"
        start = (text.part.first_line or 0, text.part.start) if text.part else (1, 0)
        lines = line_blocks(pieces, opened.name, encoding_errors=reading.encoding_errors, check=check, start=start)
        if opened.format == "jsonl":
            from lmkit.text.sources.json_lines import json_blocks

            yield from json_blocks(lines, text, opened.refuse, reading.encoding_errors)
        elif opened.format in ("csv", "tsv"):
            from lmkit.text.sources.delimited import delimited_blocks

            yield from delimited_blocks(lines, text, opened.refuse, tabs=opened.format == "tsv")
        else:
            yield from lines


def read_lines(
    texts: Texts,
    *,
    block_bytes: int = BLOCK_BYTES,
    check: bool = True,
) -> Iterator[Block]:
    """Blocks of lines of files that are no corpora, such as lists of words: whatever they are called, they are plain text.

    check: False leaves the encoding to the caller (see `checked`). DataError for a file of a known kind that is no text.
    """
    for text in listed(texts):
        with open_source(text.source) as stream:
            name = source_name(text)
            refuse_binary(first_bytes(stream, name), name)
            pieces = whole_lines(stream, name, WITHOUT_CHOICE.in_blocks_of(block_bytes))
            yield from line_blocks(pieces, name, encoding_errors=None, check=check)


def block_bytes_for(settings: TextSettings) -> int:
    """How many bytes of text to take at a time, so that blocks hold about as many tokens, whatever these are."""
    return BLOCK_BYTES if settings.unit == "word" else BLOCK_BYTES // 4
