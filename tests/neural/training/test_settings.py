"""What training can be told, and what is refused."""

import pytest

from lmkit.errors import UsageError
from lmkit.neural.architectures.table import ARCHITECTURES
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.training.settings import DEFAULTS, OF_LETTERS, TrainingSettings, shape_of
from lmkit.text.settings import TextSettings

REFUSED = {
    "batch": (0, "batch is 0; it must be 1 or more."),
    "optimizer": ("adagrad", "the optimizer is 'adagrad'; it must be one of: gradient-descent, sgd, momentum, adam, adamw."),
    "rate": (0.0, "rate is 0.0; it must be a number above 0."),
    "warmup": (-1, "warmup is -1; it must be 0 or more."),
    "decay": (0.1, "decay is 0.1, and the optimizer is adam: weights decay with adamw alone.\nChoose the optimizer adamw, or leave decay out."),
    "clip": (float("nan"), "clip is nan; it must be a number above 0."),
    "dropout": (1.0, "dropout is 1.0; it must be from 0 to below 1."),
    "epochs": (float("inf"), "epochs is inf; it must be a number above 0."),
    "steps": (0, "steps is 0; it must be 1 or more."),
    "minutes": (-2.0, "minutes is -2.0; it must be a number above 0."),
    "evaluate_every": (2.5, "evaluate_every is 2.5; it must be a share of the run, below 1, or a whole number of steps."),
    "patience": (0, "patience is 0; it must be 1 or more."),
    "held_out": (1.5, "held_out is 1.5; it must be from 0 to below 1."),
    "seed": (-1, "seed is -1; it must be 0 or more."),
    "backend": ("jax", "the backend is 'jax'; it must be numpy or torch."),
    "device": ("cuda", "--device cuda is for PyTorch, and the backend is numpy.\nAdd --backend torch, or leave it out."),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_settings_that_make_no_sense_are_refused(name: str) -> None:
    value, message = REFUSED[name]
    with pytest.raises(UsageError) as refused:
        TrainingSettings(**{name: value})  # type: ignore[arg-type]
    assert str(refused.value) == message


def test_every_setting_is_checked() -> None:
    assert set(REFUSED) == set(TrainingSettings.__dataclass_fields__)


def test_how_long_to_train_is_said_once() -> None:
    with pytest.raises(UsageError, match=r"^epochs and minutes each say how long to train\.\nGive one of them\.$"):
        TrainingSettings(epochs=1, minutes=2)
    assert TrainingSettings.of("bigram", epochs=3).steps is None


def test_every_architecture_has_defaults() -> None:
    assert set(DEFAULTS) == set(OF_LETTERS) == set(ARCHITECTURES)
    for architecture in ARCHITECTURES:
        TrainingSettings.of(architecture)
        TrainingSettings.of(architecture, "character")


def test_what_is_not_given_is_as_by_default() -> None:
    assert TrainingSettings.of("feed-forward", batch=None, rate=None).batch == 512
    assert TrainingSettings.of("transformer", "byte").dropout == 0
    assert TrainingSettings.of("transformer", "byte", dropout=0.5).dropout == 0.5
    assert TrainingSettings.of("transformer", optimizer="adamw").decay > 0
    assert shape_of("transformer", TextSettings(unit="word")) == TransformerShape(context=32)
    assert shape_of("transformer", TextSettings(unit="character"), heads=2) == TransformerShape(context=64, heads=2)


def test_what_an_architecture_has_not_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        shape_of("feed-forward", TextSettings(), layers=3)
    assert str(refused.value) == "layers is 3, and a feed-forward has none.\nIt is for transformer; leave it out."
    with pytest.raises(UsageError, match=r"^dropout is 0\.5, and a bigram has no use for it"):
        TrainingSettings.of("bigram", dropout=0.5)
    with pytest.raises(
        UsageError, match=r"^the architecture is 'rnn'; it must be one of: bigram, feed-forward, transformer"
    ):
        TrainingSettings.of("rnn")
