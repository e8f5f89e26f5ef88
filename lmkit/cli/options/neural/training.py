"""Options of neural training: one for each choice of a shape, and for each setting of training."""

from dataclasses import dataclass, fields, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_type_hints

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.errors import UsageError
from lmkit.neural.architectures.table import ARCHITECTURES
from lmkit.neural.optimizers.registry import OPTIMIZERS
from lmkit.neural.training.settings import (
    ARCHITECTURE,
    CHECKS,
    DEFAULTS,
    EPOCHS,
    LEAST_STEPS,
    WORDS_SHAPES,
    TrainingSettings,
    shape_of,
    unused,
)
from lmkit.neural.training.text import MOST_HELD_OUT

if TYPE_CHECKING:
    from lmkit.neural.model import NeuralModel

HELP = {  # by the name of a choice: what stands for its value, and what it is
    "dimensions": ("D", "Coordinates of the vector of a token."),
    "layers": ("N", "Blocks of attention, one on the other."),
    "heads": ("N", "Heads of attention, which share the dimensions."),
    "context": ("N", "Tokens that a place can look at, itself among them."),
    "positions": (None, "Vectors of places: learned, or sinusoidal, which stay as they are."),
    "order": ("N", "The token and the N-1 before it."),
    "hidden": ("N", "Units of tanh."),
    "tied": (None, "Whether the output has the vectors of the input."),
    "batch": ("N", "Windows of a step; of a feed-forward model, with one target each."),
    "optimizer": ("NAME", f"{', '.join(OPTIMIZERS)}."),
    "rate": ("R", "The largest learning rate: it rises to that, and falls to 2 % of it, as a cosine."),
    "warmup": ("N", "Steps in which the rate rises; at most a fifth of all."),
    "decay": ("W", "With adamw: how fast weights decay."),
    "clip": ("L", "Longer gradients are shortened to this length."),
    "dropout": ("P", "Share of the numbers between layers that a step leaves out; a transformer of characters or bytes leaves out none."),
    "epochs": ("N", f"How often the text is seen [default: {EPOCHS}, in {LEAST_STEPS} steps at least]."),
    "steps": ("N", "How many steps to take, in place of epochs."),
    "minutes": ("M", "How long to train, in place of epochs: the pace of the first steps says how many there are."),
    "evaluate_every": ("N", f"Validate after so many steps, or, below 1, after this share of all [default: {CHECKS} times, fewer where that took long]."),
    "patience": ("N", "Stop after so many validations without a better one."),
    "held_out": ("P", f"Without --dev: share of the text, its end, that is for validation; {MOST_HELD_OUT:,} tokens at most; 0: none."),
    "seed": ("S", "The same seed gives the same model."),
    "backend": (None, "What works gradients out: NumPy, or PyTorch (pip install 'lmkit[torch]'), from which the last bits differ."),
    "device": (None, "With --backend torch: the processor, or a device of CUDA."),
}  # fmt: skip


def optional(name: str, kind: Any, defaults: dict[str, Any]) -> tuple[str, Any, None]:
    """An option that may be left out. defaults: by architecture, of those that have it."""
    flag, (metavar, text) = kind is bool, HELP[name]
    written = name.replace("_", "-")
    spelled = {"order": ["-n", "--order"], "tied": ["--tied/--untied"]}.get(name, [f"--{written}"])
    if len(defaults) == 1:
        text = f"With {next(iter(defaults))}: {text[0].lower()}{text[1:]}"
    if usual := in_words(defaults):
        text = f"{text.removesuffix('.')} [default: {usual}]."
    how: dict[str, Any] = {"help": text, "metavar": metavar}
    return name, Annotated[kind | None, Option(*spelled, **(how | {"show_default": False} if flag else how))], None


def in_words(defaults: dict[str, Any]) -> str:
    """The default of each architecture; said once where all have the same."""
    yes = {True: "yes", False: "no"}
    told = {name: yes.get(value, str(value)) if type(value) is bool else f"{value:g}" if type(value) is float else str(value)
            for name, value in defaults.items() if value is not None}  # fmt: skip
    if len(set(told.values())) == 1 and len(told) == len(defaults):
        return next(iter(told.values()))
    return ", ".join(f"{value} {name}" for name, value in told.items())


def shape_options() -> list[tuple[str, Any, None]]:
    """An option for each choice of a shape."""
    found: dict[str, tuple[Any, dict[str, Any]]] = {}
    for architecture, row in ARCHITECTURES.items():
        kinds = get_type_hints(row.shape)
        for choice in fields(cast(Any, row.shape)):
            of_words = WORDS_SHAPES.get(architecture, {}).get(choice.name)
            default = choice.default if of_words is None else f"{of_words} words, {choice.default} characters"
            found.setdefault(choice.name, (kinds[choice.name], {}))[1][architecture] = default
    return [optional(name, kind, defaults) for name, (kind, defaults) in found.items()]


def settings_options() -> list[tuple[str, Any, None]]:
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
        found.append(optional(name, kind, defaults))
    return found


Shaped = make_dataclass("Shaped", shape_options(), repr=False, eq=False)
Trained = make_dataclass("Trained", settings_options(), repr=False, eq=False)


@dataclass(repr=False, eq=False)
class NeuralTraining(shared.Counting, Trained, Shaped):  # type: ignore[misc, valid-type] # which have fields as was said above
    """How text is read, and how a network learns from it."""

    dev: Annotated[
        str | None,
        Option(metavar="FILE", help="Text for validation, in place of the last sentences of the training text."),
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
        if self.dev is not None and self.held_out is not None:
            raise UsageError(
                f"--held-out {self.held_out:g} and --dev: the text for validation is one or the other.",
                "Leave one of them out.",
            )
        start = None if self.begin is None else self.model_in(self.begin, architecture)
        settings = self.settings(None if start is None else start.settings)
        architecture = architecture or (ARCHITECTURE if start is None else start.method)
        training = TrainingSettings.of(architecture, settings.unit, **self.told(Trained))
        shape = shape_of(architecture, settings, **self.told(Shaped)) if start is None else None
        dev = None if self.dev is None else self.text(self.dev)
        given = {"architecture": architecture, "start": start, "shape": shape, "training": training, "dev": dev}
        return self.for_counting() | given | {"vocabulary_size": self.vocabulary_size, "settings": settings}

    def told(self, group: type) -> dict[str, Any]:
        """What was said of the options of a group."""
        found = {each.name: getattr(self, each.name) for each in fields(group)}
        return {name: value for name, value in found.items() if value is not None}

    def model_in(self, begin: str, architecture: str | None) -> "NeuralModel":
        """The model to begin with. UsageError for options of what it has already, DataError for a file of another family."""
        from lmkit.storage import load_neural

        model = load_neural(begin)
        given = (["architecture"] if architecture is not None else []) + list(self.told(Shaped))
        if given:
            raise UsageError(
                f"{', '.join(f'--{name}' for name in given)}: the model of --from {begin} has its shape already.",
                "Leave it out, or train from the start.",
            )
        return model
