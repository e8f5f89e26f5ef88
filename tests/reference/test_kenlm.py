"""KenLM's figures (commit 4cb443e; lmplz and query) on the French and English texts."""

import json
import math
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import lmkit
from lmkit.arpa.reading import read_arpa
from tests.conftest import CORPORA, LANGUAGES, REFERENCE, held_out_text, read_table, text_file, train_text

KENLM = json.loads((REFERENCE / "kenlm" / "kenlm.json").read_text(encoding="utf-8"))
BOS = 1


def largest_difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest absolute difference; equal infinities differ by 0."""
    same = ours == theirs
    return float(np.abs(np.where(same, 0, ours) - np.where(same, 0, theirs)).max(initial=0))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", range(1, 6))
def test_every_ngram_of_kenlms_arpa_has_our_probability_and_backoff(language: str, order: int) -> None:
    theirs = read_arpa(REFERENCE / "kenlm" / f"{language}.o{order}.arpa.gz")
    ours = lmkit.kneser_ney(lmkit.count_ngrams(train_text(language), order), compat="kenlm", precision="double")
    assert (
        ours.ngrams() == theirs.ngrams() == {int(k): n for k, n in KENLM[language][f"o{order}"]["ngram_counts"].items()}
    )
    assert ours.vocabulary.same_as(theirs.vocabulary)
    for k in range(order):
        assert np.array_equal(ours.orders[k].indptr, theirs.orders[k].indptr)
        assert np.array_equal(ours.orders[k].indices, theirs.orders[k].indices)
        assert largest_difference(ours.log10_probs[k], theirs.log10_probs[k]) < 1e-6
    for ours_k, theirs_k in zip(ours.log10_backoffs, theirs.log10_backoffs, strict=True):
        assert largest_difference(ours_k, theirs_k) < 1e-6


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", range(2, 6))
def test_discounts_are_those_lmplz_prints(language: str, order: int) -> None:
    """With six digits."""
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text(language), order), compat="kenlm")
    for k, discounts in KENLM[language][f"o{order}"]["discounts"].items():
        assert model.parameters["discounts"][int(k) - 1]["d"] == pytest.approx(discounts, abs=5.1e-6)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", range(2, 6))
def test_perplexities_oov_and_matched_lengths_are_those_of_query(language: str, order: int) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text(language), order), compat="kenlm")
    expected = KENLM[language][f"o{order}"]["test"]
    result = lmkit.perplexity(model, held_out_text(language))
    assert result.perplexity == pytest.approx(expected["ppl_incl_oov"], rel=1e-5)
    assert result.perplexity_excluding_oov == pytest.approx(expected["ppl_excl_oov"], rel=1e-5)
    assert (result.oov, result.tokens) == (expected["oovs"], expected["tokens"])

    rows = read_table(REFERENCE / "kenlm" / f"{language}.o{order}.query.tsv")
    (scored,) = lmkit.score_text(model, held_out_text(language))
    assert scored.scores.matched_orders is not None
    assert scored.scores.matched_orders.tolist() == [int(row["ngram_length"]) for row in rows]
    assert scored.scores.oov.tolist() == [row["oov"] == "1" for row in rows]
    assert scored.scores.log10_probs == pytest.approx([float(row["log10"]) for row in rows], abs=2e-6)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", range(2, 6))
def test_kenlms_arpa_files_score_to_kenlms_figures(language: str, order: int) -> None:
    model = lmkit.load_model(REFERENCE / "kenlm" / f"{language}.o{order}.arpa.gz")
    expected = KENLM[language][f"o{order}"]["test"]
    result = lmkit.perplexity(model, held_out_text(language))
    assert result.perplexity == pytest.approx(expected["ppl_incl_oov"], rel=1e-5)
    assert result.perplexity_excluding_oov == pytest.approx(expected["ppl_excl_oov"], rel=1e-5)
    assert result.oov == expected["oovs"]


@pytest.mark.parametrize(
    ("order", "name", "discounts"), [(2, "0.75", (0.75, 0.75, 0.75)), (2, "default", None), (3, "default", None)]
)
def test_toy_models_with_known_discounts(order: int, name: str, discounts: tuple[float, float, float] | None) -> None:
    theirs = read_arpa(REFERENCE / "toy" / f"kenlm.toy.o{order}.fallback_{name}.arpa")
    counts = lmkit.count_ngrams(CORPORA / "toy.tok", order)
    ours = lmkit.kneser_ney(counts, discounts=discounts, discount_fallback=None if discounts else "fixed")
    for ours_k, theirs_k in zip(ours.log10_probs, theirs.log10_probs, strict=True):
        assert largest_difference(ours_k, theirs_k) < 1e-6
    for ours_k, theirs_k in zip(ours.log10_backoffs, theirs.log10_backoffs, strict=True):
        assert largest_difference(ours_k, theirs_k) < 1e-6


# Two lines, order 3, `lmplz --discount_fallback`: lm/common/test_data/toy0.arpa of KenLM's repository.
GOLDEN_A = {
    "<unk>": -0.90309, "a": -0.46943438, "</s>": -0.5720968, "b": -0.5720968,
    "<s> a": -0.37712017, "a a": -0.37712017, "b a": -0.2984526, "a </s>": -0.58682007, "b </s>": -0.5220179,
    "<s> b": -0.41574955, "a b": -0.58682007,
    "<s> a a": -0.14885087, "b a a": -0.33741078, "<s> b a": -0.124077894, "a b a": -0.2997394,
    "b a </s>": -0.42082912, "a b </s>": -0.397617, "a a b": -0.20102891,
}  # fmt: skip
GOLDEN_A_BACKOFFS = dict.fromkeys(("<s>", "a", "b", "<s> a", "a a", "b a", "<s> b", "a b"), -0.30103)

# Eight lines, order 2, no fallback: measured with lmplz (miscounting its last unigram), and by hand without that.
GOLDEN_B = [
    "I went to", "I go to", "You went to", "You go to", "Joe went to", "Joe go to", "Anna went ski", "Anna went ski",
]  # fmt: skip
GOLDEN_B_KENLM = {
    "<unk>": -1.3010300, "</s>": -1.1249387, "to": -1.1249387, "I": -1.0579919, "ski": -1.0579919, "went": -0.6726411,
    "go": -0.8239087, "<s> I": -0.9649993, "<s> Anna": -0.9649993, "I went": -0.3832620, "Anna went": -0.5034163,
    "You go": -0.4034029, "went to": -1.1478687, "go to": -1.1249387, "went ski": -0.8715084, "to </s>": -0.2696215,
    "ski </s>": -0.7123582,
}  # fmt: skip
GOLDEN_B_CORRECT = {
    "<unk>": -1.3802112, "</s>": -1.0280287, "to": -1.0280287, "I": -1.1583625, "ski": -1.1583625, "went": -0.6142944,
    "go": -0.7433891, "<s> I": -1.0331137, "<s> Anna": -1.0331137, "I went": -0.3737452, "Anna went": -0.4680398,
    "You go": -0.3934395, "went to": -1.0509587, "go to": -1.0280287, "went ski": -0.9306961, "to </s>": -0.2621119,
    "ski </s>": -0.6772271,
}  # fmt: skip
GOLDEN_B_BACKOFFS = {
    "<s>": -0.0597682, "Anna": -0.0597682, "ski": -0.0597682, "I": -0.5228787, "You": -0.5228787, "Joe": -0.5228787,
    "went": -0.0229300, "to": -0.3010300, "go": 0.0,
}  # fmt: skip


def arpa_values(model: lmkit.NgramModel, path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The log10 probabilities and backoffs of a model's ARPA file, by n-gram."""
    lmkit.save(model, path)
    probs, backoffs = {}, {}
    for line in path.read_text(encoding="utf-8").split("\\1-grams:")[1].splitlines():
        columns = line.split("\t")
        if len(columns) > 1:
            probs[columns[1]] = float(columns[0])
            backoffs[columns[1]] = float(columns[2]) if len(columns) == 3 else math.nan
    return probs, backoffs


