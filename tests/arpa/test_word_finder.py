"""Words looked up where they stand in a text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lmkit.arpa.word_finder import WIDTH, WordFinder


def found(words: list[bytes], text_words: list[bytes]) -> list[int]:
    """The ids of the words of a text."""
    lengths = np.array([len(word) for word in text_words], np.int32)
    starts = np.cumsum(lengths + 1, dtype=np.int32) - lengths - 1
    ids: list[int] = WordFinder(words).find(b" ".join(text_words), starts, lengths).tolist()
    return ids


@given(st.lists(st.text("ab", min_size=1, max_size=20), min_size=1, max_size=60, unique=True), st.data())
def test_a_word_has_its_id_or_none(words: list[str], data: st.DataObject) -> None:
    known, ids = [word.encode() for word in words], {word.encode(): number for number, word in enumerate(words)}
    others = data.draw(st.lists(st.text("ab", min_size=1, max_size=20), max_size=20))
    text = [*known, *(word.encode() for word in others)]
    for word, number in zip(text, found(known, text), strict=True):
        assert number == -1 or ids[word] == number


def test_words_that_share_their_first_bytes_are_told_apart() -> None:
    words = [b"a" * length for length in range(1, WIDTH + 1)] + [b"a" * 8 + b"b", b"b" + b"a" * 8]
    assert found(words, words) == list(range(len(words)))


def test_long_and_unknown_words_are_not_found() -> None:
    long = b"x" * (WIDTH + 1)
    assert found([long, b"x" * WIDTH], [long, b"x" * WIDTH, b"y", long + b"y"]) == [-1, 1, -1, -1]


def test_most_of_many_words_are_found() -> None:
    words = [b"%d" % number for number in range(50_000)]
    ids = np.array(found(words, words))
    assert (ids[ids >= 0] == np.flatnonzero(ids >= 0)).all()
    assert np.mean(ids >= 0) > 0.9
