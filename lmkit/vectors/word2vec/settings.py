"""What vectors of Word2Vec depend on."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from lmkit.errors import UsageError
from lmkit.one_line import one_line
from lmkit.vectors.choices import DIMENSIONS

Architecture = Literal["skip-gram", "cbow"]
Loss = Literal["negative-sampling", "hierarchical-softmax", "softmax"]

NOISE_EXPONENT = 0.75  # noise words are drawn by their count to this power (Mikolov et al., 2013, section 2.2)
LEAST_RATE = 1e-4  # what the learning rate falls to


@one_line
@dataclass(frozen=True)
class Word2VecSettings:
    """How vectors are trained; the defaults are those of word2vec and gensim. UsageError for what makes no sense."""

    dimensions: int = DIMENSIONS
    architecture: Architecture = "skip-gram"  # a word tells its neighbours, or they (cbow) the word
    loss: Loss = "negative-sampling"  # softmax, over all words, is there for teaching alone
    negative: int = 5  # noise words for each true one, in negative sampling
    window: int = 5  # words on each side, at most; how many is drawn for each word
    epochs: int = 5
    subsample: float = 1e-3  # words with more than this share of the text are passed over by chance; 0: none are
    learning_rate: float = (
        0.025  # falls evenly, to LEAST_RATE; beyond 1, gensim silently leaves most words as they were drawn
    )
    seed: int = 1

    def __post_init__(self) -> None:
        for name, allowed in (("architecture", Architecture), ("loss", Loss)):
            if getattr(self, name) not in get_args(allowed):
                listed = ", ".join(get_args(allowed))
                raise UsageError(f"the {name} is {getattr(self, name)!r}; it must be one of: {listed}.")
        for name in ("dimensions", "negative", "window", "epochs"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}; it must be 1 or more.")
        if not 0 <= self.subsample < 1:
            raise UsageError(
                f"subsample is {self.subsample}; it must be a share of the text, from 0 (keep every word) to below 1."
            )
        if not 0 < self.learning_rate <= 1:
            raise UsageError(f"the learning rate is {self.learning_rate}; it must be above 0, and 1 at most.")
        if not 0 <= self.seed < 2**32:
            raise UsageError(f"the seed is {self.seed}; it must be from 0 to {2**32 - 1}.")

    def details(self, workers: int = 1) -> dict[str, Any]:
        """The settings for signatures, those left out that do nothing, as the seed of several workers; JSON values."""
        idle = {"dimensions"}  # the vectors have as many
        idle |= set() if self.loss == "negative-sampling" else {"negative"}
        idle |= {"seed"} if workers > 1 else set()
        return {name: value for name, value in asdict(self).items() if name not in idle} | {"workers": workers}
