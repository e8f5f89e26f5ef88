"""The worked example: three sentences on which every probability is a fraction derived by hand.

    le chat boit du lait / elle boit du lait / le chien voit le chat dans la cour

17 words of 11 types and 3 </s>; 15 types of bigrams. V = 12 events in a closed vocabulary, 13 with <unk>.
"""

import io
import json
import math
from fractions import Fraction

import pytest

import lmkit
from tests.conftest import CORPORA, REFERENCE, TOY, read_table

BIGRAMS = read_table(REFERENCE / "toy" / "toy.bigrams.tsv")
UNIGRAMS = read_table(REFERENCE / "toy" / "toy.unigrams.tsv")
FIGURES = json.loads((REFERENCE / "toy" / "toy.json").read_text(encoding="utf-8"))


def toy_model(column: str) -> lmkit.NgramModel:
    """The model of a column of the worked example."""
    counts = lmkit.count_ngrams(TOY, 2)
    discounts = (0.75, 0.75, 0.75)
    return {
        "mle": lambda: lmkit.maximum_likelihood(counts),
        "laplace_1": lambda: lmkit.laplace(counts, closed=True, precision="double"),
        "lidstone_1/2": lambda: lmkit.laplace(counts, 0.5, closed=True, precision="double"),
        "laplace_1_open": lambda: lmkit.laplace(counts, precision="double"),
        "kn_b_uniform_closed": lambda: lmkit.kneser_ney(counts, discounts=discounts, closed=True, precision="double"),
        "kn_c_uniform_open": lambda: lmkit.kneser_ney(counts, discounts=discounts, precision="double"),
    }[column]()


COLUMNS = ["mle", "laplace_1", "lidstone_1/2", "laplace_1_open", "kn_b_uniform_closed", "kn_c_uniform_open"]


@pytest.mark.parametrize("column", COLUMNS)
def test_every_bigram_has_its_fraction(column: str) -> None:
    model = toy_model(column)
    assert len(BIGRAMS) >= 12 * 12
    for row in BIGRAMS:
        if row["word"] == "<unk>" and row[column] == "":
            continue
        expected = float(Fraction(row[column]))
        assert lmkit.probability(model, row["word"], row["context"]) == pytest.approx(expected, abs=1e-14), row


@pytest.mark.parametrize("column", ["kn_b_uniform_closed", "kn_c_uniform_open"])
def test_every_unigram_has_its_fraction(column: str) -> None:
    model = toy_model(column)
    for row in UNIGRAMS:
        if row[column] not in {"", "no probability"}:
            assert lmkit.probability(model, row["word"]) == pytest.approx(float(Fraction(row[column])), abs=1e-14), row


def test_unigram_maximum_likelihood_has_its_fractions() -> None:
    model = lmkit.maximum_likelihood(lmkit.count_ngrams(TOY, 1))
    for row in UNIGRAMS:
        if row["word"] != "<unk>":
            assert lmkit.probability(model, row["word"]) == pytest.approx(float(Fraction(row["mle"])), abs=1e-14), row


@pytest.mark.parametrize("column", COLUMNS)
def test_the_test_sentence_has_its_perplexity(column: str) -> None:
    result = lmkit.perplexity(toy_model(column), CORPORA / "toy.test.tok")
    expected = FIGURES["test"][column]["perplexity_5_events"]
    assert result.tokens == 5
    if expected == "infinite":
        assert result.perplexity == math.inf
        assert result.zero_probability_tokens == 2  # voit after elle, </s> after chien
        assert result.as_dict()["perplexity"] is None
    else:
        assert result.perplexity == pytest.approx(float(expected), rel=1e-10)


def test_counts_of_the_worked_example() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    assert (counts.sentences, counts.tokens, counts.ngrams()) == (3, 17, {1: 14, 2: 15})
    assert lmkit.list_ngrams(lmkit.count_ngrams(TOY, 1))[:6] == [
        ("le", 3), ("boit", 2), ("chat", 2), ("du", 2), ("lait", 2), ("chien", 1),
    ]  # fmt: skip
    assert lmkit.list_ngrams(counts, top=3) == [("<s> le", 2), ("boit du", 2), ("du lait", 2)]
    assert (counts["le chat"], counts["chat le"], counts["le licorne"], counts["le"]) == (2, 0, 0, 3)


def test_ids_are_marks_then_words_by_first_occurrence() -> None:
    words = lmkit.count_ngrams(TOY, 1).vocabulary.words
    assert [word.decode() for word in words] == (
        ["</s>", "<s>", "<unk>", "le", "chat", "boit", "du", "lait", "elle", "chien", "voit", "dans", "la", "cour"]
    )


def test_entropies_of_the_worked_example() -> None:
    result = lmkit.entropy(TOY, 2)
    expected = FIGURES["entropy_bits"]
    assert result.entropy_bits == pytest.approx(float(expected["unigram_words_only"]), abs=1e-10)
    assert result.entropy_bits_with_eos == pytest.approx(float(expected["unigram_with_eos"]), abs=1e-10)
    assert result.conditional_entropy_bits == pytest.approx(float(expected["bigram_conditional_padded"]), abs=1e-10)
    assert (result.types, result.tokens, result.sentences) == (11, 17, 3)


def test_no_break_spaces_do_not_separate_the_words_of_a_history() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(io.BytesIO("a\u00a0b c\n".encode()), 2), precision="double")
    assert lmkit.probability(model, "c", "a\u00a0b") == pytest.approx(2 / 5)  # (1 + 1) / (1 + 4)


def test_an_empty_sentence_has_one_token_its_end() -> None:
    assert [score.token for score in lmkit.score_sentence(toy_model("laplace_1"), "")] == ["</s>"]
    assert [score.token for score in lmkit.score_sentence(toy_model("laplace_1"), "BZh x")] == ["BZh", "x", "</s>"]


def test_score_sentence_shows_each_token_with_the_ngram_that_gave_its_probability() -> None:
    scores = lmkit.score_sentence(toy_model("kn_c_uniform_open"), "elle voit Ouagadougou")
    assert [score.token for score in scores] == ["elle", "voit", "Ouagadougou", "</s>"]
    assert [score.order for score in scores] == [2, 1, 1, 1]
    assert [score.oov for score in scores] == [False, False, True, False]
    # p(elle|<s>) = 179/1560; p(voit|elle) = γ(elle) p(voit) = 3/4 · 49/780; p(<unk>|voit) = 3/4 · 3/65; γ(<unk>) = 1
    expected = [
        Fraction(179, 1560),
        Fraction(3, 4) * Fraction(49, 780),
        Fraction(3, 4) * Fraction(3, 65),
        Fraction(101, 780),
    ]
    assert [10**score.log10_prob for score in scores] == pytest.approx([float(value) for value in expected], rel=1e-12)


def test_counts_of_an_order_are_a_sparse_matrix_of_histories_and_words() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    ids = counts.vocabulary.ids
    matrix = counts.matrix(2)
    assert matrix.shape == (14, 14)
    assert matrix[ids[b"le"], ids[b"chat"]] == 2
    assert matrix.sum() == 20
    assert counts.matrix(1).toarray().tolist() == [counts.counts[0].tolist()]
