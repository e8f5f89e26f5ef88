"""Class counts and class models as files: what is written is read, to the last bit, and what is damaged is refused."""

import dataclasses
import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.scoring.mixture import mixture
from lmkit.smoothing.registry import Smoothing
from tests.class_models import toy
from tests.conftest import CORPORA, TOY, text_file
from tests.laws.test_smoothings import every_smoothing, saved
from tests.summed import summed, summed_or_not

TEST = CORPORA / "toy.test.tok"


def model_of_toy() -> Any:
    """A class model of the worked example."""
    return lmkit.witten_bell(toy.class_counts(3, add=0.5))


def scores(model: Any) -> list[float]:
    """The scores of the tokens of the training text."""
    return [score.log10_prob for line in TOY.read_text().splitlines() for score in lmkit.score_sentence(model, line)]


@every_smoothing
def test_a_class_model_that_is_read_is_the_one_that_was_written(row: Smoothing, variant: dict[str, Any]) -> None:
    held_out = {"held_out": io.BytesIO(b"le chat\n")} if "held_out" in variant else {}
    model: Any = row.estimate(toy.class_counts(3), **variant | held_out)
    again: Any = lmkit.load(io.BytesIO(saved(model)))
    assert type(again).__name__ == "ClassModel"
    assert saved(again) == saved(model)
    assert again.signature() == model.signature()
    assert scores(again) == scores(model)


def test_class_counts_that_are_read_are_those_that_were_written() -> None:
    counts: Any = toy.class_counts(3, unclassed="own", add=0.25)
    again: Any = lmkit.load(io.BytesIO(saved(counts)))
    assert type(again).__name__ == "ClassCounts"
    assert saved(again) == saved(counts)
    assert scores(lmkit.witten_bell(again)) == scores(lmkit.witten_bell(counts))


def test_a_compact_file_has_the_same_content(tmp_path: Path) -> None:
    values: list[Any] = [toy.class_counts(3), model_of_toy()]
    for value in values:
        lmkit.save(value, tmp_path / "compact.safetensors", compact=True)
        assert saved(lmkit.load(tmp_path / "compact.safetensors")) == saved(value)


def test_the_precision_that_is_asked_for_is_that_of_the_n_grams() -> None:
    model: Any = lmkit.katz(toy.class_counts(2), precision="single")
    assert lmkit.load(io.BytesIO(saved(model)), precision="double").inner.precision == "double"


def test_other_formats_have_no_place_for_words_of_classes(tmp_path: Path) -> None:
    for name in ("x.arpa", "x.binary"):
        with pytest.raises((DataError, UsageError), match=r"only n-gram models can be written"):
            lmkit.save(model_of_toy(), tmp_path / name)


def test_a_class_model_of_a_mixture_is_no_file(tmp_path: Path) -> None:
    counts = toy.class_counts(2)
    model = lmkit.ClassModel(mixture([lmkit.laplace(counts.inner), lmkit.witten_bell(counts.inner)]), counts.members)
    with pytest.raises(DataError, match="only class models of n-grams are written"):
        lmkit.save(model, tmp_path / "x.safetensors")


def test_every_truncation_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    data = saved(model_of_toy())
    for length in [*range(0, len(data), 37), len(data) - 1]:
        with pytest.raises(DataError, match=r"cut\.safetensors"):
            lmkit.load(text_file(tmp_path, data[:length], "cut.safetensors"))


def test_flipped_bits_with_right_checksums_are_an_error_or_a_model_and_not_a_crash(tmp_path: Path) -> None:
    data = saved(model_of_toy())
    generator = random.Random(1)  # noqa: S311
    errors = 0
    for _ in range(400):
        damaged = bytearray(data)
        damaged[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        try:
            model = lmkit.load(text_file(tmp_path, summed_or_not(bytes(damaged)), "flipped.safetensors"))
            list(lmkit.score_text(model, TEST))
            lmkit.next_words(model, "le")
        except DataError:
            errors += 1
    assert errors > 50


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("classes", lambda ids: np.where(ids == ids.max(), ids.max() + 1, ids), "the classes of the words are damaged"),
        ("classes", lambda ids: ids.astype(np.int64), "the classes of the words are damaged"),
        ("classes", lambda ids: ids[:-1], "the classes of the words are damaged"),
        ("classes", lambda ids: np.where(ids == 3, 0, ids), "the marks are not the classes of themselves alone"),
        ("classes", lambda ids: np.maximum(ids, 1), "the marks are not the classes of themselves alone"),
        ("counts", lambda counts: counts - 1, "the shares of the words in their classes are damaged"),
        ("counts", lambda counts: counts[1:], "the shares of the words in their classes are damaged"),
        ("counts", lambda counts: counts.astype(np.float32), "the shares of the words in their classes are damaged"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, name: str, change: Any, message: str) -> None:
    data = saved(model_of_toy())
    arrays = load(data)
    arrays[f"members.{name}"] = np.ascontiguousarray(change(arrays[f"members.{name}"]))
    with pytest.raises(DataError, match=message):
        lmkit.load(text_file(tmp_path, rewritten(data, arrays), "x.safetensors"))


def rewritten(data: bytes, arrays: dict[str, Any]) -> bytes:
    """The bytes of a file with other arrays, and what it says of them."""
    length = int.from_bytes(data[:8], "little")
    return summed(save(arrays, json.loads(data[8 : 8 + length])["__metadata__"]))


def test_what_is_added_to_counts_is_a_number(tmp_path: Path) -> None:
    model = model_of_toy()
    damaged = dataclasses.replace(model, members=dataclasses.replace(model.members, added=-1.0))
    with pytest.raises(DataError, match="what is added to the counts of words is no number from 0 on"):
        lmkit.load(text_file(tmp_path, saved(damaged), "x.safetensors"))


def test_a_check_looks_at_classes_and_at_the_shares_of_their_words() -> None:
    model = model_of_toy()
    assert lmkit.check_model(model, samples=None).ok
    assert "classes:3" in lmkit.check_model(model).signature
    shares = 10.0**model.members.log10_shares
    shares[3] /= 2  # le: it has 7/15 of D
    members = dataclasses.replace(model.members, counts=None, stated=shares)
    report = lmkit.check_model(dataclasses.replace(model, members=members))
    assert [problem.message for problem in report.problems] == ["the shares of the words of D sum to 0.766667"]
    gone = dataclasses.replace(members, classes=np.where(members.classes == 3, 4, members.classes).astype(np.int32))
    found = [problem.kind for problem in lmkit.check_model(dataclasses.replace(model, members=gone)).problems]
    assert found == ["class", "shares"]


def test_a_repaired_class_model_is_one_still(tmp_path: Path) -> None:
    model = model_of_toy()
    repaired = lmkit.repair_model(model, tmp_path / "x.safetensors")
    assert isinstance(repaired.model, lmkit.ClassModel)
    assert (tmp_path / "x.safetensors").read_bytes() == saved(model)
