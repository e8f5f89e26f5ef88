"""CSV and TSV without a line of names: which delimiter there is, and how many columns."""

from collections import Counter
from collections.abc import Sequence

from lmkit.errors import DataError
from lmkit.text.sources.blocks import CR_ENDS
from lmkit.text.sources.names import TextFile
from lmkit.text.sources.records import QUOTING, Dialect, Record, ends_with_returns, is_blank, records_in
from lmkit.text.whitespace import NEWLINE

SAMPLE_RECORDS, SAMPLE_BYTES = 100, 1 << 20  # what is looked at, whatever the size of blocks


def columns_without_names(
    data: bytes, starts: Sequence[tuple[Record, Dialect]], text: TextFile, place: tuple[str, int], *, at_end: bool
) -> tuple[Dialect, int, int, int] | None:
    """The dialect, the number of columns, the place of the one that holds the text, and where the first record begins.

    starts: the first record in each dialect; place: the name of the file, and the line where the data begins. The dialect is the first one of those in which most records, of the first ones, have the
    same number of cells, and the column that is asked for. None if more data has to come. DataError if there is no such column.
    """
    samples = [first_widths(data, first.start, dialect, at_end=at_end) for first, dialect in starts]
    is_enough = at_end or len(starts) == 1 or len(data) >= SAMPLE_BYTES
    if not is_enough and min(map(len, samples)) < SAMPLE_RECORDS:
        return None
    wanted = int(text.field or 1)
    usual = [Counter(widths).most_common(1)[0] if widths else (0, 0) for widths in samples]
    shares = [
        number / len(widths) if cells >= max(wanted, 2) else 0
        for (cells, number), widths in zip(usual, samples, strict=True)
    ]
    best = max(range(len(starts)), key=lambda place: (shares[place], usual[place][0]))
    (first, dialect), (cells, _) = starts[best], usual[best]
    where = f"{place[0]}:{place[1] + data[: first.start].count(NEWLINE)}"
    faults = [record.fault for record, _ in starts if record.fault]
    if cells < wanted and faults:
        raise DataError(f"{where}: {faults[0]}.", QUOTING)
    if ends_with_returns(data, first):
        raise DataError(f"{where}: {CR_ENDS[0]}.", CR_ENDS[1])
    if cells < wanted or (cells > 1 and text.field is None):
        what = f"there is no column {wanted}" if cells < wanted else "no line has the names of the columns"
        number = f"{cells} cell{'s' if cells > 1 else ''}"
        raise DataError(f"{where}: {what}.", f"Records have {number}: say which one is the text, as --field {cells}.")
    return dialect, cells, wanted - 1, first.start


def first_widths(data: bytes, start: int, dialect: Dialect, *, at_end: bool) -> list[int]:
    """The numbers of cells of the first records from `start` on, without those that are faulty or blank."""
    widths: list[int] = []
    for record in records_in(data, dialect, at_end=at_end, start=start):
        if len(widths) == SAMPLE_RECORDS or (widths and record.end > SAMPLE_BYTES):
            break
        if not record.fault and not is_blank(data, record.start, record.end):
            widths.append(len(record.cells))
    return widths
