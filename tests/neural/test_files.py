"""Neural models as files: what is written comes back, and what is damaged is told."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.engine.files.own_files import described, write_own_file
from lmkit.errors import DataError
from lmkit.neural.architectures.network import Shape
from lmkit.neural.files import read_neural, write_neural
from lmkit.neural.model import NeuralModel
from lmkit.storage import load
from tests.neural.small import SHAPES, random_model, random_text

EACH = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
SMALL = SHAPES["transformer, learned positions"]


def bytes_of(model: NeuralModel) -> bytes:
    """The file of a model."""
    stream = io.BytesIO()
    write_neural(model, stream)
    return stream.getvalue()


@EACH
def test_a_model_comes_back_byte_for_byte(shape: Shape, tmp_path: Path) -> None:
    model = random_model(shape)
    lmkit.save(model, tmp_path / "m.safetensors")
    read = load(tmp_path / "m.safetensors")
    assert isinstance(read, NeuralModel)
    assert (read.shape, read.settings, dict(read.details)) == (shape, model.settings, dict(model.details))
    assert read.signature() == model.signature()
    assert read.parameters.vector.tobytes() == model.parameters.vector.tobytes()
    assert read.vocabulary.words == model.vocabulary.words
    assert bytes_of(read) == bytes_of(model) == (tmp_path / "m.safetensors").read_bytes()
    text = random_text()
    expected = model.scorer().score(text).log10_probs
    np.testing.assert_array_equal(read.scorer().score(text).log10_probs, expected)


def test_a_model_of_one_word_comes_back() -> None:
    model = random_model(SMALL, words=1)
    assert bytes_of(read_neural(bytes_of(model), "m")) == bytes_of(model)


Change = Any  # of (arrays, what is said), in place


def without(name: str) -> Change:
    """The file without an array."""
    return lambda arrays, _said: arrays.pop(name)


def with_array(name: str, work: Any) -> Change:
    """The file with a changed array."""
    return lambda arrays, _said: arrays.update({name: work(arrays[name].copy())})


def saying(**fields: Any) -> Change:
    """The file with something else said of it."""
    return lambda _arrays, said: said.update(fields)


def shaped(**fields: Any) -> Change:
    """The file with another shape."""
    return lambda _arrays, said: said["shape"].update(fields)


def put(place: Any, value: Any) -> Any:
    """What writes a value into an array."""

    def work(array: np.ndarray) -> np.ndarray:
        array[place] = value
        return array

    return work


DAMAGE = {
    "an array is missing": (without("h.1.mlp.c_fc.bias"), "h.1.mlp.c_fc.bias"),
    "a row is missing": (with_array("wte.weight", lambda a: a[:-1]), r"wte.weight is not \(13, 8\) numbers of 32 bits"),
    "an array is turned": (with_array("h.0.attn.c_attn.weight", np.transpose), r"c_attn.weight is not \(8, 24\)"),
    "numbers have 64 bits": (with_array("wpe.weight", lambda a: a.astype(np.float64)), "wpe.weight is not"),
    "a number is none": (with_array("ln_f.bias", put(3, np.nan)), "no finite numbers"),
    "a number has no end": (with_array("ln_f.bias", put(3, -np.inf)), "no finite numbers"),
    "the words are missing": (without("vocabulary"), "vocabulary"),
    "a word is no UTF-8": (with_array("vocabulary", put(-1, 0xFF)), "the words are no UTF-8"),
    "a mark is another": (with_array("vocabulary", put(0, ord("a"))), "the vocabulary is damaged"),
    "offsets go back": (with_array("vocabulary_offsets", put(4, 0)), "do not fit their offsets"),
    "there are more words than rows": (without("wte.weight"), "wte.weight"),
    "the architecture is unknown": (saying(architecture="recurrent"), "recurrent"),
    "the architecture is another": (saying(architecture="bigram"), "unexpected keyword"),
    "there is no shape": (saying(shape=None), "."),
    "a size is no number": (shaped(dimensions="8"), "dimensions is 8; it must be a whole number"),
    "a size is broken": (shaped(dimensions=8.0), "dimensions is 8.0; it must be a whole number"),
    "there are too many layers": (shaped(layers=10**15), "layers is 1000000000000000"),
    "there are more layers than arrays": (shaped(layers=3), "h.2.ln_1.weight"),
    "heads do not divide": (shaped(heads=3), "cannot be shared by 3 heads"),
    "the context is another": (shaped(context=7), "wpe.weight is not"),
    "positions are unknown": (shaped(positions="none"), "positions is 'none'"),
    "a choice is unknown": (shaped(width=3), "width"),
    "settings are unknown": (saying(settings={"unit": "syllable"}), "syllable"),
    "settings are none": (saying(settings=7), "."),
    "details are none": (saying(details=3), "."),
}


@pytest.mark.parametrize(("change", "told"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_told(change: Change, told: str, tmp_path: Path) -> None:
    tensors, said = described(bytes_of(random_model(SMALL)), "m")
    arrays = dict(tensors)
    change(arrays, said)
    path = tmp_path / "m.safetensors"
    with path.open("wb") as stream:
        write_own_file(arrays, said, stream)
    with pytest.raises(DataError, match=rf"m\.safetensors: the file is damaged or cut short \(.*{told}.*\)"):
        load(path)


def test_a_file_of_a_newer_format_says_which() -> None:
    tensors, said = described(bytes_of(random_model(SMALL)), "m")
    stream = io.BytesIO()
    write_own_file(tensors, said | {"format_version": 99}, stream)
    with pytest.raises(DataError, match="in format 99"):
        read_neural(stream.getvalue(), "m")


def test_a_file_that_is_cut_short_anywhere_is_told() -> None:
    data = bytes_of(random_model(SMALL))
    for end in range(0, len(data), 97):
        with pytest.raises(DataError):
            read_neural(data[:end], "m")
