"""The suffixes of n-grams are what is found word by word, in memory and on disk."""

from pathlib import Path

import pytest

from lmkit.engine.scratch import DiskScratch, Scratch
from lmkit.ngrams.trie.orders import find_entry, ngram_words
from lmkit.ngrams.trie.suffixes import suffixes_of
from tests.backoff_models import random_model


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("order", [1, 2, 5])
def test_suffixes_are_the_ngrams_without_their_first_words(
    tmp_path: Path, order: int, on_disk: bool, workers: int
) -> None:
    orders = random_model(order, order).orders
    found = suffixes_of(orders, DiskScratch(tmp_path) if on_disk else Scratch(), workers)
    assert len(found) == order
    for length in range(2, order + 1):
        words = zip(*ngram_words(orders, length, 0, len(orders[length - 1])), strict=True)
        assert found[length - 1].tolist() == [find_entry(orders, [int(word) for word in ngram[1:]]) for ngram in words]
    assert order < 3 or any((suffixes < 0).any() for suffixes in found)  # some are not stored
