"""What every architecture is to training and to models: a `Shape`, which makes parameters and networks."""

from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.neural.parameters import Parameters, Shapes


class Shape(Protocol):
    """How large a network is: a frozen dataclass, whose fields are what can be chosen (`lmkit.neural.architectures.choices`)."""

    name: ClassVar[str]  # of the architecture
    title: ClassVar[str]

    @property
    def time(self) -> int:
        """The number of targets in a window of training; 0: it is trained on counts of bigrams, and not on windows."""

    @property
    def before(self) -> int:
        """Inputs of a window before that of its first target."""

    @property
    def given(self) -> tuple[str, ...]:
        """The parameters that stay as they are: they are not learned, and have no gradient."""

    def shapes(self, types: int) -> Shapes:
        """The parameters of a model that knows so many types."""

    def initial(
        self, types: int, seed: int, unigrams: NDArray[Any] | None = None, dtype: DTypeLike = np.float32
    ) -> Parameters:
        """Parameters to begin with. unigrams: (types,) counts of the targets in the training text, if known."""

    def network(self, parameters: Parameters, dropout: float = 0.0) -> "Network":
        """One for a thread."""


class HistoryNetwork(Protocol):
    """A network that looks at the last tokens alone."""

    @property
    def history(self) -> int:
        """At how many."""

    def logits(self, histories: NDArray[np.integer[Any]]) -> FloatArray:
        """(histories, types) z of what comes next, as they come: those of <s> among them."""

    def log_distribution(self, histories: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(histories, types) ln p of what comes next; -inf of <s>. histories: (histories, n−1) the last tokens, <s> before the first of a sentence."""


@runtime_checkable
class Attending(Protocol):
    """A network whose places look at each other."""

    @property
    def context(self) -> int:
        """At how many at a time."""

    def attention(self, inputs: NDArray[np.integer[Any]]) -> FloatArray:
        """(layers, heads, inputs, inputs) how much each input of a window looks at each other."""


class Network(Protocol):
    """A network at work in one thread: parameters that it shares with others, gradients and arrays of its own."""

    @property
    def gradients(self) -> Parameters:
        """What `add_gradients` adds to."""

    def seed(self, *key: int) -> None:
        """Draw from here on what this key says."""

    def add_gradients(self, batch: Any, weight: float) -> float:
        """Σ −ln p of the targets, with dropout; gradients of weight times this are added. batch: windows, or counts of bigrams."""

    def log_probs(self, tokens: NDArray[np.int32]) -> NDArray[np.float64]:
        """(inputs,) ln p of what follows each input of whole padded sentences, each sentence by itself."""
