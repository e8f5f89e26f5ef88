"""Both sides of a parallel text, record for record: two texts that are aligned, or two fields of the same records."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from lmkit.engine.arrow import bytes_to_arrow
from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.records.block import BAD, HAS_TEXT, NO_TEXT, RecordBlock
from lmkit.text.records.pieces import Found
from lmkit.text.records.reading import with_sentences
from lmkit.text.settings import TextSettings


def aligned(
    first: Iterable[RecordBlock], other: Iterable[RecordBlock], names: tuple[str, str]
) -> Iterator[RecordBlock]:
    """The records of the first text, each block with those of the other at the same places.

    DataError where they are not equally many. names: of the texts, for that.
    """
    sides = iter(first), iter(other)
    held: list[RecordBlock | None] = [None, None]
    numbers = [0, 0]
    while True:
        for side, blocks in enumerate(sides):
            while held[side] is None or not len(held[side] or ()):
                if (block := next(blocks, None)) is None:
                    break
                held[side] = block
                numbers[side] += len(block)
        own, beside = held
        together = 0 if own is None or beside is None else min(len(own), len(beside))
        if own is None or beside is None or not together:
            break
        yield replace(own.part(0, together), other=beside.part(0, together))
        held = [block.part(together, len(block)) for block in (own, beside)]
    for side, blocks in enumerate(sides):
        numbers[side] += sum(map(len, blocks))
    if numbers[0] != numbers[1]:
        raise DataError(
            f"{names[0]} has {numbers[0]:,} records and {names[1]} has {numbers[1]:,}: they are not the two sides of a parallel text.",
            "Each record, be it a blank line, stands beside the one at the same place.",
        )


def with_other_field(block: RecordBlock, field: str, settings: TextSettings, reading: Reading) -> RecordBlock:
    """The records with the text of another of their fields as their other side. DataError for what is no text there."""
    kinds = np.where(block.kinds == HAS_TEXT, NO_TEXT, block.kinds)
    texts: list[bytes] = []
    places: list[int] = []
    for place, value in enumerate(block.records.values(field, required=True)):
        if value is None or block.kinds[place] == BAD:
            continue
        if not isinstance(value, str):
            raise DataError(
                f"{block.source}:{block.numbers[place]}: the field {field} holds no text, but {value!r:.40}.",
                "Name the field of the other side of the text with --bitext-field.",
            )
        texts.append(value.encode("utf-8", "surrogatepass"))
        places.append(place)
    at = np.array(places, np.int64)
    kinds[at] = HAS_TEXT
    found = Found(block.records, kinds, block.numbers, bytes_to_arrow(texts), at)
    return replace(block, other=with_sentences(found, settings, reading, block.source))
