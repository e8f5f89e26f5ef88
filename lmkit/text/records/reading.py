"""Texts in any format as blocks of records, with the sentences of each; nothing is held but a block."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_arrow
from lmkit.engine.kernels import call_arrow
from lmkit.text.reading import Reading
from lmkit.text.records.block import BLANK, HAS_TEXT, RecordBlock
from lmkit.text.records.lines import LineRecords, line_ends
from lmkit.text.records.pieces import Found, Raw, raw_blocks
from lmkit.text.sentences.splitting import split_records
from lmkit.text.settings import TextSettings
from lmkit.text.sources.bad_lines import BadLines
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.sources.fields import block_of_values
from lmkit.text.sources.names import TextFile, Texts, is_corpus, source_name, sources
from lmkit.text.sources.reading import block_bytes_for, blocks_of_corpus, open_text
from lmkit.text.whitespace import SPACE

NOTHING = np.zeros(0, np.int64)


def read_records(texts: Texts, settings: TextSettings, reading: Reading = Reading()) -> Iterator[RecordBlock]:
    """The records of the texts in blocks (see `read_blocks` for what texts may be), with their sentences, a line each.

    Of plain text, a line is a record. A text of several lines has several sentences; where a sentence is a document, it is one,
    and where sentences are to be split, it is running text. DataError for what breaks its format; where bad lines are skipped, they are records of
    the kind BAD.
    """
    reading = reading.in_blocks_of(block_bytes_for(settings))
    bad = BadLines()
    for number, text in enumerate(sources(texts)):
        name = source_name(text)
        for found in found_records(text, bad, reading, settings):
            yield replace(with_sentences(found, settings, reading, name), text_number=number)
    bad.warn()


def found_records(text: TextFile, bad: BadLines, reading: Reading, settings: TextSettings) -> Iterator[Found]:
    """The records of one text."""
    if is_corpus(text.source):
        for block in blocks_of_corpus(text, reading):
            yield found_lines(Raw(block, ended=True, mark=b""), settings)
        return
    with open_text(text, bad) as opened:
        if opened.format == "parquet":
            from lmkit.text.records.tables import table_records

            yield from table_records(opened.stream, text, reading)
        elif opened.format == "jsonl":
            from lmkit.text.records.json_lines import json_records

            yield from json_records(opened.stream, text, opened.refuse, reading)
        elif opened.format in ("csv", "tsv"):
            from lmkit.text.records.cells import cell_records

            yield from cell_records(opened.stream, text, opened.refuse, reading, tabs=opened.format == "tsv")
        else:
            for raw in raw_blocks(opened.stream, text, reading):
                yield found_lines(raw, settings)


def found_lines(raw: Raw, settings: TextSettings) -> Found:
    """The lines of plain text; blank ones are no texts, where they are no sentences."""
    block = raw.block
    ends = line_ends(block.data)
    kinds = np.full(len(ends), HAS_TEXT, np.uint8)
    if settings.blank_lines == "skip":
        is_text = np.frombuffer(block.data, np.uint8) > SPACE
        starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
        kinds[~np.logical_or.reduceat(is_text, starts)] = BLANK
    records = LineRecords(block.data, ends, kinds, block.source, block.first_line, raw.ended, raw.mark)
    bounds = np.zeros(2 * len(ends) + 1, np.int64)
    bounds[1::2], bounds[2::2] = ends - 1, ends
    places = np.flatnonzero(kinds == HAS_TEXT)
    texts = call_arrow("take", records.slices(bounds), to_arrow(2 * places))
    return Found(records, kinds, block.lines(len(ends)), texts, places)


def with_sentences(found: Found, settings: TextSettings, reading: Reading, name: str) -> RecordBlock:
    """The records as a block of the sentences of their texts."""
    block = block_of_values(found.texts, found.places, name)
    if block is None or block.record_lines is None:
        block = Block(b"", name, 1, 0, NOTHING)
    if settings.sentences != "line":
        block = regrouped(
            checked(replace(block, record_lines=found.numbers[lines_of(block)]), reading.encoding_errors),
            lines_of(block),
            settings,
        )
    places = lines_of(block)
    return RecordBlock(
        block.data,
        name,
        int(found.numbers[0]) if len(found.numbers) else 1,
        0,
        found.numbers[places],
        invalid=reading.encoding_errors,
        records=found.records,
        line_records=places,
        kinds=found.kinds,
        numbers=found.numbers,
    )


def regrouped(block: Block, places: NDArray[np.int64], settings: TextSettings) -> Block:
    """The sentences of the texts, each a line, with their records in place of line numbers; block: the lines of the texts, places: their records."""
    if settings.sentences == "split":
        return split_records(replace(block, record_lines=places), settings.language)
    sentences: list[bytes] = []
    records: list[int] = []
    lines = zip(places.tolist(), block.data.split(b"\n"), strict=False)
    for record, group in groupby(lines, key=itemgetter(0)):
        joined = b" ".join(filter(None, (line.strip() for _, line in group)))
        if joined:
            sentences.append(joined)
            records.append(record)
    data = b"".join(sentence + b"\n" for sentence in sentences)
    return Block(data, block.source, block.first_line, 0, np.array(records, np.int64))


def lines_of(block: Block) -> NDArray[np.int64]:
    """(lines,) the records that the lines of a block of texts belong to."""
    return NOTHING if block.record_lines is None else block.record_lines
