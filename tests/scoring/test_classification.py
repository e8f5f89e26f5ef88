"""Which of several models records are most probable under: posteriors by hand (see `tests.classes`), and what is no comparison."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.scoring.classifying.confusion import Confusion
from lmkit.scoring.protocol import Model
from lmkit.text.reading import Reading
from tests.classes import write_models
from tests.conftest import LANGUAGES, held_out_text, text_file, train_text

SIXTH = 1e-6  # ARPA models have single precision


def models_in(folder: Path, *, closed: bool = False) -> dict[str, Model]:
    """The two models."""
    return {path.stem: lmkit.load_model(path) for path in write_models(folder, closed=closed)}


def posteriors(models: dict[str, Model], text: Path, priors: dict[str, float] | None = None) -> NDArray[np.float64]:
    """(records, classes)"""
    return np.concatenate([found.posteriors for found in lmkit.classify_records(models, text, priors=priors)])


def classes(models: dict[str, Model], text: Path) -> list[str | None]:
    """The most probable class of each record."""
    return [name for found in lmkit.classify_records(models, text) for name in found.classes]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("x", [3 / 4, 1 / 4]),
        ("x z", [1 / 5, 4 / 5]),
        ("w", [1 / 2, 1 / 2]),
        ("x\\nx", [9 / 10, 1 / 10]),  # two sentences: 0.06² and 0.02²
        ("", [math.nan, math.nan]),
    ],
)
def test_posteriors_are_shares_of_the_probability_of_the_whole_record(
    tmp_path: Path, record: str, expected: list[float]
) -> None:
    text = text_file(tmp_path, f'{{"text": "{record}"}}\n', "a.jsonl")
    found = posteriors(models_in(tmp_path), text)
    assert found.tolist() == [pytest.approx(expected, rel=SIXTH, nan_ok=True)]


def test_priors_count_as_much_as_probabilities(tmp_path: Path) -> None:
    """0.06 · 0.2 = 0.012 and 0.02 · 0.8 = 0.016."""
    found = posteriors(models_in(tmp_path), text_file(tmp_path, "x\n"), priors={"b": 0.8, "a": 0.2})
    assert found.tolist() == [pytest.approx([12 / 28, 16 / 28], rel=SIXTH)]


def test_records_without_text_and_ties_have_no_class(tmp_path: Path) -> None:
    text = text_file(tmp_path, '{"text": "x"}\n{"text": null}\n{"text": "w"}\n{"text": "z"}\n', "a.jsonl")
    assert classes(models_in(tmp_path), text) == ["a", None, None, "b"]


def test_what_is_impossible_for_one_model_is_of_the_other_and_for_all_of_none(tmp_path: Path) -> None:
    models = models_in(tmp_path, closed=True)
    text = text_file(tmp_path, "z\nx\ny z\n")
    assert classes(models, text) == ["b", "a", None]
    (found,) = lmkit.classify_records(models, text)
    assert found.log10_probs[0].tolist() == pytest.approx([-math.inf, math.log10(0.6 * 0.2)])
    assert found.posteriors.tolist()[0] == [0.0, 1.0]
    assert np.isnan(found.posteriors[2]).all()


def test_a_long_record_is_no_underflow(tmp_path: Path) -> None:
    """0.06 a sentence is 10^-1.2: of a thousand sentences, 10^-1222, which no float can be."""
    text = text_file(tmp_path, '{"text": "' + "x\\n" * 999 + 'x"}\n', "a.jsonl")
    assert posteriors(models_in(tmp_path), text).tolist() == [[1.0, 0.0]]


@pytest.fixture(scope="module")
def characters() -> dict[str, Model]:
    """Models of the characters of both languages."""
    settings = lmkit.TextSettings(unit="character")
    return {
        language: lmkit.witten_bell(lmkit.count_ngrams(train_text(language), 5, settings=settings))
        for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_test_texts_is_of_its_language(characters: dict[str, Model], language: str) -> None:
    assert set(classes(characters, held_out_text(language))) == {language}


def test_posteriors_sum_to_1_and_scores_are_those_of_each_model_over_the_characters_of_both(
    characters: dict[str, Model],
) -> None:
    (found,) = lmkit.classify_records(characters, held_out_text("fr"))
    assert found.posteriors.sum(axis=1) == pytest.approx(1.0)
    own = lmkit.perplexity(characters["fr"], held_out_text("fr"))
    assert own.oov == 0  # so that no share of <unk> is in it
    assert found.log10_probs[:, 0].sum() == pytest.approx(own.log10_prob)


def test_blocks_and_threads_change_nothing(characters: dict[str, Model]) -> None:
    texts = [held_out_text(language) for language in LANGUAGES]
    (one, other) = lmkit.classify_records(characters, texts, resources=lmkit.Resources(workers=1))
    parts = list(lmkit.classify_records(characters, texts, reading=Reading(block_bytes=100)))
    assert len(parts) > 10
    expected = np.concatenate([one.log10_probs, other.log10_probs])
    assert np.concatenate([part.log10_probs for part in parts]).ravel() == pytest.approx(expected.ravel())


def test_models_of_different_units_are_refused(characters: dict[str, Model]) -> None:
    words = lmkit.witten_bell(lmkit.count_ngrams(train_text("en"), 2))
    with pytest.raises(DataError) as error:
        list(lmkit.classify_records({"en": words, "fr": characters["fr"]}, held_out_text("fr")))
    assert str(error.value) == (
        "models en and fr are about different words: unit word and character.\nTrain both with the same options."
    )


def test_models_that_find_sentences_differently_are_refused_unless_it_is_said(tmp_path: Path) -> None:
    models = models_in(tmp_path)
    assert isinstance(models["b"], lmkit.NgramModel)
    models["b"] = replace(models["b"], settings=lmkit.TextSettings(sentences="document"))
    assert isinstance(models["a"], lmkit.NgramModel)
    models["a"] = replace(models["a"], settings=lmkit.TextSettings())
    text = text_file(tmp_path, "x\n")
    with pytest.raises(DataError) as error:
        list(lmkit.classify_records(models, text))
    assert str(error.value) == (
        "models a and b read text in different ways: sentences is line and document.\n"
        "Say how it is to be read, as with --sentences line."
    )
    (found,) = lmkit.classify_records(models, text, settings=lmkit.TextSettings())
    assert found.classes == ["a"]


def test_a_model_that_does_not_say_how_it_reads_text_reads_it_as_the_others_do(tmp_path: Path) -> None:
    models = models_in(tmp_path)
    assert isinstance(models["b"], lmkit.NgramModel)
    models["b"] = replace(models["b"], settings=lmkit.TextSettings(lowercase=True))
    assert classes(models, text_file(tmp_path, "X\nZ\n")) == ["a", "b"]


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        ({"a": 1.0}, "there are priors for a, and the classes are a, b.\nGive one for each class."),
        ({"a": 0.5, "b": 0.4}, "the priors 0.5 0.4 sum to 0.9; they must be above 0 and sum to 1."),
        ({"a": 1.0, "b": 0.0}, "the priors 1 0 sum to 1; they must be above 0 and sum to 1."),
    ],
)
def test_priors_are_one_for_each_class_above_0_and_sum_to_1(
    tmp_path: Path, priors: dict[str, float], message: str
) -> None:
    with pytest.raises(UsageError) as error:
        list(lmkit.classify_records(models_in(tmp_path), text_file(tmp_path, "x\n"), priors=priors))
    assert str(error.value) == message


def test_scores_that_are_no_probabilities_and_one_model_alone_are_refused(tmp_path: Path) -> None:
    models = models_in(tmp_path)
    models["b"] = lmkit.stupid_backoff(lmkit.count_ngrams(train_text("fr"), 2))
    with pytest.raises(
        DataError, match="model b is stupid backoff: its scores are no probabilities, and cannot be comp"
    ):
        list(lmkit.classify_records(models, tmp_path))
    with pytest.raises(UsageError, match="there are two classes or more"):
        list(lmkit.classify_records({"a": models["a"]}, tmp_path))


LABELS: Sequence[str | None] = ("a", "a", "a", "b", "b", "c", None)
FOUND: Sequence[str | None] = ("a", "a", "b", "b", None, "b", "a")


def test_a_confusion_table_has_labels_in_rows_and_what_was_found_in_columns() -> None:
    """Of 6 records with a label 3 are right; of 3 a's 2, of 2 b's 1, of 3 that were found to be b 1."""
    table = Confusion(("a", "b"))
    table.add(LABELS, FOUND)
    assert table.as_dict() == {
        "records": 6,
        "without_label": 1,
        "accuracy": 3 / 6,
        "precision": {"a": 2 / 2, "b": 1 / 3},
        "recall": {"a": 2 / 3, "b": 1 / 2, "c": 0.0},
        "confusion": {
            "a": {"a": 2, "b": 1, "(none)": 0},
            "b": {"a": 0, "b": 1, "(none)": 1},
            "c": {"a": 0, "b": 1, "(none)": 0},
        },
    }
    assert table.unknown_labels == {"c": 1}


def test_shares_of_nothing_are_undefined() -> None:
    table = Confusion(("a", "b"))
    assert table.as_dict()["accuracy"] is None
    assert table.as_dict()["recall"] == {"a": None, "b": None}
