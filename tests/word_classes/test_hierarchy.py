"""The tree of classes is that of the least loss, merger by merger."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import lmkit
from lmkit.classes.hierarchy import Mergers, bit_strings
from tests.conftest import train_text

Table = NDArray[np.int64]


def kept(counts: Table) -> float:
    """Σ N(b, c) ln(N(b, c) / (N(b, ·) N(·, c)))."""
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    return float(
        sum(
            n * math.log(n / (rows[b] * columns[c]))
            for b, row in enumerate(counts.tolist())
            for c, n in enumerate(row)
            if n
        )
    )


def merged(counts: Table, first: int, second: int) -> Table:
    """The counts with one class put into another."""
    one = counts.copy()
    one[first] += one[second]
    one[:, first] += one[:, second]
    return np.delete(np.delete(one, second, axis=0), second, axis=1)


def random_counts(seed: int, classes: int) -> Table:
    """How often classes, and three marks after them, follow each other."""
    return np.random.default_rng(seed).poisson(3, (classes + 3, classes + 3)).astype(np.int64)


@given(seed=st.integers(0, 10_000), classes=st.integers(2, 7))
def test_what_a_merger_loses_is_what_the_definition_says(seed: int, classes: int) -> None:
    counts = random_counts(seed, classes)
    tree = Mergers(counts, classes)
    for left in range(classes, 1, -1):
        losses, before = tree.losses(), kept(counts)
        expected = {(a, b): before - kept(merged(counts, a, b)) for a in range(left) for b in range(a + 1, left)}
        assert {pair: losses[pair] for pair in expected} == pytest.approx(expected, abs=1e-9)
        first, second = tree.least()
        assert expected[first, second] == pytest.approx(min(expected.values()), abs=1e-9)
        tree.merge(first, second)
        counts = merged(counts, first, second)


def test_classes_that_are_merged_first_differ_in_the_last_bit() -> None:
    # 0 and 1 are followed by 2 alone, and 2 by 3; 3 ends sentences: only 0 and 1 stand in the same places.
    counts = np.zeros((7, 7), np.int64)
    for row, column, n in ((0, 2, 9), (1, 2, 7), (2, 3, 16), (3, 4, 16), (5, 0, 9), (5, 1, 7)):
        counts[row, column] = n
    strings = bit_strings(counts, 4)
    assert strings[0][:-1] == strings[1][:-1]
    assert (strings[0][-1:], strings[1][-1:]) == (b"0", b"1")


@pytest.mark.parametrize("number", [2, 3, 25])
def test_bits_are_the_leaves_of_a_binary_tree(number: int) -> None:
    classes = lmkit.train_classes(lmkit.count_ngrams(train_text("en"), 2), number, hierarchy=True)
    assert list(classes.names) == sorted(classes.names)
    assert len(set(classes.names)) == number
    assert sum(2.0 ** -len(name) for name in classes.names) == 1  # so no one begins with another


def test_the_tree_changes_only_the_names() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 2)
    flat, tree = (lmkit.train_classes(counts, 20, hierarchy=hierarchy) for hierarchy in (False, True))
    groups = [
        {frozenset(each.vocabulary.words[word] for word in members) for members in each.members}
        for each in (flat, tree)
    ]
    assert groups[0] == groups[1]
