"""Entropies, discounts and their failures, and the smoothings' options."""

import io
import json
import math

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.trie.orders import find_entry
from lmkit.smoothing.adjusted_counts import adjust_counts
from lmkit.smoothing.discounts import estimate_discounts, generalised_discounts
from tests.conftest import LANGUAGES, REFERENCE, TOY, held_out_text, train_text

ENTROPY = json.loads((REFERENCE / "entropy.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("order", "key"),
    [(1, "H_unigram_bits_with_eos"), (2, "H_bigram_conditional_bits_padded"), (3, "H_trigram_conditional_bits_padded")],
)
def test_entropies_are_exact(language: str, order: int, key: str) -> None:
    expected = ENTROPY[language]
    result = lmkit.entropy(train_text(language), order)
    assert result.entropy_bits == pytest.approx(expected["H_unigram_bits_without_eos"], abs=1e-10)
    assert result.entropy_bits_with_eos == pytest.approx(expected["H_unigram_bits_with_eos"], abs=1e-10)
    assert result.conditional_entropy_bits == pytest.approx(expected[key], abs=1e-10)
    assert (result.types, result.tokens, result.sentences) == (
        expected["types"],
        expected["tokens"],
        expected["sentences"],
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_distinct_ngrams_and_counts_of_counts(language: str) -> None:
    counts = lmkit.count_ngrams(train_text(language), 5)
    for k, order in enumerate(counts.counts, start=1):
        expected = ENTROPY[language]["distinct_ngrams_padded_1_to_5"][str(k)]
        assert np.count_nonzero(order) == expected
        seen = np.bincount(np.delete(order, 1) if k == 1 else order, minlength=8)
        for number, ngrams in ENTROPY[language]["count_of_counts_raw_1_to_5"][str(k)].items():
            assert seen[int(number)] == ngrams


def test_at_orders_one_and_two_the_divergence_is_cross_entropy_less_conditional_entropy() -> None:
    for order in (1, 2):
        model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), order), discount_fallback="fixed")
        result = lmkit.entropy(train_text("en"), order, model=model)
        assert result.cross_entropy_bits is not None
        assert result.cross_entropy_bits == pytest.approx(
            math.log2(lmkit.perplexity(model, train_text("en")).perplexity)
        )
        assert result.kl_divergence_bits == pytest.approx(result.cross_entropy_bits - result.conditional_entropy_bits)


def test_an_impossible_token_makes_the_divergence_infinite() -> None:
    result = lmkit.entropy(held_out_text("en"), model=lmkit.count_ngrams(train_text("en"), 2))
    assert (result.cross_entropy_bits, result.kl_divergence_bits) == (math.inf, math.inf)
    assert result.as_dict()["kl_divergence_bits"] is None


def test_a_model_brings_its_vocabulary() -> None:
    model = lmkit.count_ngrams(TOY, 2)
    with pytest.raises(UsageError, match="The model brings its own vocabulary"):
        lmkit.entropy(TOY, model=model, cutoff=2)


def test_adjusted_counts_are_distinct_left_words_but_raw_after_bos_and_at_the_top() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    unigrams, bigrams = (adjust_counts(counts.chain, length) for length in (1, 2))
    ids = counts.vocabulary.ids
    # le follows <s> and voit; boit follows chat and elle; </s> follows lait and cour; the others one word each
    assert [int(unigrams[ids[word.encode()]]) for word in ("le", "boit", "</s>", "chat", "<s>", "<unk>")] == [
        2,
        2,
        2,
        1,
        0,
        0,
    ]
    assert np.array_equal(bigrams, counts.counts[1])
    trigrams = lmkit.count_ngrams(TOY, 3)
    of_bigrams = adjust_counts(trigrams.chain, 2)
    texts = [text for text, _ in lmkit.list_ngrams(counts, by="ngram")]
    raw = dict(lmkit.list_ngrams(counts))
    entry = {text: find_entry(trigrams.orders, [ids[word.encode()] for word in text.split()]) for text in texts}
    assert of_bigrams[entry["<s> le"]] == raw["<s> le"] == 2  # raw
    assert of_bigrams[entry["le chat"]] == 2  # after <s> and after voit
    assert of_bigrams[entry["boit du"]] == 2  # after chat and elle
    assert of_bigrams[entry["du lait"]] == 1  # after boit only, though seen twice


def test_discounts_by_hand() -> None:
    """N = 9, 3, 1, 0: Y = 9/15; D1 = 1 − 2·(3/5)·3/9 = 3/5; D2 = 2 − 3·(3/5)·1/3 = 7/5; D3 = 3."""
    found = estimate_discounts(2, np.array([9, 3, 1, 0]))
    assert found.values == pytest.approx((3 / 5, 7 / 5, 3))
    assert found.source == "estimated"


@pytest.mark.parametrize(
    ("counts_of_counts", "expected"),
    [
        # n1 = 9, n2 = 3: Y = 9/(9+6) = 3/5. n4 = n3 = 0: D2 = 2 − 1/3 (numerator 1), D3 = 3 − 1/1.
        ((9, 3, 0, 0), (1 - 2 * 0.6 * 3 / 9, 2 - 1 / 3, 2)),
        # n1 = 0: Y from n2 and n3: 2·4/(2·4 + 3·2) = 4/7. D1 = 1 − 2·Y·4/1 < 0, so 0.001.
        ((0, 4, 2, 1), (0.001, 2 - 3 * (4 / 7) * 2 / 4, 3 - 4 * (4 / 7) * 1 / 2)),
        ((5, 0, 3, 0), (0.6, 0.6, 0.6)),
        ((0, 0, 0, 0), (0.6, 0.6, 0.6)),
    ],
)
def test_generalised_discounts_by_hand(counts_of_counts: tuple[int, ...], expected: tuple[float, ...]) -> None:
    assert generalised_discounts(counts_of_counts) == pytest.approx(expected)


