"""Files with right checksums and wrong links of n-grams to their suffixes, which no program of ours writes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.ngrams.trie.links import StoredLinks, wrong_links
from lmkit.ngrams.trie.orders import Order, ngram_words
from lmkit.ngrams.trie.suffixes import suffixes_of
from lmkit.ngrams.values.interpolated import InterpolatedValues
from tests.conftest import Run, held_out_text, train_text

TEXT = train_text("fr")


def without_suffix(orders: tuple[Order, ...]) -> tuple[Order, ...]:
    """The same n-grams, but for one of the longest, which ends with a word that never stands after the one before."""
    bigrams, longest = orders[1:]
    new = len(orders[0]) - 1
    for row, (first, last) in enumerate(zip(longest.indptr[:-1], longest.indptr[1:], strict=True)):
        middle = bigrams.indices[row]
        after = bigrams.indices[slice(*bigrams.indptr[middle : middle + 2])]
        if last > first and longest.indices[last - 1] < new and new not in after:
            words = longest.indices.copy()
            words[last - 1] = new
            return (*orders[:2], Order(longest.indptr, words))
    raise AssertionError("the text has no such n-gram")


@pytest.fixture(scope="module")
def counts() -> lmkit.NgramCounts:
    """Right ones."""
    return lmkit.count_ngrams(TEXT, 3)


def forged_word(counts: lmkit.NgramCounts) -> lmkit.NgramCounts:
    """Counts of an n-gram whose suffix is none."""
    return replace(counts, chain=replace(counts.chain, orders=without_suffix(counts.orders)))


def forged_link(counts: lmkit.NgramCounts) -> lmkit.NgramCounts:
    """Counts of an n-gram with a link to another bigram with the same last word."""
    links, words = counts.chain.suffixes[2].copy(), counts.orders[1].indices
    others = np.flatnonzero(words == words[links[0]])
    links[0] = others[others != links[0]][0]
    return replace(counts, chain=replace(counts.chain, suffixes=(*counts.chain.suffixes[:2], links)))


FORGED = pytest.mark.parametrize("forged", [forged_word, forged_link])
Forge = Callable[[lmkit.NgramCounts], lmkit.NgramCounts]


def test_right_links_are_right(counts: lmkit.NgramCounts) -> None:
    for length in (2, 3):
        assert len(wrong_links(counts.orders, counts.chain.suffixes, length, counts.scratch)) == 0
    links = StoredLinks(counts.orders, counts.chain.suffixes, counts.scratch)
    assert [each.tolist() for each in links[1:]] == [each.tolist() for each in counts.chain.suffixes[1:]]
    assert len(links[:2]) == len(list(links)) - 1 == 2
    assert links[-1] is counts.chain.suffixes[-1]


@FORGED
def test_counts_with_wrong_links_are_refused_where_they_are_used(
    counts: lmkit.NgramCounts, forged: Forge, tmp_path: Path, lmkit_run: Run
) -> None:
    path, right = tmp_path / "forged.safetensors", tmp_path / "right.safetensors"
    lmkit.save(forged(counts), path)
    lmkit.save(counts, right)
    output = ["-q", "-o", tmp_path / "x.safetensors"]
    lines: list[list[Any]] = [
        ["smooth", "--kneser-ney", path, *output],
        ["smooth", "--katz", path, *output],
        ["smooth", "--witten-bell", "--backed-off", path, *output],
        ["ngram", "merge", right, path, *output],
        ["ngram", "convert", path, "--compact", *output],
        ["ngram", "convert", path, "-q", "-o", tmp_path / "x.arpa"],
        ["ngram", "convert", path, "-q", "-o", tmp_path / "x.binary"],
    ]
    for line in lines:
        result = lmkit_run(*line)
        assert (result.code, result.err.splitlines()[0]) == (
            1,
            "lmkit: the counts are damaged: some of their 3-grams have wrong links to their suffixes.",
        ), line
    assert "has a wrong link to its suffix" in lmkit_run("ngram", "check", path).out
    assert [each.kind for each in lmkit.check_model(lmkit.load_counts(path)).problems] == ["suffix"]


def test_a_model_kept_as_counts_without_a_suffix_is_refused_where_it_is_met(
    counts: lmkit.NgramCounts, tmp_path: Path, lmkit_run: Run
) -> None:
    """Scoring sees what the text has; writing it in other forms sees all."""
    model = lmkit.kneser_ney(counts)
    orders = without_suffix(model.orders)
    assert int((suffixes_of(orders)[2] < 0).sum()) == 1
    assert isinstance(model.values, InterpolatedValues)
    forged = replace(model, orders=orders, values=replace(model.values, orders=orders, suffixes=None))
    path = tmp_path / "forged.safetensors"
    lmkit.save(forged, path)
    entry = int(np.flatnonzero(suffixes_of(orders)[2] < 0)[0])
    words = [model.vocabulary.words[column[0]].decode() for column in ngram_words(orders, 3, entry, entry + 1)]
    text = tmp_path / "text.txt"
    text.write_text(" ".join(word for word in words if word != "<s>"), encoding="utf-8")
    told = "lmkit: the model is damaged: it has 3-grams, and not all of them without their first words."
    for line in (
        ["perplexity", path, text],
        ["ngram", "convert", path, "--compact", "-o", tmp_path / "x.safetensors"],
        ["smooth", "--katz", path, "-o", tmp_path / "x.safetensors"],
    ):
        result = lmkit_run(*line, "-q")
        assert (result.code, result.err.splitlines()[0]) == (1, told), line
    assert lmkit_run("perplexity", path, held_out_text("fr"), "-q").code == 0
