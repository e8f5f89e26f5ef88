"""Mixtures whose weights depend on the history.

Add-one over a, b, </s>, <unk>, V = 4. Bigrams of "a b": p(a | <s>) = p(b | a) = p(</s> | b) = 2/5, all else after these 1/5, and after <unk>, which
nothing follows in the text, 1/4. Words of "a b b": a 2/8, b 3/8, </s> 2/8, <unk> 1/8. "a zzz b" has the histories <s>, a, <unk>, b. The first
model knows all of one word but <unk>, each with a count of 1. With the weights 1/4, 3/4 after the history of no word, else 1/2, 1/2:

    a      1/2 · 2/5 + 1/2 · 2/8 = 0.325       <unk>   1/2 · 1/5 + 1/2 · 1/8 = 0.1625
    b      1/4 · 1/4 + 3/4 · 3/8 = 0.34375     </s>    1/2 · 2/5 + 1/2 · 2/8 = 0.325
"""

import io
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.scoring.bucketing.kinds import KINDS, Kind
from lmkit.scoring.bucketing.tuning import TIED
from lmkit.scoring.evidence import evidence_of_each
from lmkit.scoring.tuning import optimum
from tests.conftest import held_out_text, train_text
from tests.scoring.test_families import UNIFORM

BY_HAND = [0.325, 0.1625, 0.34375, 0.325]


def model_of(text: str, order: int, smooth: Any = lmkit.laplace, **how: Any) -> lmkit.NgramModel:
    """A model of a short text."""
    model: lmkit.NgramModel = smooth(lmkit.count_ngrams(io.BytesIO(text.encode()), order), precision="double", **how)
    return model


def toy_models() -> list[lmkit.NgramModel]:
    """The two of which the probabilities follow by hand."""
    return [model_of("a b\n", 2), model_of("a b b\n", 1)]


def french(order: int, smooth: Any) -> lmkit.NgramModel:
    """A model of the French training text."""
    model: lmkit.NgramModel = smooth(lmkit.count_ngrams(train_text("fr"), order))
    return model


def probs_of(model: Any, text: str) -> list[float]:
    """The probability of each token of a text."""
    (scored,) = lmkit.score_text(model, io.BytesIO(text.encode()))
    found: list[float] = (10.0**scored.scores.log10_probs).tolist()
    return found


@pytest.mark.parametrize(
    ("kind", "after_unknown", "other"), [("length", "0", "1"), ("count", "0:2", "1:1"), ("oov", "1", "none")]
)
def test_each_word_has_the_weights_of_the_bucket_of_its_history(kind: Kind, after_unknown: str, other: str) -> None:
    by = lmkit.BucketWeights(kind, {after_unknown: (0.25, 0.75), other: (0.5, 0.5)})
    mixed = lmkit.mixture(toy_models(), [0.125, 0.875], by=by)
    assert probs_of(mixed, "a zzz b\n") == pytest.approx(BY_HAND, rel=1e-12)
    predicted = [
        lmkit.probability(mixed, word, history)
        for word, history in (("a", "<s>"), ("zzz", "<s> a"), ("b", "<s> a zzz"), ("</s>", "<s> a zzz b"))
    ]
    assert predicted == pytest.approx(BY_HAND, rel=1e-12)
    explained = lmkit.explain(mixed, "a zzz b")
    assert [word.probability for word in explained] == pytest.approx(BY_HAND, rel=1e-12)
    assert [word.about["bucket"] for word in explained] == [other, other, after_unknown, other]
    assert [word.about["weights"] for word in explained] == [[0.5, 0.5], [0.5, 0.5], [0.25, 0.75], [0.5, 0.5]]


