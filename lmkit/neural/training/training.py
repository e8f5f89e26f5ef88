"""From texts to a neural model."""

import hashlib
import os
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.engine.resources import Resources
from lmkit.errors import UsageError
from lmkit.neural.architectures.network import Network, Shape
from lmkit.neural.architectures.table import choices_of
from lmkit.neural.lanes import Lanes
from lmkit.neural.model import NeuralModel
from lmkit.neural.optimizers.registry import make_optimizer
from lmkit.neural.parameters import Parameters
from lmkit.neural.training.backends import NUMPY, check_installed, gradients_by
from lmkit.neural.training.batches import batches_of
from lmkit.neural.training.checkpoint import Checkpoints
from lmkit.neural.training.memory import check_memory
from lmkit.neural.training.pace import steps_within
from lmkit.neural.training.progress import Plan, TrainingWatcher
from lmkit.neural.training.running import DivergedError, Run
from lmkit.neural.training.settings import ARCHITECTURE, EPOCHS, LEAST_STEPS, TrainingSettings, shape_of
from lmkit.neural.training.state import State
from lmkit.neural.training.text import TrainingText, read_training_text
from lmkit.neural.training.validation import sentence_parts
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import BOS, UNK


def train_neural(
    texts: Texts,
    architecture: str | None = None,
    *,
    shape: Shape | None = None,
    start: NeuralModel | None = None,
    training: TrainingSettings | None = None,
    dev: Texts | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    watcher: TrainingWatcher | None = None,
    resources: Resources = Resources(),
    **how: Any,
) -> NeuralModel:
    """A neural model of the texts: "bigram", "feed-forward" or "transformer" (default). The same seed gives the same bits, whatever the threads.

    shape, training: how large it is, and how it is trained (defaults: `shape_of`, `TrainingSettings.of`). dev: a text for validation, in
    place of the last sentences. start: a model to go on from, on other text; its shape, words and settings of text are kept. how: cutoff, vocabulary, vocabulary_size, settings, reading (see `read_training_text`).
    checkpoint: a file that is written while it is trained, for as long as whoever called leaves it there; resume: go on from it.

    What is best on the text for validation is what is returned. DataError for a text without a sentence, for too little memory, and for
    a loss that goes astray (`DivergedError`, which has the model that was best before).
    """
    if start is not None:
        shape, how = kept_of(start, shape, how)
    architecture = architecture or (ARCHITECTURE if shape is None else shape.name)
    if training is None:
        training = TrainingSettings.of(architecture, (how.get("settings") or TextSettings()).unit)
    check_installed(training.backend, training.device)
    text = read_training_text(texts, dev=dev, held_out=training.held_out, resources=resources, **how)
    shape = shape_of(architecture, text.settings) if shape is None else shape
    if shape.name != architecture:
        raise UsageError(f"the architecture is {architecture}, and the shape is that of a {shape.name}.")
    kept = None if checkpoint is None else Checkpoints(Path(checkpoint), made_with(text, shape, training, start))
    if kept is not None and not resume:
        kept.refuse_unfinished()
    return trained(
        text,
        shape,
        training,
        kept,
        resume=resume,
        start=start,
        watcher=watcher or TrainingWatcher(),
        resources=resources,
    )


def kept_of(start: NeuralModel, shape: Shape | None, how: dict[str, Any]) -> tuple[Shape, dict[str, Any]]:
    """The shape and the ways of reading text that are those of a model to go on from. UsageError if others were asked for."""
    limits = [name for name in ("vocabulary", "vocabulary_size") if how.get(name) is not None]
    limits += ["cutoff"] if how.get("cutoff", 1) > 1 else []
    if limits or shape not in (None, start.shape):
        said = ", ".join(name.replace("_", " ") for name in limits) or "shape"
        raise UsageError(f"the model to go on from has its {said} already.", "Leave it out, or train from the start.")
    return start.shape, how | {"vocabulary": start.vocabulary, "settings": how.get("settings") or start.settings}


