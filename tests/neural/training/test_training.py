"""Training on small texts: what it reaches, that it can be repeated, and how it ends."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import lmkit
from lmkit.engine.resources import Resources
from lmkit.errors import DataError, UsageError
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.training.progress import Check, Plan, TrainingWatcher
from lmkit.neural.training.running import DivergedError
from lmkit.neural.training.settings import TrainingSettings
from lmkit.neural.training.training import train_neural
from tests.conftest import TOY, held_out_text, text_file, train_text
from tests.neural.training.small import CHARACTERS, SHAPES, trained


class Noted(TrainingWatcher):
    """Notes what it is told."""

    plan: Plan

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def begun(self, plan: Plan) -> None:
        """It begins."""
        self.plan = plan

    def checked(self, check: Check) -> None:
        """It was measured."""
        self.checks.append(check)


def test_gradient_descent_on_bigrams_comes_to_what_counting_gives() -> None:
    """Its optimum is the maximum-likelihood bigram, whose cross-entropy on its own text is the conditional entropy of that."""
    model = trained("bigram", None)
    counted = lmkit.entropy(train_text("en"), 2, settings=CHARACTERS).conditional_entropy_bits
    found = lmkit.perplexity(model, train_text("en")).cross_entropy_bits
    assert counted is not None
    assert counted <= found == pytest.approx(counted, abs=1e-4)


@pytest.mark.parametrize("architecture", ["feed-forward", "transformer"])
def test_what_came_before_tells_a_network_more_than_how_frequent_tokens_are(architecture: str) -> None:
    """Better than the entropy of unigrams, on a text that it has not seen."""
    counts = lmkit.count_ngrams(held_out_text("en"), 1, settings=CHARACTERS)
    unigrams = lmkit.perplexity(lmkit.maximum_likelihood(counts), held_out_text("en")).cross_entropy_bits
    rate = {"feed-forward": 0.01, "transformer": 0.01}[architecture]
    model = trained(architecture, 150, rate=rate, batch=32 if architecture == "transformer" else 256)
    assert lmkit.perplexity(model, held_out_text("en")).cross_entropy_bits < unigrams - 0.3


@pytest.mark.parametrize("architecture", SHAPES)
def test_threads_change_no_bit(architecture: str) -> None:
    how: dict[str, Any] = {} if architecture == "bigram" else {"dropout": 0.2, "batch": 150}
    found = []
    for workers in (1, 2, 3):
        with threadpool_limits(workers, user_api="blas"):  # what BLAS could use is not used either
            found.append(trained(architecture, 12, held_out=0.1, resources=Resources(workers=workers), **how))
    one, two, three = found
    assert one.parameters.vector.tobytes() == two.parameters.vector.tobytes() == three.parameters.vector.tobytes()
    assert one.signature() == three.signature()


@pytest.mark.parametrize("architecture", ["feed-forward", "transformer"])
def test_another_seed_gives_another_model(architecture: str) -> None:
    one, other = (trained(architecture, 3, seed=seed) for seed in (1, 2))
    assert not np.array_equal(one.parameters.vector, other.parameters.vector)
    assert "seed:2" in other.signature().split("|")


@pytest.mark.parametrize("optimizer", ["gradient-descent", "sgd", "momentum", "adam", "adamw"])
def test_every_optimizer_trains(optimizer: str) -> None:
    watcher = Noted()
    trained("transformer", 60, optimizer=optimizer, watcher=watcher)
    assert watcher.checks[-1].loss < 0.9 * watcher.checks[0].loss


def test_weights_decay_and_biases_do_not() -> None:
    """With a rate of almost 0, nothing else changes them: a weight shrinks by rate times decay at each step."""
    shape = SHAPES["transformer"]
    model = trained("transformer", 1, optimizer="adamw", rate=1e-6, decay=1e5, warmup=0)
    begun = shape.initial(len(model.vocabulary), 1)
    assert model.parameters["wte.weight"] == pytest.approx(0.9 * begun["wte.weight"], abs=3e-6)
    assert model.parameters["ln_f.weight"] == pytest.approx(begun["ln_f.weight"], abs=3e-6)
    assert model.parameters["wpe.weight"] == pytest.approx(0.9 * begun["wpe.weight"], abs=3e-6)


def test_positions_that_are_given_stay_as_they_are() -> None:
    """Sinusoidal ones are no weights, which decay, and have no gradient; also where one of an odd number of dimensions has no cosine."""
    shape = TransformerShape(dimensions=9, layers=1, heads=3, context=8, positions="sinusoidal")
    for how in ({"decay": 1e3, "optimizer": "adamw"}, {"optimizer": "sgd"}):
        model = trained("transformer", 3, shape=shape, **how)
        begun = shape.initial(len(model.vocabulary), 1)
        assert np.array_equal(model.parameters["wpe.weight"], begun["wpe.weight"])
        assert not np.allclose(model.parameters["wte.weight"], begun["wte.weight"])


def test_a_signature_says_how_long_the_rate_rose_and_what_adam_remembers() -> None:
    """A fifth of the steps, at most."""
    for asked, rose in ((200, 2), (1, 1)):
        said = trained("transformer", 10, warmup=asked).signature().split("|")
        assert {f"warmup:{rose}", "beta2:0.99"} <= set(said)


def test_what_was_best_on_the_text_for_validation_is_what_is_given(tmp_path: Path) -> None:
    """On one sentence, which is learnt by heart, others soon become less probable; training ends, and the best is given."""
    path = text_file(tmp_path, "the cat sat on the mat\n" * 20)
    watcher = Noted()
    how: dict[str, Any] = {"texts": path, "dev": held_out_text("en"), "rate": 0.03, "warmup": 0}
    model = trained("transformer", 400, evaluate_every=5.0, patience=3, watcher=watcher, **how)
    found = [check.perplexity or math.inf for check in watcher.checks]
    best = found.index(min(found))
    assert best == len(found) - 4
    assert [check.best for check in watcher.checks[best:]] == [True, False, False, False]
    last = watcher.checks[-1].step
    assert last < 400
    assert {"steps:400", f"last-step:{last}"} <= set(model.signature().split("|"))
    assert lmkit.perplexity(model, held_out_text("en")).perplexity == pytest.approx(found[best], rel=1e-6)
    assert f"best-step:{watcher.checks[best].step}" in model.signature().split("|")
    patient = Noted()
    trained("transformer", 60, evaluate_every=5.0, patience=50, watcher=patient, **how)
    assert patient.checks[-1].step == 60


def test_validation_comes_at_equal_distances_and_at_the_end() -> None:
    for every, steps in ((0.25, [7, 14, 21, 28]), (0.3, [9, 18, 28]), (10.0, [10, 20, 28]), (0.9, [28])):
        watcher = Noted()
        trained("feed-forward", 28, evaluate_every=every, watcher=watcher)
        assert len(watcher.checks) == len(steps)
        assert [abs(check.step - step) <= 1 for check, step in zip(watcher.checks, steps, strict=True)] == [True] * len(
            steps
        )
        assert watcher.checks[-1].step == 28


def test_if_nothing_is_said_validation_costs_little() -> None:
    """Three tenths of what is learnt from, at most: 20 steps of 16 windows of 8 are some 2,500 tokens, the held-out text 200 and more."""
    for held_out, steps in ((0.01, 20), (0.05, 20), (0.5, 20), (0.5, 300)):
        watcher = Noted()
        trained("transformer", steps, held_out=held_out, patience=99, watcher=watcher)
        allowed = 0.3 * watcher.checks[-1].tokens
        spent = len(watcher.checks) * watcher.plan.validation_tokens
        assert spent <= 1.2 * allowed or len(watcher.checks) == 1
        assert len(watcher.checks) == 10 or spent + watcher.plan.validation_tokens > 0.8 * allowed


@pytest.mark.parametrize("clipped", [1.0, 1e30], ids=["steps that are clipped", "steps that are not"])
def test_a_loss_that_goes_astray_ends_training_with_what_was_best_before(clipped: float) -> None:
    """Momentum at a rate of a million: the first validation comes in the warm-up, before the rate has done its harm."""
    with pytest.raises(DivergedError) as diverged:
        trained(
            "transformer", 500, optimizer="sgd", rate=1e6, clip=clipped, warmup=50, evaluate_every=1.0, patience=1000
        )
    message, remedy = str(diverged.value).split("\n")
    assert message.startswith("training diverged: after ")
    assert remedy == f"Give a --learning-rate below 1e+06, or a --warmup above 50, or a --clip below {clipped:g}."
    model = diverged.value.model
    assert model is None or np.isfinite(model.parameters.vector).all()


def test_minutes_become_steps_which_give_the_same_model() -> None:
    watcher = Noted()
    model = trained("transformer", None, minutes=0.01, watcher=watcher)
    assert watcher.plan.minutes == 0.01
    again = trained("transformer", watcher.plan.steps)
    assert model.parameters.vector.tobytes() == again.parameters.vector.tobytes()


class AtOnce(Noted):
    """Stops after a step."""

    def stopped(self) -> bool:
        """It is to stop."""
        return True


def test_of_a_training_of_which_nothing_is_said_small_texts_are_seen_often() -> None:
    for batch, steps, epochs in ((512, 500, None), (8, None, 4)):
        watcher = AtOnce()
        with pytest.raises(KeyboardInterrupt):
            trained("feed-forward", None, batch=batch, watcher=watcher)
        assert watcher.plan.steps == steps or watcher.plan.epochs == epochs


@pytest.mark.parametrize("architecture", SHAPES)
@pytest.mark.parametrize("text", ["a\n", "a a a\n", "a b\n" * 3])
def test_texts_shorter_than_a_window_and_vocabularies_of_one_word_are_learnt(
    architecture: str, text: str, tmp_path: Path
) -> None:
    path = text_file(tmp_path, text)
    model = trained(architecture, 40, texts=path, rate=0.05, settings=lmkit.TextSettings())
    assert lmkit.perplexity(model, path).perplexity < len(model.vocabulary) - 1  # that of guessing


def test_unknown_words_that_nothing_is_learnt_of_are_told(tmp_path: Path) -> None:
    watcher = Noted()
    path = text_file(tmp_path, "a b a\n" * 5)
    for cutoff, text, told in ((1, "a c\n", True), (1, "a b\n", False), (6, "a c\n", False)):
        how: dict[str, Any] = {
            "dev": text_file(tmp_path, text, "dev.txt"),
            "cutoff": cutoff,
            "settings": lmkit.TextSettings(),
        }
        trained("feed-forward", 1, texts=path, watcher=watcher, **how)
        assert watcher.plan.untrained_unknown == told


def test_the_shape_is_that_of_the_architecture() -> None:
    with pytest.raises(
        UsageError, match=r"^the architecture is transformer, and the shape is that of a feed-forward\.$"
    ):
        train_neural(TOY, "transformer", shape=SHAPES["feed-forward"])


def test_the_defaults_of_python_are_those_of_the_command() -> None:
    watcher = Noted()
    model = train_neural(TOY, training=TrainingSettings.of("transformer", steps=1), watcher=watcher)
    assert model.shape == TransformerShape(context=32)
    assert watcher.checks[0].rate == pytest.approx(3e-3)


def test_what_memory_has_no_room_for_is_told_before_with_what_fits() -> None:
    with pytest.raises(DataError) as refused:
        trained("transformer", 1, shape=TransformerShape(), resources=Resources(memory=12 << 20))
    message, remedy = str(refused.value).split("\n")
    assert message.startswith("training would take ")
    assert ", and the memory to keep to is 12 MB: there are " in message
    dimensions = int(remedy.split("--dimensions ")[1].split(";")[0].rstrip("."))
    trained("transformer", 1, shape=TransformerShape(dimensions=dimensions), resources=Resources(memory=12 << 20))
    with pytest.raises(DataError):
        trained(
            "transformer", 1, shape=TransformerShape(dimensions=2 * dimensions), resources=Resources(memory=12 << 20)
        )


@pytest.mark.parametrize(
    ("architecture", "shape", "remedy"),
    [
        ("transformer", TransformerShape(dimensions=8, layers=1, heads=2, context=1 << 17), r"--context (\d+)"),
        ("transformer", TransformerShape(dimensions=100_000, layers=1, heads=32, context=8), r"--dimensions (\d+)"),
        ("feed-forward", FeedForwardShape(dimensions=8, hidden=1 << 19), r"--hidden (\d+)"),
    ],
)
def test_the_size_that_is_too_large_is_told_smaller(architecture: str, shape: Any, remedy: str) -> None:
    with pytest.raises(DataError) as refused:
        trained(architecture, 1, shape=shape, resources=Resources(memory=60 << 20))
    found = re.search(remedy, str(refused.value))
    assert found is not None
    smaller = replace(shape, **{found[0].split()[0].removeprefix("--"): int(found[1])})
    trained(architecture, 1, shape=smaller, resources=Resources(memory=60 << 20))


def test_the_types_that_fit_a_bigram_are_told_and_do_fit() -> None:
    memory = Resources(memory=1 << 20)
    how: dict[str, Any] = {"training": TrainingSettings.of("bigram", steps=1), "resources": memory}
    with pytest.raises(
        DataError, match=r"\nWhat fits: a vocabulary of (\d+) words \(--vocabulary-size \1\)\.$"
    ) as refused:
        train_neural(train_text("en"), "bigram", **how)
    size = int(str(refused.value).rsplit(" ", 1)[1].rstrip(").\n"))
    train_neural(train_text("en"), "bigram", vocabulary_size=size, **how)
    with pytest.raises(DataError):
        train_neural(train_text("en"), "bigram", vocabulary_size=size + 1, **how)


def test_a_batch_that_fits_is_told() -> None:
    """Of a batch, as many parts are in memory at the same time as there are lanes, and no more however large it is."""
    shape, memory = TransformerShape(dimensions=8, layers=1, heads=2, context=256), Resources(memory=6 << 20)
    with pytest.raises(DataError, match=r"\nWhat fits: --batch (\d+)") as refused:
        trained("transformer", 1, shape=shape, batch=4, resources=memory)
    batch = int(str(refused.value).split("--batch ")[1].split(";")[0].rstrip("."))
    assert 0 < batch < 4
    assert math.isfinite(trained("transformer", 1, shape=shape, batch=batch, resources=memory).parameters.vector[0])