def test_buckets_without_weights_have_those_of_the_mixture() -> None:
    mixed = lmkit.mixture(toy_models(), by=lmkit.BucketWeights("length", {"0": (0.25, 0.75)}))
    assert probs_of(mixed, "a zzz b\n") == pytest.approx(BY_HAND, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_weights_in_all_buckets_are_the_plain_mixture_to_the_last_bit(kind: Kind) -> None:
    models = [french(3, lmkit.kneser_ney), french(2, lmkit.witten_bell)]
    plain = lmkit.mixture(models, [0.7, 0.3])
    names = lmkit.mixture(models, by=lmkit.BucketWeights(kind)).buckets.names
    bucketed = lmkit.mixture(models, [0.1, 0.9], by=lmkit.BucketWeights(kind, dict.fromkeys(names, (0.7, 0.3))))
    one, other = (next(iter(lmkit.score_text(each, held_out_text("fr")))).scores for each in (plain, bucketed))
    assert one.log10_probs.tobytes() == other.log10_probs.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_where_there_is_one_bucket_tuned_weights_are_those_of_all(kind: Kind) -> None:
    """The first model looks at no word before; by count, its empty history has one count."""
    models = [french(1, lmkit.witten_bell), french(2, lmkit.witten_bell)]
    weights = lmkit.tune_weights(models, held_out_text("fr")).weights
    tuned = lmkit.tune_buckets(models, weights, held_out_text("fr"), kind)
    (row,) = tuned.by.weights.values()
    assert row == pytest.approx(weights, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_tuned_weights_of_a_bucket_are_the_optimum_of_its_tokens_and_of_ten_more(kind: Kind) -> None:
    """Of Σ log(λ p + (1 − λ) q) + 10 (μ log λ + (1 − μ) log(1 − λ)), μ the weight of all, found by another algorithm."""
    models = [french(3, lmkit.kneser_ney), french(3, lmkit.witten_bell)]
    weights = [0.625, 0.375]
    tuned = lmkit.tune_buckets(models, weights, held_out_text("fr"), kind)
    evidence = lmkit.mixture(models, by=lmkit.BucketWeights(kind))
    blocks = list(evidence_of_each(evidence, held_out_text("fr")))
    probs = 10.0 ** np.concatenate([block.log10_probs for block in blocks], axis=1)
    buckets = np.concatenate([block.buckets for block in blocks])
    assert len(tuned.by.weights) > 2
    assert sum(tuned.by.tokens.values()) == probs.shape[1]
    for name, row in tuned.by.weights.items():
        first, second = probs[:, buckets == evidence.buckets.names.index(name)]

        def loss(own: float, first: Any = first, second: Any = second) -> float:
            prior = TIED * (weights[0] * np.log(own) + weights[1] * np.log(1 - own))
            return -float(np.log(own * first + (1 - own) * second).sum() + prior)

        found = minimize_scalar(loss, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-10})
        assert row[0] == pytest.approx(found.x, abs=1e-6)
        assert sum(row) == pytest.approx(1, abs=1e-15)
    mixed = lmkit.mixture(models, weights, by=tuned.by)
    assert lmkit.perplexity(mixed, held_out_text("fr")).perplexity == pytest.approx(tuned.perplexity, rel=1e-12)
    again = lmkit.tune_buckets(models, weights, held_out_text("fr"), kind)
    assert again == tuned


def test_a_mixture_within_another_keeps_its_weights_by_bucket() -> None:
    """Half of what stands above, half of 1/5 each: a uniform model over </s>, <unk>, a, b, c. The mixture lacks c, which has half of its p(<unk>)."""
    by = lmkit.BucketWeights("length", {"0": (0.25, 0.75)})
    inner = lmkit.mixture(toy_models(), by=by)
    outer = lmkit.mixture([inner, UNIFORM])
    expected = [0.5 * prob + 0.5 / 5 for prob in BY_HAND]
    expected[1] = 0.5 * BY_HAND[1] / 2 + 0.5 / 5
    assert probs_of(outer, "a zzz b\n") == pytest.approx(expected, rel=1e-12)
    assert outer.models[0] is inner
    plain = lmkit.mixture(
        [lmkit.mixture(toy_models(), [0.25, 0.75]), UNIFORM], by=lmkit.BucketWeights("oov", {"1": (0.5, 0.5)})
    )
    assert plain.by is not None
    assert plain.by.weights["1"] == (0.125, 0.375, 0.5)  # rows have a weight for each model that was given


def test_the_first_ngram_model_is_the_one_that_is_asked() -> None:
    by = lmkit.BucketWeights("length", {"0": (0.5, 0.25, 0.25)})
    mixed = lmkit.mixture([UNIFORM, *toy_models()], [0.2, 0.4, 0.4], by=by)
    assert [word.about["bucket"] for word in lmkit.explain(mixed, "a zzz b")] == ["1", "1", "0", "1"]


def test_unknown_words_count_from_the_last_one_back_and_within_the_sentence() -> None:
    models = [model_of("a b\n", 3), model_of("a b b\n", 1)]
    mixed = lmkit.mixture(models, by=lmkit.BucketWeights("oov"))
    text = io.BytesIO(b"zzz a b a zzz zzz\nb a\n")
    (found,) = evidence_of_each(mixed, text)
    names = [mixed.buckets.names[number] for number in found.buckets.tolist()]
    assert names == ["none", "1", "2", "none", "none", "1", "1", "none", "none", "none"]


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_ngram_model_no_bucket_is_told(kind: Kind) -> None:
    with pytest.raises(DataError) as refused:
        lmkit.mixture([UNIFORM, UNIFORM], by=lmkit.BucketWeights(kind))
    assert str(refused.value).startswith(
        f"weights by {kind} are told by the first n-gram model of a mixture, and none of its models (uniform, uniform) lists n-grams.\n"
    )


def test_a_model_without_counts_does_not_tell_how_often_histories_were_seen() -> None:
    pruned = toy_models()[0].with_values()
    with pytest.raises(DataError) as refused:
        lmkit.mixture([pruned, toy_models()[1]], by=lmkit.BucketWeights("count"))
    assert str(refused.value).splitlines()[0] == (
        "the n-gram model (laplace) has kept no counts, so it does not say how often histories were seen."
    )
    assert probs_of(lmkit.mixture([pruned, toy_models()[1]], by=lmkit.BucketWeights("length")), "a\n")


def test_buckets_that_there_are_not_are_refused() -> None:
    with pytest.raises(UsageError, match=r"^there are weights of the bucket '7', and the buckets by length are 0 1\.$"):
        lmkit.mixture(toy_models(), by=lmkit.BucketWeights("length", {"7": (0.5, 0.5)}))
    with pytest.raises(UsageError, match=r"^there are no weights by 'day': they depend on length, count, oov\.$"):
        lmkit.mixture(toy_models(), by=lmkit.BucketWeights("day"))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"^the weights 0\.5 0\.6 of the bucket '0' sum to 1\.1"):
        lmkit.mixture(toy_models(), by=lmkit.BucketWeights("length", {"0": (0.5, 0.6)}))


