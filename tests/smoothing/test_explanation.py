"""Explanations: the worked example line by line, and every smoothing's own probabilities."""

import io
import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.errors import DataError
from lmkit.ngrams.backoff.pruning import prune
from lmkit.scoring.explaining.explanation import sentence_figures
from lmkit.smoothing.choosing import SMOOTHINGS
from tests.conftest import REFERENCE, TOY, Run, held_out_text, train_text
from tests.reference.test_toy import BIGRAMS, COLUMNS, FIGURES, toy_model

WORKED_EXAMPLE = "elle voit le chien"


@pytest.mark.parametrize("column", COLUMNS)
def test_every_bigram_of_the_worked_example_has_its_fraction(column: str) -> None:
    model = toy_model(column)
    for row in BIGRAMS:
        if row["word"] in {"</s>", "<unk>"}:
            continue
        history = "" if row["context"] == "<s>" else f"{row['context']} "
        words = lmkit.explain(model, f"{history}{row['word']}")
        assert words[-2].probability == Fraction(row[column]), row
        if row["word"] == row["context"]:  # once a word is enough for what ends the sentence
            (end,) = (other for other in BIGRAMS if other["context"] == row["context"] and other["word"] == "</s>")
            assert words[-1].probability == Fraction(end[column]), end


@pytest.mark.parametrize("column", COLUMNS)
def test_the_worked_example_s_sentence_has_its_product_bits_and_perplexity(column: str) -> None:
    expected = FIGURES["test"][column]
    figures = sentence_figures(lmkit.explain(toy_model(column), WORKED_EXAMPLE))
    assert figures["fraction"] == expected["sentence_probability"]
    if expected["sentence_probability"] == "0":
        assert figures["perplexity"] == math.inf
    else:
        assert figures["bits_per_event"] == pytest.approx(
            float(expected["cross_entropy_bits_per_event_5_events"]), abs=1e-10
        )
        assert figures["perplexity"] == pytest.approx(float(expected["perplexity_5_events"]), abs=1e-10)


def test_the_lines_of_the_worked_example(lmkit_run: Run, tmp_path: Path) -> None:
    """The row h = le of its table: c(le) = 3, two distinct followers, γ = (3/4)·2/3 = 1/2, and 179/1560 for chien."""
    lmkit_run("ngram", "train", "-n", "2", TOY, "-o", tmp_path / "c")
    lmkit_run("smooth", "--kneser-ney", "--discounts", ".75", ".75", ".75", tmp_path / "c", "-o", tmp_path / "m")
    result = lmkit_run("explain", tmp_path / "m", WORKED_EXAMPLE)
    assert result.code == 0
    blocks = result.out.split("\n\n")
    assert blocks[3].splitlines() == [
        "chien",
        "    N1+(• chien) = 1, N1+(• •) = 15, N1+(•) = 12; γ = D N1+/C = 3/4 · 12/15 = 3/5",
        "  p(chien) = (c − D)/C + γ · 1/V = (1 − 3/4)/15 + 3/5 · 1/13 = 49/780 = 0.06282051",
        "    c(le chien) = 1, c(le •) = 3, N1+(le •) = 2; γ = D N1+/C = 3/4 · 2/3 = 1/2",
        "  p(chien | le) = (c − D)/C + γ · p(w | h′) = (1 − 3/4)/3 + 1/2 · 49/780 = 179/1560 = 0.1147436",
    ]
    assert blocks[-1].splitlines()[:5] == [
        "events\t5", "product\t2.091132265e-05", "fraction\t57244098149/2737469030400000",
        "bits_per_event\t3.109071232", "perplexity\t8.628269455",
    ]  # fmt: skip
    as_json = json.loads(lmkit_run("explain", tmp_path / "m", WORKED_EXAMPLE, "--json").out)
    assert [word["fraction"] for word in as_json["words"]] == [
        "179/1560",
        "49/1040",
        "361/1040",
        "179/1560",
        "101/1040",
    ]
    from_counts = lmkit_run("explain", tmp_path / "c", WORKED_EXAMPLE).out
    assert "  p(chien | le) = c / C = 1/3 = 0.3333333" in from_counts
    assert "perplexity\tinf" in from_counts


