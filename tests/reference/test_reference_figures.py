"""Exact figures from the definitions, and those of SRILM 1.7.3 and NLTK 3.10.4, on the French and English texts."""

import json
from typing import Any

import pytest

import lmkit
from tests.conftest import LANGUAGES, REFERENCE, held_out_text, read_table, train_text

MKN = json.loads((REFERENCE / "mkn" / "mkn.json").read_text(encoding="utf-8"))
EXACT = json.loads((REFERENCE / "exact" / "smoothing.json").read_text(encoding="utf-8"))
SRILM = json.loads((REFERENCE / "srilm" / "srilm.json").read_text(encoding="utf-8"))

VARIANTS: dict[str, dict[str, Any]] = {
    "kenlm_compatible": {"compat": "kenlm"},
    "plain_open": {},
    "plain_closed": {"closed": True},
    "fixed_0.5_1_1.5": {"discounts": (0.5, 1.0, 1.5)},
}
JSON_NAMES = {
    "kenlm_compatible": "kenlm_compatible",
    "plain_open": "plain_open_vocabulary",
    "plain_closed": "plain_closed_vocabulary",
    "fixed_0.5_1_1.5": "fixed_discounts_0.5_1_1.5_open_vocabulary",
}


def check_tokens(
    model: lmkit.NgramModel, language: str, rows: list[dict[str, str]], column: str, tolerance: float
) -> None:
    """Each known word (each token, where the model knows <unk>) has the log10 probability of the table."""
    (scored,) = lmkit.score_text(model, held_out_text(language))
    scores = scored.scores
    assert len(rows) == len(scores.log10_probs)
    expected = [None if row["oov"] == "1" and model.closed else float(row[column]) for row in rows]
    assert sum(value is None for value in expected) == (scores.oov.sum() if model.closed else 0)
    for ours, theirs in zip(scores.log10_probs.tolist(), expected, strict=True):
        assert theirs is None or ours == pytest.approx(theirs, abs=tolerance)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", range(1, 6))
@pytest.mark.parametrize("variant", VARIANTS)
def test_kneser_ney_is_exact(language: str, order: int, variant: str) -> None:
    counts = lmkit.count_ngrams(train_text(language), order)
    model = lmkit.kneser_ney(counts, precision="double", **VARIANTS[variant])
    rows = read_table(REFERENCE / "mkn" / f"{language}.o{order}.tsv")
    check_tokens(model, language, rows, f"log10_{variant}", 1e-9)
    expected = MKN[language][f"o{order}"][JSON_NAMES[variant]]
    result = lmkit.perplexity(model, held_out_text(language))
    assert result.perplexity_excluding_oov == pytest.approx(expected["test"]["ppl_excl_oov"], rel=1e-9)
    if not model.closed:
        assert result.perplexity == pytest.approx(expected["test"]["ppl_incl_oov"], rel=1e-9)
    for k, discounts in expected.get("discounts", {}).items():
        assert model.parameters["discounts"][int(k) - 1]["d"] == pytest.approx(discounts, rel=1e-9)
    for k, numbers in expected.get("count_of_counts_n1_n4", {}).items():
        assert model.parameters["discounts"][int(k) - 1]["counts_of_counts"] == numbers


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("alpha", ["1", "0.5", "0.1"])
def test_additive_smoothing_is_exact(language: str, order: int, alpha: str) -> None:
    model = lmkit.laplace(lmkit.count_ngrams(train_text(language), order), float(alpha), precision="double")
    check_tokens(
        model, language, read_table(REFERENCE / "exact" / f"{language}.o{order}.tsv"), f"log10_additive_{alpha}", 1e-9
    )
    expected = EXACT[language][f"o{order}"]["methods"][f"additive_{alpha}"]
    result = lmkit.perplexity(model, held_out_text(language))
    assert result.perplexity == pytest.approx(expected["ppl"], rel=1e-9)
    assert result.perplexity_excluding_oov == pytest.approx(expected["ppl_excl_oov"], rel=1e-9)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", range(1, 6))
def test_closed_kneser_ney_equals_srilm(language: str, order: int) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text(language), order), closed=True)
    result = lmkit.perplexity(model, held_out_text(language))
    theirs = SRILM[language]["mkn_nounk"][f"o{order}"]["test"]
    assert result.perplexity_excluding_oov == pytest.approx(theirs["ppl"], rel=1e-6)
    assert result.oov == theirs["oovs"]


