"""p(w | h) = p(c(w) | c(h)) p(w | c(w)): against the model of classes alone, and as a distribution, under all smoothings."""

import io
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError
from lmkit.scoring.mixture import mixture
from lmkit.smoothing.registry import Smoothing
from tests.class_models import toy
from tests.class_models.test_counting import WORDS_OF_LAWS
from tests.conftest import TOY, held_out_text, train_text
from tests.laws.test_smoothings import FALLBACK, SENTENCES, counted, estimated, every_smoothing, histories, quick


@every_smoothing
@quick
@given(SENTENCES, st.integers(1, 4), st.booleans(), st.sampled_from(["unk", "own"]), st.sampled_from([0.0, 0.5]))
def test_probabilities_sum_to_one_after_any_history(
    row: Smoothing, variant: dict[str, Any], sentences: list[str], order: int, closed: bool, unclassed: Any, add: float
) -> None:
    counts = counted([*sentences, "a b", "a b", "c a"], order)
    found: Any = lmkit.class_counts(counts, toy.classes(WORDS_OF_LAWS), unclassed=unclassed, add=add)
    model: Any = estimated(row, variant, found, closed=closed)
    assert isinstance(model, lmkit.ClassModel)
    assert model.traits.is_distribution == row.traits.is_distribution
    for history in histories(sentences) if row.traits.is_distribution else ():
        probs = 10.0 ** lmkit.conditional_log10_probs(model, history)
        if row.traits.is_smoothed or probs.any():
            assert probs.sum() == pytest.approx(1, abs=1e-9)


@every_smoothing
def test_scores_are_those_of_the_classes_and_of_the_shares(row: Smoothing, variant: dict[str, Any]) -> None:
    """The model of the text by class, with the names of classes as its words, knows nothing of words."""
    fallback = FALLBACK if row.accepts("discount_fallback") else {}
    tuned, by_class = ({}, {})
    if "held_out" in variant:
        tuned, by_class = {"held_out": io.BytesIO(b"le chat\n")}, {"held_out": io.BytesIO(b"D N\n")}
    model: Any = row.estimate(toy.class_counts(3), **variant | tuned, precision="double")
    of_classes = row.estimate(toy.counts_by_class(3), **fallback | variant | by_class, precision="double")
    ids = of_classes.vocabulary.ids
    tokens = np.array([1, *(ids[name] for name in b"D N V D <unk> D N".split()), 0], np.int32)
    sentence = "le chien boit le dort la cour"
    shares = [toy.SHARES.get(word, 1.0) for word in [*sentence.split(), "</s>"]]
    expected = of_classes.scorer().score(tokens).log10_probs + np.log10(shares)
    found = [score.log10_prob for score in lmkit.score_sentence(model, sentence)]
    assert found == pytest.approx(expected.tolist(), abs=1e-9)


def test_weights_are_estimated_on_the_classes_of_the_held_out_text() -> None:
    held_out, by_class = b"le chat voit elle\nla cour\n", b"D N V zzz\nD N\n"
    found = lmkit.jelinek_mercer(toy.class_counts(2), held_out=io.BytesIO(held_out))
    expected = lmkit.jelinek_mercer(toy.counts_by_class(2), held_out=io.BytesIO(by_class))
    assert found.parameters == expected.parameters


def test_class_and_word_models_mixed_give_the_figures_of_the_formula() -> None:
    """Words: c(le chat) = 2, c(le) = 3, 13 events: (2 + 1)/(3 + 13). Classes: c(D N) = c(D) = 6, 5 events: (6 + 1)/(6 + 5); p(chat | N) = 2/6."""
    words = lmkit.laplace(lmkit.count_ngrams(TOY, 2), precision="double")
    assert words.events == 13
    by_class = lmkit.laplace(toy.class_counts(2), precision="double")
    mixed = mixture([words, by_class], [0.7, 0.3])
    expected = 0.7 * 3 / 16 + 0.3 * 7 / 11 * 2 / 6
    assert lmkit.probability(mixed, "chat", "le") == pytest.approx(expected, rel=1e-12)
    assert sum(10.0 ** lmkit.conditional_log10_probs(mixed, "le")) == pytest.approx(1)


def test_an_unknown_word_is_in_the_class_of_unknown_words() -> None:
    """c(<s> <unk>) = 1 of 3; the events are </s> <unk> D N V."""
    model = lmkit.laplace(toy.class_counts(2), precision="double")
    first = lmkit.score_sentence(model, "elle")[0]
    assert first.oov
    assert first.log10_prob == pytest.approx(math.log10((1 + 1) / (3 + 5)))


def test_a_closed_class_model_gives_unknown_words_nothing() -> None:
    model = lmkit.laplace(toy.class_counts(2), closed=True)
    assert model.closed
    assert lmkit.score_sentence(model, "elle")[0].log10_prob == -math.inf


def test_the_order_that_was_matched_is_that_of_the_classes() -> None:
    model = lmkit.witten_bell(toy.class_counts(2))
    assert lmkit.perplexity(model, TOY).matched_orders == {1: 0, 2: 20}
    orders = lmkit.next_words(model, "la").orders
    assert orders is not None
    assert set(orders.tolist()) == {1, 2}


