"""What training depends on, beside the text and the shape of the network; for each architecture, what proved good."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from lmkit.errors import UsageError
from lmkit.neural.architectures.choices import CHOICES, known, told
from lmkit.neural.optimizers.names import NAMES
from lmkit.neural.training.backends import CPU, NUMPY, Backend, Device, check_backend
from lmkit.one_line import one_line
from lmkit.text.settings import TextSettings

if TYPE_CHECKING:
    from lmkit.neural.architectures.network import Shape

ARCHITECTURE = "transformer"  # if nothing is said
BETA2 = 0.99  # of Adam: with few thousand steps, 0.999 remembers too long
EPOCHS, LEAST_STEPS = 4, 500  # of a training of which nothing is said: small texts are seen more often
BUDGETS = ("epochs", "steps", "minutes")
MOST_HELD_OUT = 30_000  # tokens that are set apart for validation: more make it slower and hardly surer
CHECKS = 10  # on the way, at most, if nothing is said:
CHECKED_SHARE = 0.3  # as many as validate no more than this share of the tokens that are learnt from, which costs a tenth of the time
ADAMS = ("adam", "adamw")


@one_line
@dataclass(frozen=True)
class TrainingSettings:
    """How a network is trained. UsageError for what makes no sense."""

    batch: int = 16  # windows of a step
    optimizer: str = "adam"
    rate: float = 3e-3  # the largest learning rate
    warmup: int = 200  # steps in which the rate rises; at most a fifth of all
    decay: float = 0.0  # of the weights, by AdamW
    clip: float = 1.0  # the greatest length of a gradient
    dropout: float = 0.1
    epochs: float | None = None  # how often the text is seen,
    steps: int | None = None  # or how many steps there are,
    minutes: float | None = None  # or how long they take; none of them: EPOCHS, or LEAST_STEPS if these are more
    evaluate_every: float | None = (
        None  # below 1: a share of the run, else steps; None: CHECKS times, or as often as costs little
    )
    patience: int | None = 4  # validations without a better one, after which training ends; None: it goes on
    held_out: float = 0.02  # share of the text that is set apart for validation, where no other text is given
    seed: int = 1
    backend: Backend = NUMPY  # what gives gradients
    device: Device = CPU  # of PyTorch

    def __post_init__(self) -> None:
        if self.optimizer not in NAMES:
            raise UsageError(f"the optimizer is {self.optimizer!r}; it must be one of: {', '.join(NAMES)}.")
        check_backend(self.backend, self.device)
        given = [name for name in BUDGETS if getattr(self, name) is not None]
        if len(given) > 1:
            raise UsageError(f"{' and '.join(given)} each say how long to train.", "Give one of them.")
        for name, least in (("batch", 1), ("steps", 1), ("warmup", 0), ("patience", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise UsageError(f"{name} is {value}; it must be {least} or more.")
        for name in ("rate", "clip", "epochs", "minutes", "evaluate_every"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise UsageError(f"{name} is {value}; it must be a number above 0.")
        for name in ("dropout", "held_out"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}; it must be from 0 to below 1.")
        if self.evaluate_every is not None and self.evaluate_every >= 1 and self.evaluate_every % 1:
            raise UsageError(
                f"evaluate_every is {self.evaluate_every}; it must be a share of the run, below 1, or a whole number of steps."
            )
        if not 0 <= self.decay < float("inf"):
            raise UsageError(f"decay is {self.decay}; it must be 0 or more.")
        if self.decay and self.optimizer != "adamw":
            raise UsageError(
                f"decay is {self.decay}, and the optimizer is {self.optimizer}: weights decay with adamw alone.",
                "Choose the optimizer adamw, or leave decay out.",
            )

    @classmethod
    def of(cls, architecture: str, unit: str = "word", **given: Any) -> Self:
        """The settings that proved good for an architecture on texts of this unit, with what is given (None: nothing) in their place.

        UsageError for what an architecture has no use for.
        """
        wanted = {name: value for name, value in given.items() if value is not None}
        for name in unused(architecture):
            if name in wanted:
                raise UsageError(
                    f"{name} is {wanted[name]}, and a {architecture} has no use for it: every step goes over the whole text, and nothing is dropped."
                )
        found = DEFAULTS[known(architecture)] | ({} if unit == "word" else OF_LETTERS[architecture])
        if wanted.keys() & set(BUDGETS):
            found = found | dict.fromkeys(BUDGETS)
        if wanted.get("optimizer", "adam") not in ADAMS and architecture != "bigram":
            found |= {"rate": DESCENT_RATE}
        if wanted.get("optimizer") == "adamw":
            found |= {"decay": DECAY}
        return cls(**found | wanted)

    def as_dict(self) -> dict[str, Any]:
        """All by name; JSON values."""
        return asdict(self)

    def of_optimizer(self) -> dict[str, float]:
        """What the optimizer is made with, beside what decays."""
        return {"beta2": BETA2} if self.optimizer in ADAMS else {}


DECAY = 0.1  # of AdamW
DESCENT_RATE = 0.3  # of optimizers that do not divide by the size of gradients
DEFAULTS: dict[str, dict[str, Any]] = {  # by architecture, for texts of words: what differs from the settings above
    "bigram": {
        "rate": 0.5,
        "warmup": 0,
        "dropout": 0.0,
        "steps": 2000,
        "patience": None,
        "held_out": 0.0,
    },
    "feed-forward": {"batch": 512, "rate": 2e-3},
    "transformer": {},
}
OF_LETTERS: dict[str, dict[str, Any]] = {  # for characters and bytes, of which there are more, and fewer to tell apart
    "bigram": {},
    "feed-forward": {},
    "transformer": {"dropout": 0.0},
}
WORDS_SHAPES: dict[str, dict[str, Any]] = {"transformer": {"context": 32}}  # shapes for words, where they differ


def unused(architecture: str) -> tuple[str, ...]:
    """The settings that an architecture has no use for."""
    return () if CHOICES[known(architecture)]().time else ("batch", "dropout")


def shape_of(architecture: str, settings: TextSettings, **given: Any) -> "Shape":
    """The shape of a network for a text that is read so, with what is given (None: nothing). UsageError for what it does not have."""
    found = told(architecture, given)
    from lmkit.neural.architectures.table import ARCHITECTURES

    usual = WORDS_SHAPES.get(architecture, {}) if settings.unit == "word" else {}
    return ARCHITECTURES[architecture].shape(**usual | found)
