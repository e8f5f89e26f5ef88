"""Hash tables that are filled range by range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmkit.binary import tables
from lmkit.binary.tables import Bucketed, TableWriter


def check(keys: list[int], slots: int, pieces: int) -> None:
    """Every entry is found from its slot on, beside its value, and as many slots are taken as there are entries."""
    everything = np.array(keys, np.uint64)
    values = np.arange(len(keys), dtype=np.int32)
    parts = zip(np.array_split(everything, pieces), np.array_split(values, pieces), strict=True)
    table = np.concatenate(list(TableWriter([Bucketed.of(*part, slots) for part in parts], slots).regions(1)))
    table = table.view([("key", "<u8"), ("value", "<i4")])
    assert len(table) == slots
    taken: set[int] = set()  # the same in whatever order entries come
    for key in keys:
        at = key % slots
        while at in taken:
            at = (at + 1) % slots
        taken.add(at)
    assert set(np.flatnonzero(table["key"]).tolist()) == taken
    for key, value in zip(keys, values.tolist(), strict=True):
        at = key % slots
        while table["key"][at] != key:
            assert table["key"][at] != 0
            at = (at + 1) % slots
        assert table["value"][at] == value


@given(st.sets(st.integers(1, 10**6), max_size=60), st.integers(1, 40), st.integers(1, 3))
def test_entries_are_found_where_linear_probing_looks(keys: set[int], room: int, pieces: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "RANGE_BITS", 3)
        check(sorted(keys), len(keys) + room, pieces)


def test_what_comes_past_the_end_goes_round_to_the_first_slots() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "RANGE_BITS", 2)
        slots = 14
        # Five entries for slot 12 and two for slot 0: slots 12, 13 and 0 to 4 are full then.
        check([12 + slots * times for times in range(1, 6)] + [slots, 2 * slots], slots, 1)


def test_a_table_of_many_ranges_is_filled() -> None:
    generator = np.random.default_rng(1)
    keys = np.unique(generator.integers(1, 1 << 62, 60_000))
    check(keys.tolist(), 3 * len(keys) // 2, 2)
