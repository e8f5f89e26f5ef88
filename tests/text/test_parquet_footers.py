"""What a Parquet file says of its columns is what Arrow says, and a damaged footer is an error, not the end of the process."""

import contextlib
import io
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from lmkit.text.sources.parquet.footer import FooterError, chunks_of
from lmkit.text.sources.parquet.pages import BEHIND, check_pages
from tests.conftest import Run


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
def test_chunks_are_those_that_arrow_tells(tmp_path: Path, compression: str) -> None:
    words = ["le", "la", "le", "été"] * 5
    table = pa.table({"text": words, "id": range(20), "more": [[{"word": word, "n": 1.5}] for word in words]})
    path = tmp_path / "t.parquet"
    pq.write_table(table, path, compression=compression, use_dictionary=["text"], row_group_size=6)
    metadata = pq.ParquetFile(path).metadata
    told = [
        metadata.row_group(group).column(place)
        for group in range(metadata.num_row_groups)
        for place in range(metadata.num_columns)
    ]
    with path.open("rb") as file:
        found = chunks_of(file)
    assert [
        (
            each.path_in_schema,
            each.physical_type == "BYTE_ARRAY",
            each.has_dictionary_page,
            each.total_uncompressed_size,
            each.total_compressed_size,
            each.num_values,
        )
        for each in told
    ] == [(each.path, each.is_text, each.has_dictionary, each.size, each.length, each.values) for each in found]
    assert {each.codec for each in found} == {compression}


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_no_page_may_end_behind_its_chunk(version: str, size: int) -> None:
    written = io.BytesIO()
    words = [f"{number} {number * number:>200}" for number in range(1000)]
    pq.write_table(
        pa.table({"text": words, "id": range(1000)}), written, data_page_size=size, data_page_version=version
    )
    text, numbers = chunks_of(written)
    check_pages(written, [text, numbers])
    for chunk in (text, numbers):
        check_pages(written, [replace(chunk, length=chunk.length - BEHIND)])
        with pytest.raises(FooterError, match=r"a page ends behind its column|the header of a page is damaged"):
            check_pages(written, [replace(chunk, length=chunk.length - BEHIND - 1)])


def test_a_chunk_is_of_the_column_in_its_place_whatever_path_it_says_it_has() -> None:
    written = io.BytesIO()
    pq.write_table(pa.table({"text": ["le", "la"]}), written, store_schema=False, write_statistics=False)
    data = written.getvalue()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    last = data.rindex(b"text")
    assert data.count(b"text", start) == 2  # in the schema, and in the chunk
    found = chunks_of(io.BytesIO(data[:last] + b"tex7" + data[last + 4 :]))
    assert [each.path for each in found] == ["text"]


def test_a_footer_with_any_byte_changed_or_cut_short_is_read_or_refused() -> None:
    written = io.BytesIO()
    pq.write_table(pa.table({"text": ["le", "la"], "lists": [["a"], []]}), written)
    data = written.getvalue()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for place in range(start, len(data) - 4):
        for change in (1, 0x80, 0xFF):
            changed = bytearray(data)
            changed[place] ^= change
            read_or_refused(bytes(changed))
    for end in range(0, len(data), 7):
        read_or_refused(data[:end])


def read_or_refused(data: bytes) -> None:
    with contextlib.suppress(FooterError):
        chunks_of(io.BytesIO(data))


@pytest.mark.parametrize("kept_once", [False, True])
def test_a_row_is_no_longer_than_a_line_may_be(lmkit_run: Run, tmp_path: Path, kept_once: bool) -> None:
    """A page of one long text is a few bytes in the file."""
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"text": ["le chat " * 800_000] * 2}), path, compression="zstd", use_dictionary=kept_once)
    assert lmkit_run("count", "-n", 1, "-q", "--memory", "64M", path).code == 0
    result = lmkit_run("count", "-n", 1, "-q", "--memory", "40M", path)
    assert result.code == 1
    assert result.err.startswith(f"lmkit: {path}: a row has texts of more than {5 << 20:,} bytes.\n")
