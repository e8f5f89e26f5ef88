"""Lists of words in JSON lines and Parquet: the words of a list are a line."""

import io
import json
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from tests.conftest import CORPORA
from tests.texts import in_format, json_lines, lines_of, table

LISTS: list[Any] = [["le", "chat"], None, [], ["un", None, "", "chien"], ["dort"], [None], [""]]
LINES = [(1, "le chat"), (3, ""), (4, "un chien"), (5, "dort"), (6, ""), (7, "")]
NESTED: list[Any] = [[["le", "chat"], ["il", "dort"]], None, [], [["un"], None, [], [None, "chien"]], [["fin"], []]]
NESTED_LINES = [(1, "le chat"), (1, "il dort"), (3, ""), (4, "un"), (4, ""), (4, "chien"), (5, "fin"), (5, "")]
WORDS = pa.list_(pa.string())


@pytest.mark.parametrize(("lists", "lines"), [(LISTS, LINES), (NESTED, NESTED_LINES)])
@pytest.mark.parametrize("block_bytes", [1, 40, 4 << 20])
def test_the_words_of_a_list_are_a_line(lists: list[Any], lines: list[tuple[int, str]], block_bytes: int) -> None:
    """Of a list of lists, each inner one. What is null or empty in a list is no word, and a null list no text."""
    reading = lmkit.Reading(block_bytes=block_bytes)
    assert lines_of(in_format(json_lines(lists), "jsonl"), reading=reading) == lines
    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": lists}), buffer)
    assert lines_of(in_format(buffer.getvalue(), "parquet"), reading=reading) == lines


@pytest.mark.parametrize(
    "type_",
    [
        pa.large_list(pa.string()),
        pa.list_(pa.large_string()),
        pa.list_(pa.binary()),
        pa.list_(pa.dictionary(pa.int32(), pa.string())),
    ],
    ids=str,
)
def test_lists_of_all_types_of_text_are_read_from_parquet(tmp_path: Path, type_: pa.DataType) -> None:
    encoded = type_.value_type == pa.binary()
    lists = [each and [word and word.encode() for word in each] for each in LISTS] if encoded else LISTS
    column = pa.array(lists, type_) if not pa.types.is_dictionary(type_.value_type) else dictionaries(lists)
    assert lines_of(table(tmp_path / "x.parquet", {"text": column})) == LINES


def dictionaries(lists: list[Any]) -> Any:
    """Lists of words that are encoded in a dictionary."""
    plain = pa.array(lists, WORDS)
    words = plain.flatten().dictionary_encode()
    return pa.ListArray.from_arrays(plain.offsets, words, mask=plain.is_null())


@pytest.mark.skipif(int(pa.__version__.partition(".")[0]) < 24, reason="Arrow before 24 writes no such lists")
def test_lists_of_one_length_nested_ones_and_those_of_nothing_are_read_from_parquet(tmp_path: Path) -> None:
    pairs = pa.array([["a", "b"], None, ["c", None]], pa.list_(pa.string(), 2))
    columns = {"text": pairs, "doc": [{"words": ["a"]}, None, {"words": None}], "empty": [[], None, []]}
    path = table(tmp_path / "x.parquet", columns)
    assert lines_of(path) == [(1, "a b"), (3, "c")]
    assert lines_of(lmkit.TextFile(path, field="doc.words")) == [(1, "a")]
    assert lines_of(lmkit.TextFile(path, field="empty")) == [(1, ""), (3, "")]


def test_texts_and_lists_may_stand_in_one_file() -> None:
    mixed = ["a b", ["c", "d"], [["e"], ["f"]], None, "g"]
    lines = [(1, "a b"), (2, "c d"), (3, "e"), (3, "f"), (5, "g")]
    for block_bytes in (1, 4 << 20):
        assert lines_of(in_format(json_lines(mixed), "jsonl"), reading=lmkit.Reading(block_bytes=block_bytes)) == lines


@pytest.mark.parametrize("sentences", [["le chat dort", "il rêve"], [["le chat dort"], ["il rêve"]], ["a", "b\n"]])
def test_words_with_white_space_in_them_are_warned_of(tmp_path: Path, sentences: list[Any]) -> None:
    """They may be sentences."""
    for text in (in_format(json_lines([sentences]), "jsonl"), table(tmp_path / "x.parquet", {"text": [sentences]})):
        with pytest.warns(lmkit.ListWarning, match=r"words in lists have white space in them, .*: a list is one line"):
            assert len(lines_of(text)) == (2 if isinstance(sentences[0], list) else 1)


def test_counts_of_lists_are_those_of_their_lines(tmp_path: Path) -> None:
    lines = [line.split() for line in (CORPORA / "fr.train.tok").read_text(encoding="utf-8").splitlines()]
    jsonl = tmp_path / "x.jsonl"
    jsonl.write_bytes(json_lines(lines, "tokens"))
    expected = lmkit.list_ngrams(lmkit.count_ngrams(CORPORA / "fr.train.tok", 2))
    for path in (jsonl, table(tmp_path / "x.parquet", {"tokens": lines})):
        counts = lmkit.count_ngrams(lmkit.TextFile(path, field="tokens"), 2)
        assert list(lmkit.list_ngrams(counts)) == list(expected)


LISTED = st.lists(st.one_of(st.none(), st.text(st.sampled_from('aé\u2028\\"{}[],'), max_size=3)), max_size=4)


@given(lists=st.lists(st.one_of(st.none(), LISTED, st.lists(st.one_of(st.none(), LISTED), max_size=3)), max_size=6))
def test_lists_are_the_same_lines_read_by_arrow_and_one_by_one(lists: list[Any]) -> None:
    data = json_lines(lists)
    one_by_one = data + b'{"text": 0}\n'  # which Arrow does not take as text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lmkit.SkippedLinesWarning)
        slowly = lines_of(in_format(one_by_one, "jsonl", skip_bad_lines=True))
    assert lines_of(in_format(data, "jsonl")) == slowly
    if all(each is None or all(word is None or isinstance(word, str) for word in each) for each in lists):
        buffer = io.BytesIO()
        pq.write_table(pa.table({"text": pa.array(lists, WORDS)}), buffer)
        assert lines_of(in_format(buffer.getvalue(), "parquet")) == slowly
    assert json.loads(data.splitlines()[0])["text"] == lists[0] if lists else not data
