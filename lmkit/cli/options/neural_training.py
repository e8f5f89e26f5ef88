"""Options of neural training: one for each choice of a shape, and for each setting of training."""

from dataclasses import MISSING, dataclass, fields, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.neural.architectures.table import ARCHITECTURES
from lmkit.neural.optimizers.registry import OPTIMIZERS
from lmkit.neural.training.settings import DEFAULTS, WORDS_SHAPES, TrainingSettings, shape_of

if TYPE_CHECKING:
    from lmkit.text.settings import TextSettings

SHAPE_HELP = {  # by the name of a choice: what stands for its value, and what it is
    "dimensions": ("D", "Coordinates of the vector of a token."),
    "layers": ("N", "Blocks of attention, one on the other."),
    "heads": ("N", "Heads of attention; dimensions are shared by them."),
    "context": ("N", "Tokens that a place can look at, itself among them."),
    "positions": (None, "Vectors of positions: learned, or sinusoidal, which stay as they are."),
    "order": ("N", "The token and the N-1 before it."),
    "hidden": ("N", "Units of tanh."),
    "tied": (None, "Whether the output has the vectors of the input."),
}
SETTINGS_HELP = {
    "batch": ("N", "Windows of a step; events of a feed-forward model, whose windows have one target."),
    "optimizer": ("NAME", f"One of: {', '.join(OPTIMIZERS)}."),
    "rate": ("R", "The largest learning rate; it rises, and falls along half a cosine to 2 % of that."),
    "warmup": ("N", "Steps in which the rate rises; at most a fifth of all."),
    "decay": ("W", "With adamw: how fast weights decay."),
    "clip": ("L", "Longer gradients are shortened to this length."),
    "dropout": ("P", "Share of numbers between layers that each step leaves out."),
    "epochs": ("N", "How often the text is seen."),
    "steps": ("N", "How many steps to take, in place of epochs."),
    "minutes": ("M", "How long to train, in place of epochs: the pace of the first steps says how many there are."),
    "evaluate_every": ("N", "Validate after so many steps, or, below 1, after this share of them."),
    "patience": ("N", "Stop after so many validations without a better one."),
    "held_out": ("P", "Without --dev: this share of the text, its last sentences, is for validation; 100,000 tokens at most; 0: none."),
    "seed": ("S", "The same seed gives the same model."),
}  # fmt: skip


def optional(name: str, kind: Any, metavar: str | None, text: str, default: str) -> tuple[str, Any, None]:
    """An option that may be left out."""
    flag = kind is bool
    written = name.replace("_", "-")
    option = Option(
        *([f"--{written}/--un{written}"] if flag else ["-n", "--order"] if name == "order" else []),
        help=text.removesuffix(".") + (f" [default: {default}]." if default else "."),
        metavar=metavar,
        show_default=not flag,
    )
    return name, Annotated[kind | None, option], None


def usual(found: dict[str, Any]) -> str:
    """The default of each architecture, in words; said once where all have the same."""
    told = {
        name: f"{value:,g}" if type(value) is float else str(value)
        for name, value in found.items()
        if value is not None
    }
    if len(told) == len(found) and len(set(told.values())) == 1 and len(found) != 1:
        return next(iter(told.values()))
    return ", ".join(f"{value} {name}" for name, value in told.items())


def shape_options() -> list[tuple[str, Any, None]]:
    """An option for each choice of a shape."""
    found: dict[str, tuple[Any, dict[str, Any]]] = {}
    for name, row in ARCHITECTURES.items():
        kinds = get_type_hints(row.shape)
        for choice in fields(row.shape):  # type: ignore[arg-type]
            _, defaults = found.setdefault(choice.name, (kinds[choice.name], {}))
            of_words = WORDS_SHAPES.get(name, {}).get(choice.name)
            defaults[name] = choice.default if of_words is None else f"{of_words} words, {choice.default} characters:"
    return [optional(name, kind, *SHAPE_HELP[name], usual(defaults)) for name, (kind, defaults) in found.items()]


def settings_options() -> list[tuple[str, Any, None]]:
    """An option for each setting of training."""
    kinds = get_type_hints(TrainingSettings)
    found = []
    for setting in fields(TrainingSettings):
        assert setting.default is not MISSING
        kind = next(
            (each for each in getattr(kinds[setting.name], "__args__", ()) if each is not type(None)),
            kinds[setting.name],
        )
        defaults = {name: given.get(setting.name, setting.default) for name, given in DEFAULTS.items()}
        found.append(optional(setting.name, kind, *SETTINGS_HELP[setting.name], usual(defaults)))
    return found


Shaped: Any = make_dataclass("Shaped", shape_options(), repr=False, eq=False)
Trained: Any = make_dataclass("Trained", settings_options(), repr=False, eq=False)


@dataclass(repr=False, eq=False)
class NeuralTraining(shared.Counting, Trained, Shaped):
    """How text is read, and how a network learns from it."""

    vocabulary_size: Annotated[
        int | None,
        Option(
            "--vocabulary-size", metavar="N", help="The N most frequent words are known; all others are <unk>.", min=1
        ),
    ] = None

    def chosen(self, architecture: str, settings: "TextSettings") -> dict[str, Any]:
        """The shape of the network, and how it is trained. UsageError for what the architecture does not have."""
        shape, training = (
            {each.name: getattr(self, each.name) for each in fields(group)} for group in (Shaped, Trained)
        )
        return {
            "shape": shape_of(architecture, settings, **shape),
            "training": TrainingSettings.of(architecture, settings.unit, **training),
        }

    def for_training(self) -> dict[str, Any]:
        """Keyword arguments for `train_neural`: how text is read, and which words are known."""
        return self.for_counting() | {"vocabulary_size": self.vocabulary_size}
