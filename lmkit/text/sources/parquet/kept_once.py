"""Texts that a Parquet file keeps once, for any number of rows that name them: a small file can hold any number of the same long text.

They are read as the file has them, and taken apart in pieces of about a block, before they are written out.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.sources.lists import is_list
from lmkit.text.sources.parquet.footer import Chunk

if TYPE_CHECKING:
    import pyarrow as pa

Opener = Callable[[list[str]], Any]  # opens the Parquet file, with texts of these columns as it keeps them


def kept_once(chunks: Iterable[Chunk], column: str | None = None) -> list[str]:
    """The columns of texts that may take much more than in the file. column: that one alone, or what is in it."""
    found = {chunk.path for chunk in chunks if chunk.has_dictionary and chunk.is_text}
    return sorted(path for path in found if column is None or is_within(path, column))


def is_within(path: str, column: str) -> bool:
    """Whether the path is that of a column, or of one in it."""
    return f"{path}.".startswith(f"{column}.")


def batches_as_kept(
    opened: Opener, growing: list[str], rows: int, columns: list[str] | None = None
) -> "Iterator[pa.RecordBatch]":
    """The rows of a file, so many at a time, with these columns as they are kept.

    Arrow does not read those in lists and tables so across groups of rows, nor in a group that keeps some texts once, and others not.
    """
    import pyarrow as pa

    file = opened(growing)
    how: dict[str, Any] = {"columns": columns, "use_threads": False}
    nested = {field.name for field in file.schema_arrow if pa.types.is_nested(field.type)}
    flat = [path for path in growing if path.partition(".")[0] not in nested]
    if flat == growing:
        yield from file.iter_batches(rows, **how)
        return
    plain = opened(flat)  # once: what a file says of its groups is read again with each opening, and may be of many
    for group in range(file.metadata.num_row_groups):
        given = 0
        try:
            for batch in file.iter_batches(rows, row_groups=[group], **how):
                yield batch
                given += len(batch)
        except NotImplementedError:
            for batch in plain.iter_batches(rows, row_groups=[group], **how):
                left = max(given, 0)
                given -= len(batch)
                if left < len(batch):
                    yield batch.slice(left)


def pieces_of(batch: "pa.RecordBatch", reading: Reading, name: str) -> "Iterator[pa.RecordBatch]":
    """The rows of a batch, so many at a time that their texts are about as long as a block, where texts are kept once. DataError for a row that is too long."""
    sizes = sum(map(sizes_of, batch.columns), start=np.zeros(len(batch), np.int64))
    refuse_long(sizes, reading, name)
    ends = np.cumsum(sizes)
    first = 0
    while first < len(ends):
        before = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, before + reading.bytes_at_a_time, side="right")), first + 1)
        yield batch.slice(first, last - first)
        first = last


def refuse_long(sizes: NDArray[np.int64], reading: Reading, name: str) -> None:
    """DataError for a row whose texts are longer than a line may be. sizes: (rows,) how long they are."""
    if len(sizes) and int(np.max(sizes)) > reading.longest_line:
        raise DataError(
            f"{name}: a row has texts of more than {reading.longest_line:,} bytes.",
            "Is it what it should be? A small Parquet file can hold any number of the same text.",
        )


def refuse_long_texts(values: "pa.Array[Any]", reading: Reading, name: str) -> None:
    """DataError for a text, a row each, that is longer than a line may be."""
    import pyarrow as pa

    if values.nbytes > reading.longest_line:
        texts = call_arrow("cast", values, target_type=pa.large_binary())
        refuse_long(numbers_of(call_arrow("binary_length", texts)), reading, name)


def sizes_of(values: "pa.Array[Any]") -> NDArray[np.int64]:
    """(values,) how long the texts are that are kept once; 0 for all else."""
    import pyarrow as pa

    if pa.types.is_struct(values.type):
        inner = (call_arrow("struct_field", values, indices=[place]) for place in range(values.type.num_fields))
        return sum(map(sizes_of, inner), start=np.zeros(len(values), np.int64))
    if is_list(values.type):
        ends = np.cumsum(numbers_of(call_arrow("list_value_length", values)))
        sizes = sizes_of(call_arrow("list_flatten", values))
        return np.diff(np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes))).take(ends), prepend=0)
    if not pa.types.is_dictionary(values.type) or not len(values.dictionary):
        return np.zeros(len(values), np.int64)
    return numbers_of(call_arrow("take", call_arrow("binary_length", values.dictionary), values.indices))


def numbers_of(values: "pa.Array[Any]") -> NDArray[np.int64]:
    """(values,) whole numbers, and 0 where there is none."""
    import pyarrow as pa

    none = to_arrow(np.zeros(1, np.int64))[0]
    return to_numpy(call_arrow("coalesce", call_arrow("cast", values, target_type=pa.int64()), none))
