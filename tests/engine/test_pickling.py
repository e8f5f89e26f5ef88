"""Counts, models and texts go from one process to another."""

import io
import pickle
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts

TEXT = b"le chat dort\nle chien dort\nun chat mange\n" * 9
RESOURCES = [lmkit.Resources(), lmkit.Resources(memory=1)]  # in memory, and in temporary files


def counted(resources: lmkit.Resources) -> NgramCounts:
    return lmkit.count_ngrams(io.BytesIO(TEXT), 3, resources=resources)


def written(value: NgramCounts | NgramModel) -> bytes:
    stream = io.BytesIO()
    lmkit.save(value, stream)
    return stream.getvalue()


def moved(value: Any) -> Any:
    """The value as another process has it."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 (our own)


@pytest.mark.parametrize("resources", RESOURCES)
def test_counts_and_models_are_the_same_in_another_process(resources: lmkit.Resources, tmp_path: Path) -> None:
    counts = counted(resources)
    model = lmkit.laplace(counts)
    lmkit.save(model, tmp_path / "m.safetensors")
    for value in (counts, model, lmkit.load(tmp_path / "m.safetensors")):
        assert written(moved(value)) == written(value)


def test_mixtures_go_along(tmp_path: Path) -> None:
    model = lmkit.laplace(counted(lmkit.Resources()))
    mixed = lmkit.mixture([model, lmkit.witten_bell(counted(lmkit.Resources()))])
    (tmp_path / "t.txt").write_bytes(TEXT)
    there = moved(mixed)
    assert lmkit.perplexity(there, tmp_path / "t.txt") == lmkit.perplexity(mixed, tmp_path / "t.txt")


@pytest.mark.parametrize(
    "value",
    [lmkit.TextFile("a.txt", field="body", format="jsonl"), lmkit.TextSettings(lowercase=True), lmkit.Resources(2, 9)],
)
def test_how_texts_are_named_and_read_goes_along(value: object) -> None:
    assert moved(value) == value