def check_values(found: dict[str, float], expected: dict[str, float], tolerance: float) -> None:
    """Each expected value is there."""
    for gram, value in expected.items():
        assert found[gram] == pytest.approx(value, abs=tolerance), gram


def test_golden_a_two_lines_at_order_three(tmp_path: Path) -> None:
    text = text_file(tmp_path, "a a b a\nb a a b\n")
    model = lmkit.kneser_ney(lmkit.count_ngrams(text, 3), discount_fallback="fixed")
    probs, backoffs = arpa_values(model, tmp_path / "a.arpa")
    assert set(probs) == {*GOLDEN_A, "<s>"}
    check_values(probs, GOLDEN_A, 1e-6)
    check_values(backoffs, GOLDEN_A_BACKOFFS, 1e-6)


@pytest.mark.parametrize(("compat", "expected"), [("kenlm", GOLDEN_B_KENLM), (None, GOLDEN_B_CORRECT)])
def test_golden_b_with_and_without_kenlms_miscounted_ngram(
    tmp_path: Path, compat: Literal["kenlm"] | None, expected: dict[str, float]
) -> None:
    text = text_file(tmp_path, "".join(f"{line}\n" for line in GOLDEN_B))
    model = lmkit.kneser_ney(lmkit.count_ngrams(text, 2), compat=compat)
    unigrams = [0.4, 1.6, 1.4] if compat else [0.555556, 1.166667, 0.777778]
    assert model.parameters["discounts"][0]["d"] == pytest.approx(unigrams, abs=1e-6)
    assert model.parameters["discounts"][1]["d"] == pytest.approx([0.3, 1.742857, 3], abs=1e-6)
    probs, backoffs = arpa_values(model, tmp_path / "b.arpa")
    check_values(probs, expected, 1e-6)
    check_values(backoffs, GOLDEN_B_BACKOFFS, 1e-6)


def test_a_text_without_final_newline_ends_its_last_sentence(tmp_path: Path) -> None:
    """Lmplz forgets the </s> of such a sentence."""
    with_newline = text_file(tmp_path, "a b\nb a\n", "with.txt")
    without = text_file(tmp_path, "a b\nb a", "without.txt")
    assert lmkit.list_ngrams(lmkit.count_ngrams(with_newline, 2)) == lmkit.list_ngrams(lmkit.count_ngrams(without, 2))
