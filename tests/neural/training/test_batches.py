"""Which part of a text each step learns from."""

import numpy as np
import pytest

from lmkit.neural.architectures import bigram
from lmkit.neural.architectures.bigram import Bigrams, BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.network import Shape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.layers.output import NO_TARGET
from lmkit.neural.training.batches import WindowBatches, batches_of
from lmkit.neural.windows import targets_of
from lmkit.text.vocabulary import BOS

SHAPES: dict[str, Shape] = {
    "transformer": TransformerShape(context=5, dimensions=4),
    "feed-forward": FeedForwardShape(order=4),
}


def sentences(number: int) -> np.ndarray:
    """The inputs of sentences of which every word comes once, so that a word tells its place."""
    words = iter(range(3, 10_000))
    lengths = np.random.default_rng(1).integers(0, 6, number)
    return np.concatenate([[BOS, *(next(words) for _ in range(length))] for length in lengths]).astype(np.int32)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("number", [1, 2, 23])
@pytest.mark.parametrize("size", [1, 3, 64])
def test_an_epoch_asks_for_every_target_once(name: str, number: int, size: int) -> None:
    inputs = sentences(number)
    batches = WindowBatches(inputs, SHAPES[name], size, seed=7)
    for epoch in range(3):
        found = [batches.at(epoch * batches.epoch + step).targets for step in range(batches.epoch)]
        asked = np.concatenate([targets.reshape(-1) for targets in found])
        assert sorted(asked[asked != NO_TARGET]) == sorted(targets_of(inputs))
        assert max(map(len, found)) <= size


def test_what_stands_before_a_target_is_what_the_text_has_there() -> None:
    inputs = sentences(23)
    place = {word: at for at, word in enumerate(inputs.tolist()) if word > BOS}
    batches = WindowBatches(inputs, SHAPES["transformer"], 4, seed=1)
    for step in range(batches.epoch):
        batch = batches.at(step)
        for window, row in enumerate(batch.targets):
            for at, target in enumerate(row):
                if target > BOS:
                    assert batch.inputs[window, at] == inputs[place[target] - 1]


def test_a_batch_depends_on_its_number_alone() -> None:
    """So that training can go on anywhere."""
    inputs = sentences(40)
    one, other = (WindowBatches(inputs, SHAPES["transformer"], 3, 1) for _ in range(2))
    there = [one.at(step).inputs for step in range(3 * one.epoch)]
    for step in (2 * other.epoch + 1, 0, other.epoch):
        assert np.array_equal(other.at(step).inputs, there[step])


def test_epochs_and_seeds_have_windows_of_their_own() -> None:
    inputs = sentences(60)
    first, second = (WindowBatches(inputs, SHAPES["transformer"], 1000, seed) for seed in (1, 2))
    begins = [tuple(batches.at(epoch).inputs[:, 0]) for batches in (first, second) for epoch in range(4)]
    assert len(set(begins)) == 8
    assert len({frozenset(each) for each in begins}) > 1  # they do not begin at the same places, either


def test_the_batch_of_a_bigram_is_the_whole_text() -> None:
    inputs = sentences(5)
    shape: Shape = BigramShape()
    batches = batches_of(inputs, shape, 10_000, 16, seed=1)
    assert (batches.epoch, batches.lanes) == (1, 1)
    assert batches.at(0).counted == batches.at(9).counted == len(inputs)


def test_bigrams_are_counted_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = sentences(30) % 7 + (sentences(30) > BOS)  # words come again, <s> stays 1
    whole = Bigrams.of(inputs, 10).counts.toarray()
    monkeypatch.setattr(bigram, "PIECE", 5)
    assert np.array_equal(Bigrams.of(inputs, 10).counts.toarray(), whole)


def test_a_batch_has_work_for_as_many_lanes_as_its_size_says() -> None:
    """And not for as many as there are threads, as bits depend on them."""
    shape = TransformerShape(context=64)
    inputs = np.ones(100_000, np.int32)
    lanes = [batches_of(inputs, shape, 10, size, seed=1).lanes for size in (1, 4, 8, 64)]
    assert lanes == [1, 1, 2, 4]
