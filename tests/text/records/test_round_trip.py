"""Records go out as they came in: byte for byte where nothing is added, and as the same records where something is."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmkit.errors import UsageError
from lmkit.text.reading import Reading
from lmkit.text.records.block import BAD, RecordBlock
from lmkit.text.records.outputs import RecordFile, RecordOutput
from lmkit.text.records.reading import read_records
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Format, TextFile

ENDS = st.sampled_from(["\n", "\r\n", "\n\n", " \n"])
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\t"\\{},;'), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.fixed_dictionaries({"text": st.none() | TEXTS}, optional={"id": VALUES, "été {": VALUES})


def blocks_of(data: bytes, found: Format, block_bytes: int, **how: Any) -> list[RecordBlock]:
    text = TextFile(io.BytesIO(data), found, **how)
    return list(read_records(text, TextSettings(), Reading("replace", block_bytes)))


def written(
    blocks: list[RecordBlock], keep: Callable[[int], bool] | None = None, **added: Callable[[RecordBlock], Any]
) -> bytes:
    """The records for which keep(number) holds."""
    file, stream = RecordFile.named("-"), io.BytesIO()
    output = RecordOutput(file, stream)
    for block in blocks:
        kept = np.array([keep is None or keep(number) for number in block.numbers.tolist()], np.bool_)
        columns = {name: make(block) for name, make in added.items()} or None
        output.write(file.render(block, kept, columns))
    output.finish()
    return stream.getvalue()


@given(st.lists(st.tuples(TEXTS, ENDS)), st.booleans(), st.integers(1, 40))
def test_lines_come_out_byte_for_byte(lines: list[tuple[str, str]], ended: bool, block_bytes: int) -> None:
    data = "".join(text.replace("\n", " ") + end for text, end in lines).encode()
    data = data if ended else data.rstrip(b"\r\n")
    assert written(blocks_of(data, "text", block_bytes)) == data


@given(st.lists(st.tuples(OBJECTS, ENDS, st.booleans())), st.booleans(), st.booleans(), st.integers(1, 80))
def test_json_lines_come_out_byte_for_byte(
    objects: list[tuple[dict[str, object], str, bool]], ended: bool, marked: bool, block_bytes: int
) -> None:
    data = "".join(json.dumps(each, ensure_ascii=ascii_only) + end for each, end, ascii_only in objects).encode()
    data = (b"\xef\xbb\xbf" if marked and data else b"") + (data if ended else data.rstrip())
    assert written(blocks_of(data, "jsonl", block_bytes)) == data


@given(st.lists(st.tuples(OBJECTS, ENDS)), st.integers(1, 80))
def test_json_lines_with_a_figure_have_it_as_their_last_field(
    objects: list[tuple[dict[str, object], str]], block_bytes: int
) -> None:
    data = "".join(json.dumps(each, ensure_ascii=False) + end for each, end in objects).encode()
    found = written(blocks_of(data, "jsonl", block_bytes), n=lambda block: block.numbers)
    read = [json.loads(line) for line in found.split(b"\n") if line.strip()]
    assert [{name: value for name, value in each.items() if name != "n"} for each in read] == [
        each for each, _ in objects
    ]
    assert [list(each)[-1] for each in read] == ["n"] * len(objects)
    assert found.count(b"\n") == data.count(b"\n")


CELLS = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n",;'), max_size=8),
    min_size=2,
    max_size=2,
)


@given(
    st.lists(CELLS),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.booleans(),
    st.integers(1, 80),
)
def test_csv_comes_out_byte_for_byte_and_figures_are_its_last_column(
    rows: list[list[str]], end: str, quoting: int, ended: bool, block_bytes: int
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=quoting).writerows([["id", "text"], *rows])  # type: ignore[arg-type]
    data = text.getvalue().encode()
    data = data if ended or not rows else data.removesuffix(end.encode())
    blocks = blocks_of(data, "csv", block_bytes)
    assert written(blocks) == data
    found = list(csv.reader(io.StringIO(written(blocks, n=lambda block: block.numbers).decode(), newline="")))
    assert [row[:2] for row in found] == [["id", "text"], *rows]
    assert [row[2] for row in found[:1]] == ["n"]
    assert all(row[2].isdigit() for row in found[1:])


@given(st.lists(st.binary(max_size=6), max_size=8), st.integers(1, 20))
def test_lines_that_are_no_text_are_read_with_replacements_and_come_out_as_they_are(
    lines: list[bytes], block_bytes: int
) -> None:
    data = b"a\n" + b"\n".join(lines)
    assert written(blocks_of(data, "text", block_bytes)) == data


def test_a_last_line_of_the_character_that_marks_byte_order_is_a_line() -> None:
    data = b"a\n\xef\xbb\xbf"
    blocks = blocks_of(data, "text", 1)
    assert written(blocks) == data
    assert sum(len(block) for block in blocks) == 2


def test_a_corpus_has_no_header_to_be_without() -> None:
    with pytest.raises(UsageError, match="--no-header is for CSV and TSV"):
        list(read_records(TextFile("nltk:brown", header=False), TextSettings()))


def test_kept_records_follow_each_other_and_only_the_last_of_a_source_may_lack_its_line_end() -> None:
    blocks = blocks_of(b'{"text": "a"}\r\n{"text": "b"}\n{"text": "c"}', "jsonl", 1)
    assert written(blocks, lambda number: number != 2) == b'{"text": "a"}\r\n{"text": "c"}'
    assert written(blocks, lambda number: number < 3) == b'{"text": "a"}\r\n{"text": "b"}\n'
    assert written(blocks * 2, lambda number: number == 3) == b'{"text": "c"}\n{"text": "c"}'


def test_objects_without_fields_and_odd_braces_take_figures() -> None:
    data = b'{"text": "}"} \n{"text": "{"  }\n{ "text" : null}\n'
    found = written(blocks_of(data, "jsonl", 1), n=lambda block: block.numbers)
    assert found == b'{"text": "}", "n": 1} \n{"text": "{"  , "n": 2}\n{ "text" : null, "n": 3}\n'


def test_bad_lines_are_records_of_their_own_kind_and_stay_as_they_are() -> None:
    data = b'{"text": "a"}\nnonsense\n{}\n{"text": 3}\n'
    with pytest.warns(UserWarning, match="3 bad lines were skipped"):
        (block,) = blocks_of(data, "jsonl", 1 << 20, skip_bad_lines=True)
    assert block.kinds.tolist() == [0, BAD, BAD, BAD]
    assert written([block], lambda number: number > 1, n=lambda each: each.numbers) == b'nonsense\n{}\n{"text": 3}\n'


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet", "a.tsv"])
def test_plain_text_becomes_other_formats(tmp_path: Path, name: str) -> None:
    file = RecordFile.named(str(tmp_path / name))
    with (tmp_path / name).open("wb") as stream:
        output = RecordOutput(file, stream)
        for block in blocks_of(b"le chat\n\ndort\n", "text", 4):
            output.write(file.render(block, block.kinds == 0, None))
        output.finish()
    blocks = list(read_records(str(tmp_path / name), TextSettings()))
    assert [text for block in blocks for text in block.records.values("text")] == ["le chat", "dort"]
