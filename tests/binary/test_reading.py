"""KenLM's binary files give texts the scores that KenLM gives them, and their n-grams are listed where they are stored."""

from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.binary.reading import read_kenlm
from lmkit.ngrams.trie.orders import ngram_words
from lmkit.storage import load_scoring
from lmkit.text.vocabulary import BOS
from tests.binary.models import SCORED, SCORES, TEXT, arpa_ngrams, binary
from tests.conftest import Run

EXACT = ("trie", "trie.a22")
QUANTIZED = ("trie.q8b8", "trie.q5b4a22")


def ngrams_of(model: lmkit.NgramModel) -> list[dict[str, tuple[float, float]]]:
    """Of each order, the n-grams of a model with log10 probability and backoff."""
    words = [word.decode() for word in model.vocabulary.words]
    found = []
    for length, probs in enumerate(model.log10_probs, start=1):
        columns = ngram_words(model.orders, length, 0, len(probs))
        names = [" ".join(words[word] for word in row) for row in np.stack(columns, 1).tolist()]
        backoffs = model.log10_backoffs[length - 1] if length < model.order else np.zeros(len(probs))
        found.append(dict(zip(names, zip(probs.tolist(), backoffs.tolist(), strict=True), strict=True)))
    return found


@pytest.mark.parametrize("name", SCORED)
def test_each_word_has_the_score_and_the_matched_order_of_kenlm(binaries: Path, name: str) -> None:
    blocks = list(lmkit.score_text(load_scoring(binaries / f"{name}.bin"), TEXT))
    log10_probs = np.concatenate([block.scores.log10_probs for block in blocks])
    assert log10_probs == pytest.approx([float(row[f"{name}:log10"]) for row in SCORES], abs=1e-5)
    orders = np.concatenate([block.scores.matched_orders for block in blocks])
    assert orders.tolist() == [int(row[f"{name}:order"]) for row in SCORES]
    assert np.concatenate([block.scores.oov for block in blocks]).tolist() == [row["oov"] == "1" for row in SCORES]


@pytest.mark.parametrize("name", ["probing", "probing.nowords", "pruned.probing", "trie.nowords"])
def test_blocks_change_no_score(binaries: Path, name: str) -> None:
    model = load_scoring(binaries / f"{name}.bin")
    small = lmkit.score_text(model, TEXT, reading=lmkit.Reading(block_bytes=1))
    scores = np.concatenate([block.scores.log10_probs for block in small])
    assert scores == pytest.approx([float(row[f"{name}:log10"]) for row in SCORES], abs=1e-5)


@pytest.mark.parametrize("name", EXACT)
def test_a_trie_lists_the_ngrams_of_its_arpa_file_with_their_values(name: str) -> None:
    model = read_kenlm(binary(name), name)
    assert isinstance(model, lmkit.NgramModel)
    for found, expected in zip(ngrams_of(model), arpa_ngrams(), strict=True):
        assert found.keys() - {"<s>"} == expected.keys() - {"<s>"}
        for ngram in found.keys() - {"<s>"}:
            assert found[ngram] == pytest.approx(expected[ngram], abs=1e-6)
    assert model.log10_probs[0][BOS] == -np.inf
    assert ngrams_of(model)[0]["<s>"][1] == pytest.approx(arpa_ngrams()[0]["<s>"][1], abs=1e-6)


@pytest.mark.parametrize("name", QUANTIZED)
def test_a_quantized_trie_lists_the_same_ngrams_with_values_of_its_bins(name: str) -> None:
    model = read_kenlm(binary(name), name)
    assert isinstance(model, lmkit.NgramModel)
    for found, expected in zip(ngrams_of(model), arpa_ngrams(), strict=True):
        assert found.keys() == expected.keys()
    bits = int(name.split(".q")[1][0])
    for probs in model.log10_probs[1:]:
        assert 1 < len(np.unique(probs)) <= 1 << bits


def test_a_pruned_trie_has_the_suffixes_that_kenlm_puts_in_and_their_backed_off_values() -> None:
    model = read_kenlm(binary("pruned.trie"), "x")
    assert isinstance(model, lmkit.NgramModel)
    found, expected = ngrams_of(model), arpa_ngrams()
    begins = [{ngram.rpartition(" ")[0] for ngram in order} for order in expected[1:]]
    put_in = [ngram for ngram in expected[2] if ngram not in begins[2]]
    assert put_in
    for ngram in put_in:
        history, suffix = ngram.rpartition(" ")[0], ngram.partition(" ")[2]
        lower = found[1].get(suffix, expected[1][suffix])[0]
        assert found[2][ngram] == pytest.approx((found[1][history][1] + lower, 0.0), abs=1e-6)


@pytest.mark.parametrize("name", SCORED)
def test_info_says_what_is_in_a_file(binaries: Path, name: str, lmkit_run: Run) -> None:
    figures = dict(line.split("\t") for line in lmkit_run("ngram", "info", binaries / f"{name}.bin").out.splitlines())
    words = len(arpa_ngrams()[0]) - 3
    assert (figures["kind"], figures["vocabulary"]) == ("model", str(words))
    kinds = {
        "trie.q": "kenlm-quantized",
        "trie.a": "kenlm-array-trie",
        "trie": "kenlm-trie",
        "probing": "kenlm-probing",
    }
    base = name.removeprefix("pruned.").removeprefix("nounk.").removeprefix("bigram.")
    expected = next(kind for start, kind in kinds.items() if base.startswith(start))
    assert figures["smoothing"].startswith(expected)
    assert f"smoothing:{figures['smoothing']}|" in figures["signature"]
    if "probing" in name:
        assert figures["multiplier"] == ("2" if name.startswith("pruned") else "1.5")
    if "probing" in name or "nowords" in name:
        assert figures["words_stored"] == str("nowords" not in name)