ALL_FORMS: list[tuple[str, dict[str, Any]]] = [
    ("kneser-ney", {}),
    ("kneser-ney", {"interpolated": False}),
    ("kneser-ney", {"one_discount": True}),
    ("kneser-ney", {"one_discount": True, "interpolated": False}),
    ("absolute", {}),
    ("absolute", {"interpolated": False}),
    ("witten-bell", {}),
    ("witten-bell", {"interpolated": False}),
    ("katz", {}),
    ("jelinek-mercer", {}),
    ("jelinek-mercer", {"held_out": held_out_text("fr")}),
    ("laplace", {"alpha": 0.01}),
    ("stupid-backoff", {}),
]


@pytest.mark.parametrize(("name", "options"), ALL_FORMS)
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("order", [1, 3])
def test_the_numbers_in_the_formulas_give_the_model_s_probability(
    name: str, options: dict[str, Any], closed: bool, order: int
) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), order)
    model = SMOOTHINGS[name](counts, closed=closed, precision="double", keep_counts=False, **options)
    for sentence in held_out_text("fr").read_text(encoding="utf-8").splitlines()[:12]:
        for word in lmkit.explain(model, sentence, counts):
            assert float(word.probability) == pytest.approx(10.0**word.log10_prob, rel=1e-9, abs=1e-15)
            assert word.steps[-1].value == word.probability


def test_models_without_counts_show_what_they_store() -> None:
    model = lmkit.load_model(REFERENCE / "srilm" / "fr.katz_unk.o3.arpa.gz")
    for word in lmkit.explain(model, held_out_text("fr").read_text(encoding="utf-8").splitlines()[3]):
        assert float(word.probability) == pytest.approx(10.0**word.log10_prob, rel=1e-6)
        assert word.steps[0].numbers.startswith("stored: log10 -")


def test_other_counts_are_refused() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 2)
    model = lmkit.witten_bell(counts, keep_counts=False)
    with pytest.raises(DataError) as refused:
        lmkit.explain(model, "le chat", lmkit.count_ngrams(train_text("en"), 2))
    assert str(refused.value) == (
        "these are not the counts that the model was made from: words or n-grams differ.\nGive the file that `lmkit smooth` read."
    )
    doubled = lmkit.count_ngrams([train_text("fr"), train_text("fr")], 2)  # the same n-grams, other counts
    with pytest.raises(DataError, match=r"^the counts give (le|chat) the probability"):
        lmkit.explain(model, "le chat", doubled)
    with pytest.raises(DataError, match=r"^the model does not follow from counts alone"):
        lmkit.explain(prune(model, 1e-6).model, "le chat", counts)


def test_unknown_words_are_explained_as_such(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit.save(lmkit.witten_bell(lmkit.count_ngrams(io.BytesIO(b"a b\n"), 2)), tmp_path / "m")
    # After <s>: a; after it nothing else. V = a b </s> <unk>: T = 3 of 3 words, so that <unk> has 3/6 · 1/4.
    out = lmkit_run("explain", tmp_path / "m", "z").out
    assert out.splitlines()[0] == "z (unknown: <unk>)"
    assert "  p(<unk>) = c/(C + T) + γ · 1/V = 0/(3 + 3) + 1/2 · 1/4 = 1/8 = 0.125" in out
    assert lmkit_run("explain", tmp_path / "m", "").out.splitlines()[0] == "</s>"


@pytest.mark.parametrize("parameters", [{}, {"discounts": []}, {"discounts": [{"order": 1}, {"order": 2}]}])
def test_a_model_without_what_explains_it_is_an_error(parameters: dict[str, Any]) -> None:
    model = replace(lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 2)), parameters=parameters)
    with pytest.raises(DataError, match="says that it is modified-kneser-ney, and lacks what explains it"):
        lmkit.explain(model, "the river")
