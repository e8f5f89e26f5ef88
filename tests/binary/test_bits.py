"""Integers of any width at any bit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lmkit.binary.bits import WIDEST, Bits, packed, width_of


@given(st.binary(min_size=16, max_size=40), st.integers(0, WIDEST), st.integers(0, 3), st.data())
def test_integers_are_read_at_any_bit(data: bytes, width: int, start: int, draw: st.DataObject) -> None:
    bits = 8 * (len(data) - start) - 64
    at = draw.draw(st.lists(st.integers(0, bits), max_size=5))
    number = int.from_bytes(data[start:], "little")
    found = Bits(data, start).read(np.array(at, np.int64), width)
    assert found.tolist() == [number >> place & ((1 << width) - 1) for place in at]


def test_integers_up_to_a_number_take_as_many_bits_as_it_has() -> None:
    assert [width_of(number) for number in (0, 1, 2, 255, 256)] == [0, 1, 2, 8, 9]


@given(
    st.integers(32, WIDEST),
    st.integers(0, 30),
    st.lists(st.integers(0, 2**30 - 1), min_size=1, max_size=20),
    st.integers(0, 3),
)
def test_records_are_read_where_they_are_packed(first: int, second: int, numbers: list[int], more: int) -> None:
    integers = np.array(numbers)
    low = integers & ((1 << second) - 1)
    data = packed([(integers, first), (low, second)], len(numbers) + more)
    assert len(data) == -(-(len(numbers) + more) * (first + second) // 8)
    at = np.arange(len(numbers) + more) * (first + second)
    bits = Bits(np.concatenate((data, np.zeros(8, np.uint8))).tobytes(), 0)
    assert bits.read(at, first).tolist() == numbers + more * [0]
    assert bits.read(at + first, second).tolist() == low.tolist() + more * [0]
