"""What neural models say comes next: the same as in scoring, also of sentences longer than the context."""

import numpy as np
import pytest

import lmkit
from lmkit.errors import UsageError
from lmkit.scoring.generating.generation import generate_text
from lmkit.scoring.mixture import mixture
from lmkit.scoring.protocol import BoundedPredictor
from lmkit.text.vocabulary import BOS, EOS
from tests.conftest import TOY
from tests.neural.random_models import CONTEXT, SHAPES, WORDS, random_model

LONG = 3 * CONTEXT + 1  # words of a sentence that needs several windows
every_shape = pytest.mark.parametrize("name", list(SHAPES))


def sentences(number: int, length: int) -> np.ndarray:
    """(number, length) ids of random words, <unk> among them."""
    return np.random.default_rng(3).integers(2, len(WORDS) + 3, (number, length))


@every_shape
def test_the_words_of_a_sentence_have_the_probabilities_of_scoring(name: str) -> None:
    model, words = random_model(name), sentences(3, LONG)
    padded = np.concatenate([[BOS, *row, EOS] for row in words]).astype(np.int32)
    scored = model.scorer().score(padded).log10_probs.reshape(3, -1)
    predictor = model.predictor()
    state, every, found = predictor.start([BOS], 3), np.arange(3), []
    for column in words.T:
        found.append(predictor.log10_probs(state)[every, column])
        state = predictor.extend(state, every, column)
    found.append(predictor.log10_probs(state)[:, EOS])
    assert np.ptp(scored) > 0.5  # no uniform model, of which anything would be right
    np.testing.assert_allclose(np.array(found).T, scored, atol=1e-5)


@every_shape
def test_distributions_sum_to_1_and_never_have_the_begin_of_a_sentence(name: str) -> None:
    predictor = random_model(name).predictor()
    log10_probs = predictor.log10_probs(predictor.start([BOS, 3, 4], 2))
    np.testing.assert_allclose((10.0**log10_probs).sum(axis=1), 1, atol=1e-6)
    assert np.isneginf(log10_probs[:, BOS]).all()
    assert np.isfinite(np.delete(log10_probs, BOS, axis=1)).all()


@every_shape
@pytest.mark.parametrize("length", [1, CONTEXT - 1, CONTEXT, CONTEXT + 1, LONG])
def test_a_prompt_read_at_once_is_one_read_word_by_word(name: str, length: int) -> None:
    predictor, words = random_model(name).predictor(), sentences(1, length)[0].tolist()
    state = predictor.start([BOS], 1)
    for word in words:
        state = predictor.extend(state, np.array([0]), np.array([word]))
    at_once = predictor.log10_probs(predictor.start([BOS, *words], 2))
    np.testing.assert_allclose(at_once[1], predictor.log10_probs(state)[0], atol=1e-5)


@every_shape
def test_a_state_may_go_on_in_two_ways(name: str) -> None:
    """What is kept of the first words belongs to both sentences, and neither writes into the other."""
    predictor, every = random_model(name).predictor(), np.arange(2)
    start = predictor.start([BOS, 5], 2)
    one = predictor.extend(start, every, np.array([3, 4]))
    before = predictor.log10_probs(predictor.extend(one, every, np.array([6, 7])))
    other = predictor.extend(start, np.array([1]), np.array([8]))
    predictor.extend(other, np.array([0]), np.array([9]))
    after = predictor.log10_probs(predictor.extend(one, every, np.array([6, 7])))
    np.testing.assert_array_equal(after, before)
    alone = predictor.log10_probs(predictor.start([BOS, 5, 8], 1))
    np.testing.assert_allclose(predictor.log10_probs(other), alone, atol=1e-5)


def test_sentences_that_end_leave_the_others_as_they_are() -> None:
    predictor, words = random_model("transformer").predictor(), sentences(4, 3)
    state = predictor.start([BOS], 4)
    for column in words.T:
        state = predictor.extend(state, np.arange(4), column)
    kept = predictor.extend(state, np.array([1, 3]), np.array([5, 6]))
    for row, (sentence, word) in enumerate(((1, 5), (3, 6))):
        alone = predictor.log10_probs(predictor.start([BOS, *words[sentence].tolist(), word], 1))[0]
        np.testing.assert_allclose(predictor.log10_probs(kept)[row], alone, atol=1e-5)