def test_signatures_of_other_weights_by_bucket_differ() -> None:
    rows = [{"0": (0.25, 0.75)}, {"0": (0.75, 0.25)}, {"1": (0.25, 0.75)}]
    signatures = {lmkit.mixture(toy_models(), by=lmkit.BucketWeights("length", row)).signature() for row in rows}
    assert len(signatures) == len(rows)


def test_extrapolated_rounds_come_to_the_optimum_of_plain_ones() -> None:
    """Also where a model adds nothing, and where two are the same."""
    probs = np.random.default_rng(7).uniform(0, 1, (3, 400))
    probs = np.vstack((probs, probs[0] * 0.5, probs[1]))
    weights = np.full(5, 0.2)
    for _ in range(20_000):
        joint = weights[:, None] * probs
        weights = (joint / joint.sum(axis=0)).mean(axis=1)
    found = optimum(probs)
    assert np.log(found @ probs).mean() == pytest.approx(np.log(weights @ probs).mean(), abs=1e-12)
    assert [found[0], found[1] + found[4], found[2], found[3]] == pytest.approx(
        [weights[0], weights[1] + weights[4], weights[2], weights[3]], abs=1e-6
    )


def test_a_bucket_finds_a_model_that_is_worth_nothing_elsewhere() -> None:
    """500 tokens of a bucket to which only the second model gives much, and a weight of 1e-9 in all buckets: the weight is 500 / 510, nearly."""
    probs = np.vstack((np.full(500, 1e-12), np.full(500, 0.5)))
    assert optimum(probs, 10 * np.array([1 - 1e-9, 1e-9]))[1] == pytest.approx(500 / 510, rel=1e-6)
