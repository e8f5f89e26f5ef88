"""Columns of texts made of numbered words, and the lines made of them."""

import numpy as np
import pyarrow as pa
import pytest

from lmkit.engine.arrow import texts_to_arrow
from lmkit.engine.phrases import Phrases, lines_of

WORDS = pa.array(["le", "chat", "dort"], pa.large_string())
NUMBERED = pa.DictionaryArray.from_arrays(pa.array([2, 0, 0]), WORDS)


def test_a_phrase_is_its_words_with_a_space_between_two() -> None:
    assert Phrases(WORDS, [np.array([0, 1]), np.array([1, 2])]).texts().to_pylist() == ["le chat", "chat dort"]
    assert Phrases(WORDS, [np.array([2])]).texts().to_pylist() == ["dort"]


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint8])
def test_lines_have_a_tab_between_columns_of_any_kind(dtype: type[np.integer]) -> None:
    phrases = Phrases(WORDS, [np.array([0, 1, 0], dtype), np.array([1, 2, 1], dtype)])
    columns = [phrases, np.array([7, 7, 0], dtype), NUMBERED, pa.array(["a", "é", ""], pa.large_string())]
    assert bytes(lines_of(columns)).decode() == "le chat\t7\tdort\ta\nchat dort\t7\tle\té\nle chat\t0\tle\t\n"


def test_numbers_that_are_equal_but_read_otherwise_stay_what_they_are() -> None:
    assert bytes(lines_of([NUMBERED, np.array([0.0, -0.0, np.nan])])) == b"dort\t0\nle\t-0\nle\tnan\n"


def test_texts_alone_are_joined() -> None:
    texts = pa.array(["a b", "c"], pa.large_string())
    assert bytes(lines_of([texts])) == b"a b\nc\n"
    assert bytes(lines_of([texts, texts])) == b"a b\ta b\nc\tc\n"


def test_of_no_row_there_is_no_line() -> None:
    nothing = np.zeros(0, np.int64)
    assert bytes(lines_of([Phrases(WORDS, [nothing, nothing]), nothing])) == b""


def test_places_of_a_byte_each_find_words_beyond_255() -> None:
    words = texts_to_arrow([f"w{number}" for number in range(256)])
    phrases = Phrases(words, [np.array([254, 255], np.uint8)])
    assert bytes(lines_of([phrases, np.array([1, 2])])) == b"w254\t1\nw255\t2\n"
