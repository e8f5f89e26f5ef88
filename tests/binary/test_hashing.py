"""Hashes of words and n-grams, checked against plain Python, and where linear probing puts them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmkit.binary.hashing import hash_longer, hash_words, slots_for
from lmkit.text.vocabulary import Vocabulary

WRAP = (1 << 64) - 1


def murmur(word: bytes) -> int:
    """MurmurHash64A with seed 0, integer by integer."""
    mixer = 0xC6A4A7935BD1E995
    found = len(word) * mixer & WRAP
    whole = len(word) // 8 * 8
    for at in range(0, whole, 8):
        piece = int.from_bytes(word[at : at + 8], "little") * mixer & WRAP
        piece = (piece ^ piece >> 47) * mixer & WRAP
        found = (found ^ piece) * mixer & WRAP
    if len(word) > whole:
        found = (found ^ int.from_bytes(word[whole:], "little")) * mixer & WRAP
    found = (found ^ found >> 47) * mixer & WRAP
    return found ^ found >> 47


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_words_of_any_length_are_hashed_as_one_by_one(words: list[bytes]) -> None:
    assert hash_words(Vocabulary.from_words(words)).tolist() == [murmur(word) for word in words]


def test_an_ngram_is_hashed_from_its_last_word_to_its_first() -> None:
    first, middle, last = 3, 70_000, 5
    expected = last
    for word in (middle, first):
        expected = expected * 8978948897894561157 & WRAP ^ (word + 1) * 17894857484156487943 & WRAP
    bigram = hash_longer(np.array([last], np.uint64), np.array([middle]))
    assert hash_longer(bigram, np.array([first])).tolist() == [expected]


@pytest.mark.parametrize(
    ("entries", "multiplier", "slots"),
    [
        (100, 1.5, 150),
        (1, 1.5, 2),  # one slot more than entries, at least
        (0, 1.5, 1),
        (16_777_217, 1.5, 25_165_824),  # 2**24 + 1 is no single-precision number: 2**24 · 1.5
        (1_000_003, 1.1, 1_100_003),  # 1.1 in single precision is a bit more than 1.1
    ],
)
def test_tables_have_as_many_slots_as_the_product_in_single_precision(
    entries: int, multiplier: float, slots: int
) -> None:
    assert slots_for(entries, multiplier) == slots
