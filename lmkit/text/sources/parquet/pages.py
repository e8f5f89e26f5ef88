"""The pages of a Parquet file, before Arrow reads them: it asks for as much memory as the header of a page says, up to 2 GB."""

import io
from collections.abc import Iterable
from typing import IO

from lmkit.text.sources.parquet.footer import Chunk, FooterError, Reading

HEAD_BYTES = 1 << 10  # of a page, in which its header ends unless there are long texts in that
MOST_HEAD_BYTES = 1 << 24  # as in Arrow
BEHIND = 100  # bytes: so much longer may a chunk be than it says, where old programs have left out a header
# Of a header of a page: its bytes, what is said of its values (in one of two forms), their number.
SIZE, COUNTED, COUNT = 3, (5, 8), 1


def check_pages(file: IO[bytes], chunks: Iterable[Chunk]) -> None:
    """FooterError for a page that ends behind its chunk."""
    length = file.seek(0, io.SEEK_END)
    for chunk in chunks:
        at, last, values = chunk.start, min(chunk.start + chunk.length + BEHIND, length), 0
        while values < chunk.values and at < last:
            size, number = page_at(file, at, last)
            at += size
            values += number
            if at > last:
                raise FooterError("a page ends behind its column")


def page_at(file: IO[bytes], at: int, last: int) -> tuple[int, int]:
    """The bytes of a page and its header, which begins there, and the number of values on it. FooterError where there is no header."""
    size = HEAD_BYTES
    while True:
        file.seek(at)
        reading = Reading(file.read(min(size, last - at)))
        try:
            header = reading.struct()
            values = sum(header[form].get(COUNT, 0) for form in COUNTED if form in header)
            return reading.at + max(header[SIZE], 0), values
        except (LookupError, TypeError, AttributeError) as error:
            if size >= min(MOST_HEAD_BYTES, last - at):
                raise FooterError("the header of a page is damaged") from error
        size *= 8
