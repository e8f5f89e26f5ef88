"""Options of neural training: how text is read, the shape of the network, and one for each setting of training."""

from dataclasses import dataclass, fields, make_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.neural.choosing import Declared, optional, said, shape_options
from lmkit.cli.output import rendering
from lmkit.errors import UsageError
from lmkit.neural.architectures.choices import CHOICES
from lmkit.neural.optimizers.names import NAMES
from lmkit.neural.optimizers.schedules import FINAL
from lmkit.neural.training.settings import (
    ADAMS,
    ARCHITECTURE,
    CHECKS,
    DECAY,
    DEFAULTS,
    DESCENT_RATE,
    EPOCHS,
    LEAST_STEPS,
    MOST_HELD_OUT,
    WORDS_SHAPES,
    TrainingSettings,
    shape_of,
    unused,
)

if TYPE_CHECKING:
    from lmkit.neural.model import NeuralModel

HELP = {  # by the name of a setting: what stands for its value, and what it is
    "batch": ("N", "Windows of a step; of a feed-forward model, with one target each."),
    "optimizer": ("NAME", f"{', '.join(NAMES)}."),
    "rate": ("R", f"The largest learning rate: it rises to that, and falls to {100 * FINAL:g} % of it, as a cosine; of networks by other optimizers than {ADAMS[0]} and {ADAMS[1]}, {DESCENT_RATE:g}."),
    "warmup": ("N", "Steps in which the rate rises; at most a fifth of all."),
    "decay": ("W", f"With adamw: how fast weights decay [default: {DECAY:g}]."),
    "clip": ("L", "Longer gradients are shortened to this length."),
    "dropout": ("P", "Share of the numbers between layers that a step leaves out; a transformer of characters or bytes leaves out none."),
    "epochs": ("N", f"How often the text is seen [default: {EPOCHS}, in {LEAST_STEPS} steps at least]."),
    "steps": ("N", "How many steps to take, in place of epochs."),
    "minutes": ("M", "How long to train, in place of epochs: the pace of the first steps says how many there are."),
    "evaluate_every": ("N", f"Validate after so many steps, or, below 1, after this share of all [default: {CHECKS} times, fewer where that took long]."),
    "patience": ("N", "Stop after so many validations without a better one."),
    "held_out": ("P", f"Without --held-out: share of the text, its end, that is for validation; {MOST_HELD_OUT:,} tokens at most; 0: none."),
    "seed": ("S", "The same seed gives the same model."),
    "backend": (None, "What works gradients out: NumPy, or PyTorch (pip install 'lmkit[torch]'), from which the last bits differ."),
    "device": (None, "With --backend torch: the processor, or a device of CUDA."),
}  # fmt: skip


def settings_options() -> list[Declared]:
    """An option for each setting of training."""
    kinds = get_type_hints(TrainingSettings)
    found = []
    for setting in fields(TrainingSettings):
        name, kind = setting.name, kinds[setting.name]
        if type(None) in get_args(kind):
            kind = next(each for each in get_args(kind) if each is not type(None))
        defaults = {
            architecture: given.get(name, setting.default)
            for architecture, given in DEFAULTS.items()
            if name not in unused(architecture)
        }
        found.append(optional(name, kind, HELP[name], defaults, NAMES if name == "optimizer" else ()))
    return found


OF_WORDS = {  # defaults that differ for words, both told
    architecture: {name: f"{value} words, {getattr(CHOICES[architecture], name)} characters" for name, value in usual.items()}
    for architecture, usual in WORDS_SHAPES.items()
}  # fmt: skip
Shaped = shape_options(OF_WORDS)
Trained = make_dataclass("Trained", settings_options(), repr=False, eq=False)


@dataclass(repr=False, eq=False)
class NeuralTraining(shared.Counting, Trained, Shaped):  # type: ignore[misc, valid-type] # which have fields as was said above
    """How text is read, and how a network learns from it."""

    dev: Annotated[
        str | None,
        Option(
            "--held-out",
            metavar="FILE",
            formerly=("--dev",),
            help="Text for validation, in place of the last sentences of the training text.",
        ),
    ] = None
    begin: Annotated[
        str | None,
        Option("--from", metavar="MODEL", help="Begin with the parameters, words and shape of a neural model."),
    ] = None
    vocabulary_size: Annotated[
        int | None,
        Option(
            "--vocabulary-size", metavar="N", help="The N most frequent words are known; all others are <unk>.", min=1
        ),
    ] = None

    def for_training(self, architecture: str | None) -> dict[str, Any]:
        """Keyword arguments for `train_neural`. UsageError for what contradicts itself."""
        self.take_share()
        if self.dev is not None and self.held_out is not None:
            raise UsageError(
                f"--held-out-share {self.held_out:g} and --held-out: the text for validation is one or the other.",
                "Leave one of them out.",
            )
        start = None if self.begin is None else self.model_in(self.begin, architecture)
        settings = self.settings(None if start is None else start.settings)
        architecture = architecture or (ARCHITECTURE if start is None else start.method)
        training = TrainingSettings.of(architecture, settings.unit, **said(self, Trained))
        shape = shape_of(architecture, settings, **said(self, Shaped)) if start is None else None
        dev = None if self.dev is None else self.text(self.dev)
        given = {"architecture": architecture, "start": start, "shape": shape, "training": training, "dev": dev}
        return self.for_counting() | given | {"vocabulary_size": self.vocabulary_size, "settings": settings}

    def take_share(self) -> None:
        """Take --held-out for the share that it was formerly, if it is a number, and no file."""
        if self.dev is None or self.held_out is not None or Path(self.dev).exists():
            return
        try:
            self.held_out: float | None = float(self.dev)
        except ValueError:
            return
        rendering.tell_renamed(f"--held-out {self.dev}", "--held-out-share")
        self.dev = None

    def model_in(self, begin: str, architecture: str | None) -> "NeuralModel":
        """The model to begin with. UsageError for options of what it has already, DataError for a file of another family."""
        from lmkit.storage import load_neural

        model = load_neural(begin)
        given = (["architecture"] if architecture is not None else []) + list(said(self, Shaped))
        if given:
            raise UsageError(
                f"{', '.join(f'--{name}' for name in given)}: the model of --from {begin} has its shape already.",
                "Leave it out, or train from the start.",
            )
        return model
