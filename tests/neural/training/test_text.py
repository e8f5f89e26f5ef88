"""What is learnt from, what is set apart, and which words are known."""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmkit.engine.resources import Resources
from lmkit.errors import DataError, UsageError
from lmkit.neural.training.text import TrainingText, read_training_text
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import BOS, EOS, UNK
from tests.conftest import held_out_text, text_file, train_text


def words_of(text: TrainingText) -> list[str]:
    """The words that are known, without the marks."""
    return [word.decode() for word in text.vocabulary.words[3:]]


def as_words(text: TrainingText, ids: np.ndarray) -> str:
    """Ids as their words."""
    return " ".join(text.vocabulary.words[each].decode() for each in ids)


def test_the_last_sentences_are_set_apart_and_have_no_say_in_what_is_known(tmp_path: Path) -> None:
    """Of 11 inputs, 0.3 are 3 at most: the last sentence, whose words have not been seen but for a."""
    path = text_file(tmp_path, "a b a\nb a\n\na c\n")
    text = read_training_text(path, held_out=0.4)
    assert words_of(text) == ["a", "b"]
    assert as_words(text, text.inputs) == "<s> a b a <s> b a"
    assert as_words(text, text.validation) == "<s> a <unk> </s>"
    assert text.unigrams.tolist() == [2, 0, 0, 3, 2]  # </s> <s> <unk> a b
    assert text.validated_on == "the last sentence"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_one_sentence_at_least_is_learnt_from_and_one_set_apart_if_any_is_asked_for(share: float) -> None:
    text = read_training_text(train_text("en"), held_out=share)
    apart = int(np.count_nonzero(text.validation == EOS))
    assert apart + np.count_nonzero(text.inputs == BOS) == 400
    assert (apart > 0) == (share > 0)
    assert np.count_nonzero(text.inputs == BOS) > 0


def test_a_single_sentence_is_learnt_from() -> None:
    from io import BytesIO

    text = read_training_text(BytesIO(b"a b\n"), held_out=0.5)
    assert (len(text.inputs), len(text.validation), text.validated_on) == (3, 0, "")


def test_a_text_for_validation_is_read_with_the_words_of_the_other() -> None:
    text = read_training_text(train_text("en"), dev=held_out_text("en"), held_out=0.5, cutoff=2)
    assert np.count_nonzero(text.inputs == BOS) == 400
    assert np.count_nonzero(text.validation == EOS) == 61
    assert np.count_nonzero(text.validation == UNK) > 0
    assert text.validated_on.endswith("en.test.tok")


def test_the_most_frequent_words_are_known_ties_by_code_point(tmp_path: Path) -> None:
    path = text_file(tmp_path, "d c c b b a\n")
    assert words_of(read_training_text(path, vocabulary_size=3)) == ["c", "b", "a"]
    text = read_training_text(path, vocabulary_size=1)
    assert words_of(text) == ["b"]
    assert as_words(text, text.inputs) == "<s> <unk> <unk> <unk> b b <unk>"


def test_bytes_can_all_occur_whatever_is_seen(tmp_path: Path) -> None:
    path = text_file(tmp_path, "aab\n" * 3)
    assert len(read_training_text(path, held_out=0.2, cutoff=2, settings=TextSettings(unit="byte")).vocabulary) == 259


def test_limits_that_exclude_each_other_are_refused(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a b\n")
    for how in ({"cutoff": 2}, {"vocabulary": text_file(tmp_path, "a\n", "words.txt")}):
        with pytest.raises(
            UsageError, match=r"^a size of the vocabulary was given, and a cutoff or the vocabulary itself"
        ):
            read_training_text(path, vocabulary_size=3, **how)
    with pytest.raises(UsageError, match="every token of bytes and subwords is known"):
        read_training_text(path, vocabulary_size=3, settings=TextSettings(unit="byte"))


def test_an_empty_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no sentence in the text\.\nIt is empty"):
        read_training_text(text_file(tmp_path, "\n\n"))


def lies_in(array: Any) -> type | None:
    """What holds the numbers of an array, if it is none itself."""
    while isinstance(array, np.ndarray):
        array = array.base
    return None if array is None else type(array.obj if isinstance(array, memoryview) else array)


def test_a_text_beyond_memory_is_kept_in_a_file_with_the_same_ids() -> None:
    in_memory, on_disk = (
        read_training_text(train_text("en"), held_out=0.1, resources=Resources(memory=memory))
        for memory in (None, 1000)
    )
    assert (lies_in(in_memory.inputs), lies_in(on_disk.inputs)) == (None, mmap.mmap)
    assert np.array_equal(on_disk.inputs, in_memory.inputs)
    assert on_disk.digest == in_memory.digest