SRILM_MODELS = [
    ("mkn_unk", "o1"),
    ("mkn_unk", "o3"),
    ("mkn_unk", "o5"),
    ("mkn_nounk", "o3"),
    ("wb_unk", "o3"),
    ("katz_unk", "o3"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("method", "order"), SRILM_MODELS)
def test_srilms_arpa_files_score_to_srilms_figures(language: str, method: str, order: str) -> None:
    model = lmkit.load_model(REFERENCE / "srilm" / f"{language}.{method}.{order}.arpa.gz")
    theirs = SRILM[language][method][order]
    assert {str(k): n - (k == 1 and model.closed) for k, n in model.ngrams().items()} == theirs["arpa_counts"]
    result = lmkit.perplexity(model, held_out_text(language))
    ours = result.perplexity_excluding_oov if model.closed else result.perplexity
    assert ours == pytest.approx(theirs["test"]["ppl"], rel=1e-6)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", ["mkn_unk", "mkn_nounk", "wb_unk", "katz_unk"])
def test_srilms_arpa_files_give_srilms_score_of_every_word(language: str, method: str) -> None:
    model = lmkit.load_model(REFERENCE / "srilm" / f"{language}.{method}.o3.arpa.gz")
    (scored,) = lmkit.score_text(model, held_out_text(language))
    rows = read_table(REFERENCE / "srilm" / f"{language}.{method}.o3.debug2.tsv")
    assert len(rows) == len(scored.scores.log10_probs)
    compared = 0
    for row, ours, oov in zip(rows, scored.scores.log10_probs.tolist(), scored.scores.oov.tolist(), strict=True):
        if oov and model.closed:
            continue
        assert ours == pytest.approx(float(row["log10"]), abs=2e-6)
        compared += 1
    assert compared > 600


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_pruned_by_srilm_scores_to_srilms_figure(language: str) -> None:
    """Pruned models lack some suffixes: the histories of a kept n-gram are there, its suffix need not be."""
    model = lmkit.load_model(REFERENCE / "srilm" / f"{language}.mkn_unk.o3.prune1e-5.arpa.gz")
    expected = {"fr": 33.80088, "en": 25.60151}[language]
    assert lmkit.perplexity(model, held_out_text(language)).perplexity == pytest.approx(expected, rel=1e-6)


NLTK_ROWS = [  # pairs whose context NLTK did not shorten; after <s> its padding with several <s> and </s> tells
    row
    for row in read_table(REFERENCE / "nltk" / "scores.tsv")
    if row["context"] not in {"", "<s>"} and len(row["context"].split()) < int(row["order"])
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("context_words", [1, 2])
def test_maximum_likelihood_equals_nltk(language: str, context_words: int) -> None:
    rows = [
        row
        for row in NLTK_ROWS
        if (row["corpus"], row["model"]) == (language, "MLE") and len(row["context"].split()) == context_words
    ]
    assert rows
    model = lmkit.maximum_likelihood(lmkit.count_ngrams(train_text(language), context_words + 1))
    for row in rows:
        assert lmkit.probability(model, row["word"], row["context"]) == pytest.approx(float(row["score"]), abs=1e-12), (
            row
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("context_words", [1, 2])
@pytest.mark.parametrize(("name", "alpha"), [("Laplace", 1.0), ("Lidstone_0.1", 0.1)])
def test_additive_smoothing_equals_nltk_in_its_larger_vocabulary(
    language: str, context_words: int, name: str, alpha: float
) -> None:
    """NLTK counts <s> and <UNK> into V beside </s>: V + 1 of ours, so (c + α) / (C + αV) is rescaled."""
    counts = lmkit.count_ngrams(train_text(language), context_words + 1)
    model = lmkit.laplace(counts, alpha, precision="double")
    rows = [
        row
        for row in NLTK_ROWS
        if (row["corpus"], row["model"]) == (language, name) and len(row["context"].split()) == context_words
    ]
    assert rows
    for row in rows:
        history_count = sum(
            count for ngram, count in lmkit.list_ngrams(counts) if ngram.rsplit(" ", 1)[0] == row["context"]
        )
        nltk_v = counts.ngrams()[1]  # types + 3
        ours = lmkit.probability(model, row["word"], row["context"])
        rescaled = ours * (history_count + alpha * model.events) / (history_count + alpha * nltk_v)
        assert nltk_v == model.events + 1
        assert rescaled == pytest.approx(float(row["score"]), abs=1e-12), row
