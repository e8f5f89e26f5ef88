"""Gradients by PyTorch beside those of NumPy: the same losses, step by step."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError
from lmkit.neural.architectures.bigram import Bigrams, BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.lanes import Lanes
from lmkit.neural.torch_lanes import TorchLanes, torch_library
from lmkit.neural.windows import inputs_of, windows_at
from tests.conftest import TOY, Run

NEEDED = "pip install 'lmkit[torch]'"
SHAPES: dict[str, Any] = {
    "transformer": TransformerShape(16, 2, 4, 8),
    "sinusoidal": TransformerShape(16, 1, 2, 8, "sinusoidal"),
    "feed-forward": FeedForwardShape(4, 8, 16),
    "untied": FeedForwardShape(3, 8, 16, tied=False),
    "bigram": BigramShape(),
}
STEPS, RATE = 20, 0.2


def batches(shape: Any) -> tuple[int, list[Any]]:
    """The number of types of a small text, and batches of windows of it."""
    text = lmkit.encode_text(TOY)
    inputs, types = inputs_of(np.concatenate(list(text.blocks()))), len(text.vocabulary)
    if not shape.time:
        return types, [Bigrams.of(inputs, types)] * STEPS
    generator = np.random.default_rng(1)
    places = generator.integers(0, len(inputs), (STEPS, 12))
    return types, [windows_at(inputs, at, shape.time, shape.before) for at in places]


@pytest.mark.parametrize("name", SHAPES)
def test_losses_agree_with_those_of_numpy_step_by_step(name: str) -> None:
    pytest.importorskip("torch", reason=NEEDED)
    shape = SHAPES[name]
    types, listed = batches(shape)
    ours, theirs = shape.initial(types, 1), shape.initial(types, 1)
    with Lanes(lambda: shape.network(ours), 1, 5) as numpy, TorchLanes(shape, theirs, 0.0, 1, 5) as torch:
        losses = []
        for batch in listed:
            (loss, gradients), (torch_loss, torch_gradients) = numpy.gradients(batch), torch.gradients(batch)
            losses.append((loss, torch_loss))
            if len(losses) == 1:  # later on, parameters have parted by what rounding makes of steps
                assert np.abs(gradients.vector - torch_gradients.vector).max() < 1e-6
            ours.vector -= RATE * gradients.vector
            theirs.vector -= RATE * torch_gradients.vector
    found = np.array(losses)
    assert np.abs(found[:, 0] - found[:, 1]).max() < 1e-4
    assert found[-5:, 1].mean() < found[:5, 1].mean() - 0.02  # it learns


def test_windows_within_one_sentence_need_no_mask() -> None:
    pytest.importorskip("torch", reason=NEEDED)
    shape = TransformerShape(16, 2, 4, 8)
    parameters = shape.initial(9, 1)
    tokens = np.random.default_rng(2).integers(0, 9, (3, 9))
    targets = np.where(tokens[:, 1:] == 1, -1, tokens[:, 1:])  # nothing is asked where <s> would be
    from lmkit.neural.windows import Batch

    batch = Batch(tokens[:, :-1], targets, None)
    with Lanes(lambda: shape.network(parameters), 1, 8) as numpy, TorchLanes(shape, parameters, 0.0, 1, 8) as torch:
        assert torch.gradients(batch)[0] == pytest.approx(numpy.gradients(batch)[0], abs=1e-5)


def test_dropout_is_drawn_as_the_key_says() -> None:
    pytest.importorskip("torch", reason=NEEDED)
    shape = SHAPES["transformer"]
    types, (batch, *_) = batches(shape)
    with TorchLanes(shape, shape.initial(types, 1), 0.5, 1, 12) as lanes:
        losses = []
        for key in ((1, 1), (1, 2), (1, 1)):
            lanes.seed(*key)
            losses.append(lanes.gradients(batch)[0])
    assert losses[0] == losses[2] != losses[1]


def test_a_device_that_is_not_there_is_told() -> None:
    torch = pytest.importorskip("torch", reason=NEEDED)
    if torch.cuda.is_available():
        pytest.skip(reason="there is a device of CUDA on this machine")
    with pytest.raises(DataError, match=r"--device cuda was asked for, and PyTorch \S+ finds none on this machine"):
        torch_library("cuda")


def test_missing_pytorch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        DataError, match=r"--backend torch needs PyTorch: .*\nInstall it with: pip install 'lmkit\[torch\]'"
    ):
        torch_library()


def test_training_by_pytorch_gives_the_same_figures(tmp_path: Path, lmkit_run: Run) -> None:
    """Files, settings and steps are the same; what differs are the last bits, and what the signature says of them."""
    pytest.importorskip("torch", reason=NEEDED)
    how = [
        "--unit",
        "character",
        "--steps",
        "20",
        "--warmup",
        "2",
        "--dimensions",
        "16",
        "--context",
        "16",
        "--workers",
        "1",
        "--held-out",
        "0.2",
    ]
    found = {}
    for backend in ("numpy", "torch"):
        path = tmp_path / f"{backend}.safetensors"
        result = lmkit_run("neural", "train", TOY, *how, "--backend", backend, "-o", path)
        assert result.code == 0, result.err
        model = lmkit.load(path)
        found[backend] = lmkit.perplexity(model, TOY).perplexity
        assert ("backend:torch|device:cpu" in model.signature()) == (backend == "torch")
    assert found["torch"] == pytest.approx(found["numpy"], rel=1e-4)


def test_training_tells_of_missing_pytorch_before_it_reads(monkeypatch: pytest.MonkeyPatch, lmkit_run: Run) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    result = lmkit_run("neural", "train", "no-such-text", "--backend", "torch", "-o", "m.safetensors")
    assert result.code == 1
    assert "--backend torch needs PyTorch" in result.err
