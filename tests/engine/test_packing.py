"""Whole numbers in few bits: they come back, and take as few bits as there is a way to."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmkit.engine.packing import BLOCK, MOST_DISTINCT, PackedNumbers, best_widths, pack, packed_size, unpack


@given(st.data(), st.integers(1, 33), st.integers(0, 40))
def test_numbers_of_any_width_come_back(data: st.DataObject, bits: int, size: int) -> None:
    numbers = np.array(
        data.draw(st.lists(st.integers(0, (1 << bits) - 1), min_size=size, max_size=size)), dtype=np.uint64
    )
    packed = pack(numbers, bits)
    assert len(packed) == packed_size(size, bits) <= (size + 7) * bits / 8
    assert unpack(packed, bits, size).tolist() == numbers.tolist()


def test_low_bits_come_first() -> None:
    """5, 1, 6 in three bits each: 0b110_001_101, whose lower byte is 0b10_001_101."""
    assert pack(np.array([5, 1, 6]), 3).tolist() == [0b10001101, 0b1, 0]
    assert pack(np.array([5, 1, 6, 7]), 3).tolist() == [0b10001101, 0b1111, 0]


@given(st.lists(st.one_of(st.integers(0, 3), st.integers(0, 300), st.integers(MOST_DISTINCT - 2, 2**47)), max_size=60))
@pytest.mark.parametrize("copies", [1, 40])
def test_packed_numbers_come_back_whatever_they_are(copies: int, numbers: list[int]) -> None:
    given_numbers = np.array(numbers * copies, np.int64)
    packed = PackedNumbers.of(given_numbers)
    if packed is None:
        assert copies == 1 or not numbers or min(numbers) >= MOST_DISTINCT
        return
    found = packed.unpacked()
    assert found.dtype == given_numbers.dtype
    assert found.tolist() == given_numbers.tolist()
    assert packed.nbytes < given_numbers.nbytes


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.uint64, np.int32, np.int64])
def test_numbers_come_back_in_their_type_over_several_blocks(dtype: Any) -> None:
    numbers = (np.arange(BLOCK * 2 + 17) ** 2 % 251).astype(dtype)
    numbers[:: 1 << 14] = min(np.iinfo(dtype).max, 1 << 40)
    packed = PackedNumbers.of(numbers)
    assert packed is not None
    assert len(packed.blocks.ends) == 3
    found = packed.unpacked()
    assert found.dtype == dtype
    assert np.array_equal(found, numbers)


def test_more_distinct_numbers_than_a_table_has_room_for_come_back() -> None:
    numbers = np.arange(MOST_DISTINCT + 9, dtype=np.int64)
    packed = PackedNumbers.of(np.concatenate((numbers, numbers)))
    assert packed is not None
    assert np.array_equal(packed.unpacked(), np.concatenate((numbers, numbers)))


def bits_taken(widths: tuple[int, ...], frequencies: list[int], beyond: int) -> int | None:
    """The bits that these widths take, number by number; None if they have no room for all. What stands apart has 8 bytes."""
    taken, tiers = 0, []
    first = 0
    for place, width in enumerate(widths, start=1):
        room = (1 << width) - int(place < len(widths) or beyond > 0)
        tiers.append((first, first + room))
        first += room
    if first < len(frequencies):
        return None
    for place, frequency in enumerate(frequencies):
        reached = next(tier for tier, (_, end) in enumerate(tiers) if place < end)
        taken += frequency * sum(widths[: reached + 1])
    return taken + beyond * (sum(widths) + 64)


@given(st.lists(st.integers(1, 200), min_size=1, max_size=20), st.integers(0, 3))
def test_no_widths_take_fewer_bits(frequencies: list[int], beyond: int) -> None:
    frequencies.sort(reverse=True)
    all_ways = [
        bits_taken(widths, frequencies, beyond) for tiers in (1, 2, 3) for widths in product(range(1, 6), repeat=tiers)
    ]
    found = bits_taken(best_widths(np.array(frequencies), beyond, 8), frequencies, beyond)
    assert found is not None
    assert found <= min(bits for bits in all_ways if bits is not None)