def test_generated_words_are_drawn_by_their_shares() -> None:
    """After le, nearly all words are of N: 2,000 sentences, within six standard deviations."""
    model = lmkit.laplace(toy.class_counts(2), alpha=1e-9)
    texts = [sentence.text.split() for sentence in lmkit.generate(model, 2_000, seed=1, prompt="le")]
    words = [text[1] for text in texts if len(text) > 1]
    for word in ("chat", "lait", "chien", "cour"):
        share = toy.SHARES[word]
        spread = math.sqrt(share * (1 - share) * len(words))
        assert words.count(word) == pytest.approx(share * len(words), abs=6 * spread)


def test_pruning_and_quantizing_change_n_grams_of_classes_and_leave_the_words() -> None:
    model: Any = lmkit.witten_bell(toy.class_counts(3))
    pruned, alone = lmkit.prune(model, keep=5), lmkit.prune(model.inner, keep=5)
    changed: Any = pruned.model
    assert (pruned.threshold, pruned.ngrams) == (alone.threshold, alone.ngrams)
    assert changed.inner.ngrams() == alone.model.ngrams()
    assert changed.members is model.members
    assert sum(10.0 ** lmkit.conditional_log10_probs(changed, "le chat")) == pytest.approx(1)
    assert "quantized:2" in lmkit.quantize(changed, 2).signature()


def test_class_counts_tell_how_frequent_histories_of_classes_are() -> None:
    counts: Any = toy.class_counts(3)
    model: Any = lmkit.kneser_ney(counts)
    alone = lmkit.prune(model.inner, keep=5, history=counts.inner)
    assert lmkit.prune(model, keep=5, history=counts).threshold == alone.threshold


def test_n_grams_of_words_and_of_classes_are_not_taken_for_one_another() -> None:
    of_words = lmkit.count_ngrams(TOY, 3)
    of_classes: Any = toy.class_counts(3)
    with pytest.raises(DataError, match="these are of words, and those beside them of classes"):
        lmkit.prune(lmkit.witten_bell(of_words), keep=5, history=of_classes)
    with pytest.raises(DataError, match="those beside them are of words, and these of classes"):
        lmkit.prune(lmkit.kneser_ney(of_classes), keep=5, history=of_words)


def test_kneser_ney_finds_discounts_of_classes_that_are_all_frequent() -> None:
    """Of a few classes none is seen once, so that order 1 has nothing to estimate a discount from; of words that is an error."""
    counts = lmkit.count_ngrams(train_text("fr"), 3)
    numbered = enumerate(counts.vocabulary.words[3:])
    of_classes = lmkit.class_counts(counts, toy.classes({word.decode(): f"C{place % 20}" for place, word in numbered}))
    model = lmkit.kneser_ney(of_classes)
    assert "discounts:estimated,generalised@1" in model.signature()
    assert lmkit.perplexity(model, held_out_text("fr")).perplexity < 200
    with pytest.raises(DataError, match="the discounts of order 1 cannot be estimated"):
        lmkit.kneser_ney(of_classes.inner)
    given_ones = lmkit.kneser_ney(of_classes, discounts=(0.5, 1, 1.5))
    assert "generalised" not in given_ones.signature()


def test_the_class_model_beside_a_model_is_smoothed_as_it_is() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    for model in (
        lmkit.laplace(counts, alpha=0.25),
        lmkit.witten_bell(counts),
        lmkit.jelinek_mercer(counts, weight=0.5),
    ):
        found = lmkit.class_model_beside(model, toy.classes())
        of_words, of_classes = (
            dict(part.split(":") for part in each.signature().split("|")) for each in (model, found)
        )
        assert of_classes == of_words | {"cutoff": "vocabulary-file", "classes": "3", "unclassed": "unk"}
        assert found.inner.ngrams() == toy.class_counts(2).ngrams()


def test_discounts_of_the_class_model_beside_a_model_are_its_own() -> None:
    found = lmkit.class_model_beside(
        lmkit.absolute_discounting(lmkit.count_ngrams(TOY, 2), discount=0.5), toy.classes()
    )
    assert (found.smoothing, found.parameters["discounts"][0]["source"]) == ("absolute", "generalised")


def test_the_class_model_beside_counts_is_kneser_ney() -> None:
    found = lmkit.class_model_beside(lmkit.count_ngrams(TOY, 2), toy.classes())
    assert found.smoothing == "modified-kneser-ney"


def test_a_model_that_keeps_no_counts_has_no_class_model_beside_it() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    for model in (lmkit.katz(counts), lmkit.prune(lmkit.witten_bell(counts), keep=3).model):
        with pytest.raises(DataError, match="It stores probabilities") as caught:
            lmkit.class_model_beside(model, toy.classes())
        assert "lmkit ngram train --classes" in str(caught.value)
    with pytest.raises(DataError, match="class-laplace models keep none"):
        lmkit.class_model_beside(lmkit.laplace(toy.class_counts()), toy.classes())