def trained(
    text: TrainingText,
    shape: Shape,
    training: TrainingSettings,
    kept: Checkpoints | None,
    *,
    resume: bool,
    start: NeuralModel | None,
    watcher: TrainingWatcher,
    resources: Resources,
) -> NeuralModel:
    """The model of a text that has been read (see `train_neural`)."""
    types = len(text.vocabulary)
    check_memory(shape, types, training, resources)
    batches = batches_of(text.inputs, shape, types, training.batch, training.seed)
    parameters = shape.initial(types, training.seed, text.unigrams) if start is None else copied(start.parameters)

    def network() -> Network:
        return shape.network(parameters, training.dropout)

    def keep(state: State) -> None:
        if kept is not None:
            kept.write(state, run.steps)

    with ExitStack() as stack:
        lanes = stack.enter_context(Lanes(network, resources.threads, batches.part, batches.lanes))
        by = training.backend, training.device
        learner = stack.enter_context(
            gradients_by(*by, lanes, shape, parameters, training.dropout, batches.part, resources.threads)
        )
        parts = sentence_parts(text.validation)
        run = Run(training, batches, parts, lanes, learner, 1, types, begun(parameters, shape, training), watcher, keep)
        if kept is not None and resume:
            run.steps = kept.read(run.state)
        else:
            run.steps = steps_of(run)
            run.state = begun(parameters, shape, training)
        watcher.begun(plan_of(run, text, shape))
        try:
            run.finish()
        except DivergedError as error:
            error.model = None if run.state.best is None else model_of(run, text, shape, start)
            raise
    return model_of(run, text, shape, start)


def copied(parameters: Parameters) -> Parameters:
    """The same numbers, to be changed."""
    return Parameters(parameters.shapes, vector=parameters.vector.copy())


def begun(parameters: Parameters, shape: Shape, training: TrainingSettings) -> State:
    """The state before the first step."""
    options: dict[str, Any] = dict(training.of_optimizer())
    if training.decay:
        options |= {"decay": training.decay, "decayed": decayed(parameters, shape.given)}
    return State(parameters, make_optimizer(training.optimizer, len(parameters), parameters.dtype, **options))


def decayed(parameters: Parameters, given: Collection[str]) -> FloatArray:
    """(parameters,) 1 for those that decay: matrices, but for those that are given, and no gains or biases."""
    found = parameters.like()
    for name, view in found.views.items():
        view[...] = view.ndim == 2 and name not in given
    return found.vector


def steps_of(run: Run) -> int:
    """How many steps there are to be. The parameters are left as they were."""
    asked = run.settings
    if asked.steps is not None:
        return asked.steps
    if asked.epochs is not None:
        return max(round(asked.epochs * run.batches.epoch), 1)
    if asked.minutes is None:
        return max(EPOCHS * run.batches.epoch, LEAST_STEPS)
    vector = run.state.parameters.vector
    before = vector.copy()
    found = steps_within(60 * asked.minutes, run)
    vector[...] = before
    return found


def made_with(
    text: TrainingText, shape: Shape, training: TrainingSettings, start: NeuralModel | None
) -> dict[str, Any]:
    """What has to be the same for the same bits; JSON values."""
    said = {"architecture": shape.name, "text": text.digest, "from": start and digest_of(start)}
    return said | choices_of(shape) | training.as_dict()


def digest_of(model: NeuralModel) -> str:
    """What tells its parameters from those of another model."""
    return hashlib.sha256(model.parameters.vector.data).hexdigest()


def plan_of(run: Run, text: TrainingText, shape: Shape) -> Plan:
    """What is about to be done."""
    unknown = bool(np.count_nonzero(text.validation == UNK)) and not text.unigrams[UNK]
    return Plan(
        architecture=shape.name,
        parameters=len(run.state.parameters),
        types=run.types,
        tokens=len(text.inputs),
        steps=run.steps,
        first=run.state.step,
        epochs=run.steps / run.batches.epoch,
        minutes=run.settings.minutes,
        validated_on=text.validated_on,
        validation_tokens=int(np.count_nonzero(text.validation != BOS)),
        short=shape.time > 0 and run.batches.epoch == 1,
        untrained_unknown=unknown,
        checks=tuple(run.state.checks),
    )


def model_of(run: Run, text: TrainingText, shape: Shape, start: NeuralModel | None) -> NeuralModel:
    """The best model of a run."""
    asked, state = run.settings, run.state
    said: dict[str, Any] = dict(text.details) | {"steps": run.steps, "tokens": state.tokens}
    if start is not None:
        said["from"] = digest_of(start)[:8]
    if state.step != run.steps:
        said["last_step"] = state.step
    if state.best_step != state.step:
        said["best_step"] = state.best_step
    said |= {name: getattr(asked, name) for name in ("optimizer", "rate", "clip", "seed")}
    said |= {"warmup": run.warmup} | asked.of_optimizer()
    said |= {name: getattr(asked, name) for name in ("decay",) if getattr(asked, name)}
    if shape.time:
        said |= {"batch": asked.batch, "dropout": asked.dropout}
    if asked.backend != NUMPY:
        said |= {"backend": asked.backend, "device": asked.device}
    parameters = Parameters(run.state.parameters.shapes, vector=state.best)
    return NeuralModel(text.vocabulary, text.settings, shape, parameters, said)