def test_discounts_that_cannot_be_estimated_are_an_error_with_cause_and_remedies() -> None:
    with pytest.raises(DataError) as caught:
        lmkit.kneser_ney(lmkit.count_ngrams(TOY, 2))
    assert str(caught.value) == (
        "the discounts of order 1 cannot be estimated: n1, n2, n3, n4 = 9, 3, 0, 0, and n1, n2 and n3 must not be 0 "
        "(n_j: the number of 1-grams with adjusted count j).\n"
        "The text is probably too small for this order, artificial, repeated, or already pruned. "
        "Use more text or a lower order, --discount-fallback for the orders that fail (0.5 1 1.5, or generalised), "
        "or --discounts D1 D2 D3 for all orders."
    )


def test_a_discount_out_of_range_is_an_error_that_names_it() -> None:
    with pytest.raises(DataError, match=r"D2 = -0\.5 must lie between 0 and its count"):
        estimate_discounts(3, np.array([2, 2, 5, 0]))  # Y = 1/3; D2 = 2 − 3·(1/3)·5/2


def test_a_fallback_serves_the_failing_orders_only() -> None:
    # Every sentence occurs twice, so that no trigram is seen once or thrice; unigrams are left as they were.
    lines = train_text("en").read_text(encoding="utf-8").splitlines() * 2
    counts = lmkit.count_ngrams(io.BytesIO("\n".join(lines).encode()), 3)
    with pytest.raises(DataError, match="the discounts of order 3 cannot be estimated"):
        lmkit.kneser_ney(counts)
    model = lmkit.kneser_ney(counts, discount_fallback="fixed")
    assert [entry["source"] for entry in model.parameters["discounts"]] == ["estimated", "estimated", "fixed"]
    assert model.parameters["discounts"][2]["d"] == [0.5, 1.0, 1.5]
    assert "discounts:estimated,fixed@3|" in model.signature()


@pytest.mark.parametrize("discounts", [(1.1, 1, 1), (-0.1, 1, 1), (0.5, 2.5, 1), (0.5, 1, 4), (0.5, 1)])
def test_given_discounts_must_lie_between_zero_and_their_count(discounts: tuple[float, ...]) -> None:
    with pytest.raises(UsageError):
        lmkit.kneser_ney(lmkit.count_ngrams(TOY, 2), discounts=discounts)


@pytest.mark.parametrize("alpha", [0, -1, math.nan, math.inf])
def test_alpha_must_be_above_zero(alpha: float) -> None:
    with pytest.raises(UsageError, match="alpha"):
        lmkit.laplace(lmkit.count_ngrams(TOY, 2), alpha)


def test_an_order_longer_than_any_sentence_needs_no_ngrams_there() -> None:
    counts = lmkit.count_ngrams(TOY, 12)
    assert counts.ngrams()[11] == 0
    model = lmkit.kneser_ney(counts, discount_fallback="fixed")
    assert math.isfinite(lmkit.perplexity(model, TOY).perplexity)


def test_words_of_a_vocabulary_file_are_events_even_if_the_text_lacks_them() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"a a b\n"), 1, vocabulary=io.BytesIO(b"a\nb\nc\n"))
    model = lmkit.laplace(counts, precision="double")
    assert model.events == 5  # a b c </s> <unk>
    assert lmkit.probability(model, "c") == pytest.approx(1 / 9)
    assert lmkit.perplexity(model, io.BytesIO(b"c d\n")).oov == 1


def test_all_words_oov_have_a_perplexity_and_none_without_them() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(TOY, 1), precision="double")
    result = lmkit.perplexity(model, io.BytesIO(b"zzz yyy\n"))
    assert (result.tokens, result.oov) == (3, 2)
    # p(<unk>) = 1/(20 + 13), p(</s>) = 4/33
    assert result.perplexity == pytest.approx((33**3 / 4) ** (1 / 3))
    assert result.perplexity_excluding_oov == pytest.approx(33 / 4)


def test_a_closed_model_counts_unknown_words_as_oov_and_as_impossible() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(TOY, 1), closed=True, precision="double")
    result = lmkit.perplexity(model, io.BytesIO(b"zzz le\n"))
    assert (result.oov, result.zero_probability_tokens, result.perplexity) == (1, 1, math.inf)
    assert result.perplexity_excluding_oov == pytest.approx((32 / 4 * 32 / 4) ** 0.5)  # le and </s>: (3+1)/(20+12)


def test_the_unknown_word_in_a_test_text_counts_as_oov() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(TOY, 1))
    settings = lmkit.TextSettings(reserved="keep")
    assert lmkit.perplexity(model, io.BytesIO(b"<unk> le\n"), settings=settings).oov == 1
    with pytest.raises(DataError, match="reserved word <unk>"):
        lmkit.perplexity(model, io.BytesIO(b"<unk> le\n"))


@pytest.mark.parametrize(
    "one", [{"order": 2}, {"order": 3, "settings": lmkit.TextSettings(lowercase=True)}, {"order": 3, "cutoff": 2}]
)
def test_counts_made_differently_are_not_merged(one: dict[str, object]) -> None:
    with pytest.raises(DataError):
        lmkit.merge_counts([lmkit.count_ngrams(TOY, 3), lmkit.count_ngrams(TOY, **one)])  # type: ignore[arg-type]


def test_the_order_may_be_ten_and_more() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 10)
    model = lmkit.kneser_ney(counts, discount_fallback="generalised")
    assert model.order == 10
    assert lmkit.perplexity(model, held_out_text("fr")).perplexity == pytest.approx(28.5, abs=2)
