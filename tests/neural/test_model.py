"""Neural models score as any other."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax

from lmkit.errors import UsageError
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.network import Shape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.windows import Batch, inputs_of, windows_at
from lmkit.text.vocabulary import BOS
from tests.neural.models_on_tape import bigram, feed_forward, transformer
from tests.neural.small import SHAPES, random_model, random_parameters, random_sentences, random_text
from tests.neural.tape import Node

EACH = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())


def by_hand(shape: Shape, parameters: Any, sentence: np.ndarray) -> np.ndarray:
    """(tokens − 1,) ln p of each token of one padded sentence, by the formulas of the tape, history by history."""
    inputs, targets = sentence[:-1], sentence[1:]
    nodes = {name: Node(view) for name, view in parameters.views.items()}
    found = []
    for place, target in enumerate(targets):
        if isinstance(shape, TransformerShape):
            half = max(shape.context // 2, 1)
            begin = 0 if place < shape.context else -(-(place + 1 - shape.context) // half) * half
            seen = inputs[begin : place + 1]
            z = transformer(nodes, shape, Batch(seen[None], seen[None], None)).value[-1]
        elif isinstance(shape, FeedForwardShape):
            seen = np.concatenate((np.full(shape.order - 2, BOS), inputs[: place + 1]))[-(shape.order - 1) :]
            z = feed_forward(nodes, shape, Batch(seen[None], seen[None], None)).value[0]
        else:
            z = (nodes["weight"] + nodes["bias"]).value[inputs[place]]
        z = z.copy()
        z[BOS] = -np.inf
        found.append(log_softmax(z)[target])
    return np.array(found)


@EACH
@pytest.mark.parametrize("length", [0, 1, 5, 6, 20])
def test_scores_of_a_sentence_are_those_worked_out_window_by_window(shape: Shape, length: int) -> None:
    parameters = random_parameters(shape)
    sentence = random_sentences([length])
    found = shape.network(parameters).log_probs(sentence)
    np.testing.assert_allclose(found, by_hand(shape, parameters, sentence), rtol=0, atol=1e-12)


@EACH
def test_scores_of_a_sentence_do_not_depend_on_its_neighbours(shape: Shape) -> None:
    network, text = shape.network(random_parameters(shape)), random_text(longest=25)
    alone = [network.log_probs(sentence) for sentence in np.split(text, np.flatnonzero(text == 0) + 1)[:-1]]
    np.testing.assert_allclose(network.log_probs(text), np.concatenate(alone), rtol=0, atol=1e-12)
    assert len(network.log_probs(text[:0])) == 0


@EACH
def test_several_threads_score_blocks_as_one_does(shape: Shape) -> None:
    model = random_model(shape)
    scorer = model.scorer()
    blocks = [random_text(5 + number, seed=number) for number in range(20)]
    expected = [model.scorer().score(block).log10_probs for block in blocks]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(scorer.score, blocks))
    for scores, values, block in zip(found, expected, blocks, strict=True):
        np.testing.assert_array_equal(scores.log10_probs, values)
        predicted = block[block != BOS]
        np.testing.assert_array_equal(scores.oov, predicted == 2)
        np.testing.assert_array_equal(scores.ends, np.flatnonzero(predicted == 0) + 1)


@EACH
def test_probabilities_of_what_may_follow_sum_to_one(shape: Shape) -> None:
    network = shape.network(random_parameters(shape))
    history = [1, 5, 4]
    predicted = [w for w in range(13) if w != BOS]
    scores = [network.log_probs(np.array([*history, w, 0] if w else [*history, 0], np.int32))[2] for w in predicted]
    assert np.exp(scores).sum() == pytest.approx(1, rel=1e-12)


@EACH
def test_a_text_without_marks_is_refused(shape: Shape) -> None:
    with pytest.raises(UsageError, match=r"read without <s> and </s>.\nLeave --no-sentence-marks out."):
        random_model(shape).scorer().score(np.array([3, 4, 0, 5, 0], np.int32))


@pytest.mark.parametrize("shape", [shape for shape in SHAPES.values() if shape.time], ids=str)
def test_tokens_that_a_model_does_not_know_are_told(shape: Shape) -> None:
    network = shape.network(random_parameters(shape))
    for token in (13, -1):
        with pytest.raises(IndexError, match=rf"{token}.* and 13 types"):
            network.log_probs(np.array([1, token, 0], np.int32))


def test_a_window_longer_than_the_context_is_refused() -> None:
    shape = TransformerShape(dimensions=4, layers=1, heads=1, context=6)
    network = shape.network(random_parameters(shape))
    for starts in (np.zeros((1, 7), int), None):
        tokens = np.full((1, 7), 3)
        with pytest.raises(
            UsageError, match="7 tokens in one window are more than the context of the model, which is 6"
        ):
            network.hidden(Batch(tokens, tokens, starts))


def test_windows_for_scoring_leave_the_text_as_it_was() -> None:
    text = random_text()
    inputs = inputs_of(text)
    kept = text.copy(), inputs.copy()
    shape = SHAPES["transformer, learned positions"]
    shape.network(random_parameters(shape)).log_probs(text)
    windows_at(inputs, np.arange(4), 3)
    np.testing.assert_array_equal(text, kept[0])
    np.testing.assert_array_equal(inputs, kept[1])


def test_the_bigram_model_takes_its_scores_from_the_table_of_the_tape() -> None:
    shape = SHAPES["bigram"]
    parameters, text = random_parameters(shape), random_text()
    from lmkit.neural.architectures.bigram import Bigrams

    counts = Bigrams.of(inputs_of(text), 13)
    nodes = {name: Node(view) for name, view in parameters.views.items()}
    expected = float(bigram(nodes, counts).value)
    assert -shape.network(parameters).log_probs(text).mean() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: TransformerShape(dimensions=0), "dimensions is 0; it must be a whole number from 1 to 1,000,000."),
        (lambda: TransformerShape(layers=10**9), "layers is 1000000000; it must be a whole number from 1 to 1,000."),
        (lambda: TransformerShape(heads=2.0), "heads is 2.0; it must be a whole number from 1 to 10,000."),  # type: ignore[arg-type]
        (lambda: TransformerShape(dimensions=10, heads=4), "10 dimensions cannot be shared by 4 heads."),
        (lambda: TransformerShape(positions="none"), "positions is 'none'; it must be one of: learned, sinusoidal."),  # type: ignore[arg-type]
        (lambda: FeedForwardShape(order=1), "order is 1; it must be a whole number from 2 to 1,000,000."),
        (lambda: FeedForwardShape(tied="yes"), "tied is 'yes'; it must be True or False."),  # type: ignore[arg-type]
    ],
)
def test_sizes_that_make_no_network_are_refused(make: Any, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert told in str(caught.value)