def test_a_history_too_short_is_refused() -> None:
    with pytest.raises(UsageError, match="looks at the last 3 tokens, and there are 2"):
        random_model("feed-forward").predictor().start([4, 5], 1)
    with pytest.raises(UsageError, match="there are none"):
        random_model("transformer").predictor().start([], 1)
    random_model("feed-forward").predictor().start([4, 5, 6], 1)  # enough of them, without a beginning


@every_shape
def test_generated_sentences_have_the_probability_that_the_model_gives_them(name: str) -> None:
    model = random_model(name)
    (block,) = generate_text(model, 50, seed=1, max_length=2 * CONTEXT)
    assert block.lengths.max() == 2 * CONTEXT or name == "bigram"
    again = np.concatenate(
        [each.log10_probs(model) for each in generate_text(model, 50, seed=1, max_length=2 * CONTEXT, batch=7)]
    )
    np.testing.assert_allclose(block.log10_probs(model), again, atol=1e-5)


def test_words_come_as_often_as_they_are_probable() -> None:
    """Of 20,000 first words, the shares differ from the probabilities by less than five standard deviations."""
    model, number = random_model("transformer"), 20_000
    probs = lmkit.next_words(model)
    known = {word: p for word, p in zip(probs.words, probs.probabilities.tolist(), strict=True) if word != "<unk>"}
    total = sum(known.values())  # <unk> is not drawn: the others share its probability
    texts = [text for block in generate_text(model, number, seed=1, max_length=1) for text in block.texts().to_pylist()]
    for word, p in known.items():
        share = p / total
        drawn = texts.count("" if word == "</s>" else word)
        assert abs(drawn - number * share) < 5 * (number * share * (1 - share)) ** 0.5 + 1, word


def test_the_most_probable_words_are_chosen_greedily_and_among_few() -> None:
    model = random_model("transformer")
    best = [word for word in lmkit.next_words(model).words if word != "<unk>"][:3]
    (greedy,) = lmkit.generate(model, 1, temperature=0, max_length=1)
    assert (greedy.text or "</s>") == best[0]
    few = {sentence.text or "</s>" for sentence in lmkit.generate(model, 200, seed=1, top=3, max_length=1)}
    assert few == set(best)


def test_a_mixture_with_ngrams_predicts_the_weighted_sum() -> None:
    neural, ngrams = random_model("transformer"), lmkit.witten_bell(lmkit.count_ngrams(TOY, 2))
    mixed = mixture([neural, ngrams], [0.25, 0.75])
    both = [lmkit.next_words(model, "le chat") for model in (neural, ngrams)]
    probs = [dict(zip(each.words, each.probabilities.tolist(), strict=True)) for each in both]
    found = lmkit.next_words(mixed, "le chat")
    for word, p in zip(found.words, found.probabilities.tolist(), strict=True):
        shares = []
        for known in probs:
            unknown = [each for each in found.words if each not in known]
            share = known["<unk>"] / (1 + len(unknown))
            shares.append(share if word == "<unk>" or word in unknown else known[word])
        assert p == pytest.approx(0.25 * shares[0] + 0.75 * shares[1])


def test_states_of_transformers_bound_how_many_sentences_go_side_by_side() -> None:
    """2 layers · 2 · 8 places · 8 dimensions · 4 bytes are 1 KiB a sentence, of which 256 MiB hold 2**18."""
    predictor = random_model("transformer").predictor()
    assert isinstance(predictor, BoundedPredictor)
    assert predictor.batch == 1 << 18
    mixed = mixture([random_model("transformer"), random_model("bigram")]).predictor()
    assert isinstance(mixed, BoundedPredictor)
    assert mixed.batch == 1 << 14
