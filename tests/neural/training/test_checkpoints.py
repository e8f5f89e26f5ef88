"""Training that is broken off goes on with the same bits, or says why it cannot."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.engine.files.tensors import read_tensors
from lmkit.engine.resources import Resources
from lmkit.errors import DataError, UsageError
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.training.checkpoint import checkpoint_of
from lmkit.neural.training.progress import Check, Plan, TrainingWatcher
from tests.conftest import TOY
from tests.neural.training.small import SHAPES, trained
from tests.summed import summed

STEPS = 24
HOW: dict[str, Any] = {"dropout": 0.2, "batch": 20, "held_out": 0.1, "evaluate_every": 5.0, "optimizer": "adamw"}


class Breaking(TrainingWatcher):
    """Breaks training off: before it may keep what a check found, or when it is told to stop."""

    def __init__(self, checks: int | None = None, steps: int | None = None) -> None:
        self._checks, self._steps = checks, steps
        self.plan: Plan | None = None
        self.seen: list[Check] = []

    def begun(self, plan: Plan) -> None:
        """It begins."""
        self.plan, self.seen = plan, list(plan.checks)

    def checked(self, check: Check) -> None:
        """It was measured."""
        self.seen.append(check)
        if len(self.seen) == self._checks:
            raise RuntimeError("the power is cut")

    def stopped(self) -> bool:
        """Whether it is to stop."""
        if self._steps is None:
            return False
        self._steps -= 1
        return self._steps == 0


def how_of(architecture: str) -> dict[str, Any]:
    """The settings of an architecture."""
    return {name: value for name, value in HOW.items() if architecture != "bigram" or name not in ("dropout", "batch")}


@pytest.mark.parametrize("architecture", SHAPES)
@pytest.mark.parametrize("workers", [1, 3])
def test_what_goes_on_has_the_bits_of_what_was_not_broken_off(architecture: str, workers: int, tmp_path: Path) -> None:
    """The power is cut at the third check, so that five steps are done again; then somebody stops it between two checks."""
    how = how_of(architecture)
    whole = Breaking()
    model = trained(architecture, STEPS, watcher=whole, **how)
    how |= {"checkpoint": tmp_path / "m.checkpoint.safetensors", "resources": Resources(workers=workers)}
    with pytest.raises(RuntimeError, match="the power is cut"):
        trained(architecture, STEPS, watcher=Breaking(checks=3), **how)
    with pytest.raises(KeyboardInterrupt):
        trained(architecture, STEPS, watcher=(second := Breaking(steps=3)), resume=True, **how)
    assert second.plan is not None
    assert second.plan.first == 10
    again = trained(architecture, STEPS, watcher=(third := Breaking()), resume=True, **how)
    assert third.plan is not None
    assert third.plan.first == 13
    assert again.parameters.vector.tobytes() == model.parameters.vector.tobytes()
    assert again.signature() == model.signature()
    told = [(check.step, check.tokens, check.loss, check.perplexity, check.rate, check.best) for check in whole.seen]
    assert told == [
        (check.step, check.tokens, check.loss, check.perplexity, check.rate, check.best) for check in third.seen
    ]


def test_a_training_that_has_ended_gives_its_model_again(tmp_path: Path) -> None:
    """As when there was no room for the model at first."""
    checkpoint = tmp_path / "m.checkpoint.safetensors"
    one = trained("transformer", 5, checkpoint=checkpoint)
    other = trained("transformer", 5, checkpoint=checkpoint, resume=True)
    assert one.parameters.vector.tobytes() == other.parameters.vector.tobytes()


def test_patience_that_was_over_stays_so(tmp_path: Path) -> None:
    how: dict[str, Any] = {
        "checkpoint": tmp_path / "m.checkpoint.safetensors",
        "rate": 1e-30,
        "patience": 1,
        "evaluate_every": 1.0,
    }
    trained("transformer", 9, watcher=(first := Breaking()), held_out=0.1, **how)
    trained("transformer", 9, watcher=(second := Breaking()), held_out=0.1, resume=True, **how)
    assert len(first.seen) == len(second.seen) < 9


def test_minutes_are_as_many_steps_after_a_break_as_before(tmp_path: Path) -> None:
    how: dict[str, Any] = {"checkpoint": tmp_path / "m.checkpoint.safetensors", "minutes": 0.01}
    with pytest.raises(KeyboardInterrupt):
        trained("transformer", None, watcher=(first := Breaking(steps=1)), **how)
    with pytest.raises(KeyboardInterrupt):
        trained("transformer", None, watcher=(second := Breaking(steps=1)), resume=True, **how)
    assert first.plan is not None
    assert second.plan is not None
    assert (second.plan.first, second.plan.steps) == (1, first.plan.steps)


@pytest.fixture
def broken_off(tmp_path: Path) -> Path:
    """The checkpoint of a training that was stopped after two steps."""
    path = tmp_path / "m.checkpoint.safetensors"
    with pytest.raises(KeyboardInterrupt):
        trained("transformer", 6, checkpoint=path, watcher=Breaking(steps=2))
    return path


def test_a_checkpoint_is_never_written_over_unasked(broken_off: Path) -> None:
    before = broken_off.read_bytes()
    with pytest.raises(DataError) as refused:
        trained("transformer", 6, checkpoint=broken_off)
    assert str(refused.value) == (
        f"{broken_off}: a training of this model was broken off.\n"
        "Go on from there with --resume, or remove the file to begin anew."
    )
    assert broken_off.read_bytes() == before


OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "settings": ({"rate": 0.5, "batch": 3}, "batch was 16, and is 3; rate was 0.003, and is 0.5"),
    "steps": ({"steps": 7}, "steps was 6, and is 7"),
    "shape": ({"shape": TransformerShape(dimensions=4, layers=1, heads=2, context=8)}, "dimensions was 8, and is 4"),
    "text": ({"texts": TOY}, "the text, or how it is read, is another"),
    "seed": ({"seed": 2}, "seed was 1, and is 2"),
}  # fmt: skip


@pytest.mark.parametrize("what", OTHER)
def test_what_differs_from_when_it_began_is_named(what: str, broken_off: Path) -> None:
    how, told = OTHER[what]
    with pytest.raises(UsageError) as refused:
        trained("transformer", how.pop("steps", 6), checkpoint=broken_off, resume=True, **dict(how))
    assert str(refused.value) == (
        f"the training of {broken_off} was begun otherwise: {told}.\n"
        "Go on with the same text and options, or remove the file and begin anew, without --resume."
    )


def test_without_a_checkpoint_there_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    path = tmp_path / "m.checkpoint.safetensors"
    with pytest.raises(DataError, match=f"^there is no checkpoint {path} to go on from"):
        trained("transformer", 6, checkpoint=path, resume=True)


def changed(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what a file of lmkit's own says."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    said = json.loads(header["__metadata__"]["lmkit"])
    change(said)
    header["__metadata__"]["lmkit"] = json.dumps(said)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(summed(len(text).to_bytes(8, "little") + text + data[start:]))


def resumed(path: Path) -> str:
    """What is said when training is to go on from a file."""
    with pytest.raises(DataError) as refused:
        trained("transformer", 6, checkpoint=path, resume=True)
    return str(refused.value)


def test_a_checkpoint_of_a_newer_lmkit_is_told(broken_off: Path) -> None:
    changed(broken_off, lambda said: said.update(training_format=99, version="9.1"))
    assert resumed(broken_off) == (
        f"{broken_off}: lmkit 9.1 wrote this checkpoint, in a format that this lmkit does not read.\n"
        "Upgrade lmkit, or remove the file and begin anew, without --resume."
    )
    changed(broken_off, lambda said: said.update(format_version=99))
    assert "reads formats up to" in resumed(broken_off)


def test_a_file_that_is_no_checkpoint_is_told(broken_off: Path) -> None:
    changed(broken_off, lambda said: said.update(kind="neural"))
    assert resumed(broken_off) == (
        f"{broken_off} holds neural, and a checkpoint of training is needed.\n"
        "Remove the file and begin anew, without --resume."
    )


def test_a_checkpoint_is_no_model_yet(broken_off: Path) -> None:
    with pytest.raises(DataError) as refused:
        lmkit.load(broken_off)
    assert str(refused.value) == (
        f"{broken_off} holds a checkpoint of training, which is no model yet.\n"
        "Finish it: `lmkit neural train` as before, with --resume."
    )


def test_a_checkpoint_that_is_cut_short_or_damaged_is_told(broken_off: Path) -> None:
    data = broken_off.read_bytes()
    for size in (0, 7, 100, len(data) // 2, len(data) - 1):
        broken_off.write_bytes(data[:size])
        assert resumed(broken_off).startswith(f"{broken_off}: the file is damaged or cut short (")
        assert resumed(broken_off).endswith(").\nRemove the file and begin anew, without --resume.")
    broken_off.write_bytes(data)
    for change in (
        lambda said: said.pop("numbers"),
        lambda said: said["numbers"].update(step="three"),
        lambda said: said["numbers"].update(other=3),
        lambda said: said["optimizer"].pop("steps"),
        lambda said: said.update(steps=-1),
        lambda said: said["numbers"].update(step=7),
        lambda said: said.update(checks=[{}]),
    ):
        broken_off.write_bytes(data)
        changed(broken_off, change)
        assert resumed(broken_off).startswith(f"{broken_off}: the file is damaged or cut short (")


def test_a_checkpoint_holds_plain_arrays(broken_off: Path) -> None:
    arrays, _ = read_tensors(broken_off.read_bytes())
    assert sorted(arrays) == ["optimizer.mean", "optimizer.square", "parameters"]


def test_what_was_infinite_is_so_after_a_break(tmp_path: Path) -> None:
    """At this rate, nothing that is measured is good."""
    path = tmp_path / "m.checkpoint.safetensors"
    how: dict[str, Any] = {
        "rate": 300.0,
        "optimizer": "sgd",
        "warmup": 0,
        "held_out": 0.1,
        "evaluate_every": 1.0,
        "checkpoint": path,
    }
    with pytest.raises(KeyboardInterrupt):
        trained("transformer", 9, watcher=(first := Breaking(steps=2)), **how)
    with pytest.raises(KeyboardInterrupt):
        trained("transformer", 9, watcher=(second := Breaking(steps=1)), resume=True, **how)
    assert (
        [check.perplexity for check in second.seen[:2]]
        == [check.perplexity for check in first.seen]
        == [math.inf, math.inf]
    )


def test_a_checkpoint_lies_beside_the_model() -> None:
    assert checkpoint_of("a/m.safetensors") == Path("a/m.checkpoint.safetensors")
    assert checkpoint_of("m.x") == Path("m.x.checkpoint.safetensors")
