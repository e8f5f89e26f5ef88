"""Windows of a text, for training and for scoring."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lmkit.neural.layers.output import NO_TARGET
from lmkit.neural.sentence_windows import ROWS, sentence_windows, window_places
from lmkit.neural.windows import inputs_of, targets_of, windows_at
from tests.neural.small import random_sentences, random_text

# <s> 3 4 </s> <s> </s> <s> 5 6 7 </s>
TEXT = np.array([1, 3, 4, 0, 1, 0, 1, 5, 6, 7, 0], np.int32)
INPUTS = np.array([1, 3, 4, 1, 1, 5, 6, 7], np.int32)


def test_inputs_are_all_but_ends_and_targets_all_but_beginnings() -> None:
    np.testing.assert_array_equal(inputs_of(TEXT), INPUTS)
    np.testing.assert_array_equal(targets_of(INPUTS), [3, 4, 0, 0, 5, 6, 7, 0])


@pytest.mark.parametrize("text", [random_text(), random_sentences([0]), random_sentences([1]), random_sentences([])])
def test_targets_are_the_predicted_tokens_of_any_text(text: NDArray[np.int32]) -> None:
    np.testing.assert_array_equal(targets_of(inputs_of(text)), text[text != 1])


def test_windows_have_their_targets_and_where_their_sentences_begin() -> None:
    batch = windows_at(INPUTS, np.array([0, 2, 5]), 3)
    np.testing.assert_array_equal(batch.inputs, [[1, 3, 4], [4, 1, 1], [5, 6, 7]])
    np.testing.assert_array_equal(batch.targets, [[3, 4, 0], [0, 0, 5], [6, 7, 0]])
    np.testing.assert_array_equal(batch.starts, [[0, 0, 0], [0, 1, 2], [0, 0, 0]])
    assert (len(batch), batch.counted) == (3, 9)


def test_a_window_after_the_end_of_the_text_asks_for_nothing_there() -> None:
    batch = windows_at(INPUTS, np.array([6]), 4)
    np.testing.assert_array_equal(batch.inputs, [[6, 7, 1, 1]])
    np.testing.assert_array_equal(batch.targets, [[7, 0, NO_TARGET, NO_TARGET]])
    assert batch.counted == 2


def test_windows_with_inputs_before_their_first_target_repeat_the_first_input_before_the_text() -> None:
    batch = windows_at(INPUTS, np.array([0, 2, 6]), 1, before=2)
    np.testing.assert_array_equal(batch.inputs, [[1, 1, 1], [1, 3, 4], [1, 5, 6]])
    np.testing.assert_array_equal(batch.targets, [[3], [0], [7]])
    np.testing.assert_array_equal(batch.starts, [[0, 1, 2], [0, 0, 0], [0, 0, 0]])


def test_a_part_has_some_of_the_windows() -> None:
    batch = windows_at(INPUTS, np.array([0, 2, 5]), 3)
    part = batch.part(1, 9)
    np.testing.assert_array_equal(part.inputs, batch.inputs[1:])
    np.testing.assert_array_equal(part.targets, batch.targets[1:])
    assert part.starts is not None
    np.testing.assert_array_equal(part.starts, [[0, 1, 2], [0, 0, 0]])


def test_long_sentences_are_read_in_windows_that_overlap_by_half() -> None:
    inputs = inputs_of(random_sentences([8, 1, 9]))  # with <s>: 9, 2, 10 inputs
    begins, lengths, news = window_places(inputs, 4)
    np.testing.assert_array_equal(begins, [0, 2, 4, 6, 9, 11, 13, 15, 17])
    np.testing.assert_array_equal(lengths, [4, 4, 4, 3, 2, 4, 4, 4, 4])
    np.testing.assert_array_equal(news, [0, 2, 2, 2, 0, 0, 2, 2, 2])


@pytest.mark.parametrize("context", [1, 2, 3, 4, 7, 64])
@pytest.mark.parametrize("lengths", [[], [0], [5], [0, 0, 1], [30, 2, 2, 61, 0, 7], [700], [3] * 400])
def test_every_place_is_scored_once_and_by_a_window_of_its_sentence(lengths: list[int], context: int) -> None:
    text = random_sentences(lengths)
    inputs, targets = inputs_of(text), text[text != 1]
    sentences = np.cumsum(inputs == 1)
    asked = []
    for batch, kept, places in sentence_windows(text, context):
        assert batch.starts is None
        assert batch.inputs.shape[1] <= context
        assert batch.inputs.size <= max(ROWS, context)
        np.testing.assert_array_equal(batch.inputs.reshape(-1)[kept], inputs[places])
        np.testing.assert_array_equal(batch.targets.reshape(-1)[kept], targets[places])
        row, within = kept // batch.inputs.shape[1], kept % batch.inputs.shape[1]
        np.testing.assert_array_equal(sentences[places - within], sentences[places])  # where the window begins
        first = np.flatnonzero(inputs == 1)[sentences[places] - 1]
        assert (within >= np.minimum(places - first, context // 2)).all()  # half a context is seen, or all there is
        np.testing.assert_array_equal(batch.inputs[row, 0], inputs[places - within])
        asked.append(places)
    np.testing.assert_array_equal(np.sort(np.concatenate([*asked, np.zeros(0, int)])), np.arange(len(inputs)))
