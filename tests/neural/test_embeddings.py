"""Embeddings as word vectors: rows of words, without marks."""

from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.neural.architectures.bigram import BigramShape
from lmkit.neural.model import NeuralModel
from tests.conftest import Run
from tests.neural.exchange.models import tiny


@pytest.mark.parametrize("name", ["v.safetensors", "v.vec", "v.bin", "v.glove.txt", "v.txt.gz"])
def test_embeddings_leave_as_vectors_of_any_format(name: str, tmp_path: Path, lmkit_run: Run) -> None:
    model = tiny()
    lmkit.save(model, tmp_path / "m.safetensors")
    result = lmkit_run("neural", "embeddings", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / name))
    assert result.code == 0
    assert result.err.startswith(
        "lmkit: 3 words, 8 dimensions\nlmkit: signature method:transformer|dimensions:8|layers:1|"
    )
    vectors = lmkit.load_vectors(tmp_path / name)
    assert vectors.words.words == [b"a", b"b", b"c"]
    assert np.array_equal(vectors.matrix, model.parameters["wte.weight"][3:])


def test_words_have_neighbours_by_their_embeddings(tmp_path: Path, lmkit_run: Run) -> None:
    model = tiny()
    table = model.parameters["wte.weight"]
    table[3], table[4], table[5] = 0, 0, 0
    table[3, 0], table[4, :2], table[5, 1] = 1, (3, 4), 1  # cos(a, b) = 3/5, cos(a, c) = 0
    lmkit.save(model, tmp_path / "m.safetensors")
    assert lmkit_run("neural", "embeddings", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "v.vec")).code == 0
    found = lmkit_run("vectors", "neighbours", str(tmp_path / "v.vec"), "a").out
    assert found == "a\tb\t0.6\na\tc\t0\n"


def test_a_bigram_model_has_no_embeddings(tmp_path: Path, lmkit_run: Run) -> None:
    model = tiny()
    shape = BigramShape()
    lmkit.save(NeuralModel(model.vocabulary, model.settings, shape, shape.initial(6, 1)), tmp_path / "m.safetensors")
    result = lmkit_run("neural", "embeddings", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "v.vec"))
    assert (result.code, result.out) == (1, "")
    assert "lmkit: the model is a softmax regression on bigrams, which has no embeddings.\n" in result.err
    assert not (tmp_path / "v.vec").exists()
