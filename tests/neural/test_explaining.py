"""How the probabilities of neural models come about: logits, softmax, what else was probable."""

import math

import pytest

import lmkit
from lmkit.neural.explaining import explain_neural
from tests.neural.random_models import CONTEXT, SHAPES, WORDS, random_model

every_shape = pytest.mark.parametrize("name", list(SHAPES))
SENTENCE = "le chat inconnu dort"


@every_shape
def test_the_softmax_of_the_logits_is_the_score(name: str) -> None:
    model = random_model(name)
    for explained in explain_neural(model, SENTENCE):
        about = explained.about
        assert math.exp(about["logit"] - about["log_sum"]) == pytest.approx(float(explained.probability))
        assert math.log10(float(explained.probability)) == pytest.approx(explained.log10_prob, abs=1e-5)


@every_shape
def test_alternatives_rank_and_entropy_are_those_of_the_distribution(name: str) -> None:
    model = random_model(name)
    first = explain_neural(model, SENTENCE)[0]
    found = lmkit.next_words(model)
    probs = found.probabilities.tolist()
    assert [each["word"] for each in first.about["alternatives"]] == found.words[:5]
    assert [each["probability"] for each in first.about["alternatives"]] == pytest.approx(probs[:5], rel=1e-5)
    assert first.about["rank"] == found.words.index("le") + 1
    assert first.about["entropy_bits"] == pytest.approx(-sum(p * math.log2(p) for p in probs), rel=1e-5)


def test_each_word_has_the_history_that_the_model_looks_at() -> None:
    histories = {name: [each.history for each in explain_neural(random_model(name), SENTENCE)] for name in SHAPES}
    assert histories["bigram"] == [("<s>",), ("le",), ("chat",), ("<unk>",), ("dort",)]
    assert histories["feed-forward"][1] == ("<s>", "<s>", "le")
    assert histories["transformer"][-1] == ("<s>", "le", "chat", "<unk>", "dort")


def test_words_are_shown_as_they_stand_and_as_they_are_read() -> None:
    explained = explain_neural(random_model("transformer"), SENTENCE)
    assert [(each.word, each.read_as) for each in explained] == [
        ("le", "le"), ("chat", "chat"), ("inconnu", "<unk>"), ("dort", "dort"), ("</s>", "</s>"),
    ]  # fmt: skip


def test_a_sentence_longer_than_the_context_is_explained_as_it_is_scored() -> None:
    """Each later window begins half a context later, so that the history has half of it or more."""
    explained = explain_neural(random_model("transformer"), " ".join(WORDS * 2))
    lengths = [len(each.history) for each in explained]
    assert lengths[: CONTEXT + 2] == [1, 2, 3, 4, 5, 6, 7, 8, 5, 6]
    assert all(CONTEXT // 2 < length <= CONTEXT for length in lengths[CONTEXT:])
    for each in explained:
        assert math.log10(float(each.probability)) == pytest.approx(each.log10_prob, abs=1e-5)
