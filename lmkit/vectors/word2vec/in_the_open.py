"""Skip-gram as the course has it, pair by pair in NumPy: for small texts, to be looked at. It is thousands of times slower than gensim.

Every pair of words at most `window` apart is a step of stochastic gradient descent, v ← v − η ∂loss/∂v, and likewise for each u; no
word is passed over, and no window shrinks. The context vectors begin at random, too: with zeros, all that the first step could show is σ(0) = ½.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.engine.progress import stage
from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line
from lmkit.text.ids.stored import EncodedText
from lmkit.vectors.word2vec.full_softmax import full_softmax
from lmkit.vectors.word2vec.gradients import Gradients
from lmkit.vectors.word2vec.known_text import KnownText, known_text
from lmkit.vectors.word2vec.negative_sampling import negative_sampling
from lmkit.vectors.word2vec.settings import LEAST_RATE, NOISE_EXPONENT, Word2VecSettings
from lmkit.vectors.word2vec.training import CONTEXTS, METHOD
from lmkit.vectors.word_vectors import WordVectors

FOR_TEACHING = Word2VecSettings(
    dimensions=3, negative=2, window=2, epochs=100, subsample=0.0, learning_rate=0.1
)  # what fits a small text, and a line of the screen
MOST_WORDS, MOST_TOKENS = 1000, 20_000  # of a text that is small


@dataclass(frozen=True, eq=False)
class GradientStep:
    """One pair, one step of gradient descent."""

    center: int  # the number of the word, as of the others
    neighbour: int
    contexts: list[int]  # whose vectors the loss looks at: the neighbour and noise words, or all words
    v: NDArray[np.float64]  # (dimensions,) the vector of the center, before
    u: NDArray[np.float64]  # (contexts, dimensions) theirs, before
    found: Gradients
    learning_rate: float
    v_after: NDArray[np.float64]

    def as_dict(self, words: Sequence[str]) -> dict[str, Any]:
        """The step as JSON values. words: by their numbers."""
        return {
            "word": words[self.center],
            "neighbour": words[self.neighbour],
            "contexts": [words[word] for word in self.contexts],
            "v": self.v.tolist(),
            "u": self.u.tolist(),
            "products": self.found.products.tolist(),
            "probabilities": self.found.probabilities.tolist(),
            "loss": self.found.loss,
            "gradient_of_v": self.found.center.tolist(),
            "gradient_of_u": self.found.contexts.tolist(),
            "learning_rate": self.learning_rate,
        }


@one_line
@dataclass(frozen=True, eq=False)
class OpenTraining:
    """What training showed, and what came of it."""

    vectors: WordVectors
    words: list[str]  # by their numbers
    first_sentence: list[int]
    steps: list[GradientStep]  # of that sentence, in the first epoch
    losses: list[float]  # of each epoch: the mean over its pairs, each as it was met

    def as_dict(self) -> dict[str, Any]:
        """All that was shown as JSON values."""
        return {
            "sentence": [self.words[word] for word in self.first_sentence],
            "steps": [step.as_dict(self.words) for step in self.steps],
            "mean_losses": self.losses,
            "signature": self.vectors.signature(),
        }


def skip_gram_in_the_open(text: EncodedText, settings: Word2VecSettings = FOR_TEACHING) -> OpenTraining:
    """Train the skip-gram model with negative sampling or the full softmax, and keep what each step of the first sentence shows.

    UsageError for another architecture or loss; DataError for a text that is too large for this, has no two known words in a sentence, or
    makes vectors grow beyond all numbers.
    """
    if settings.architecture != "skip-gram" or settings.loss == "hierarchical-softmax":
        raise UsageError(
            f"{settings.architecture} with {settings.loss} is not shown in the open; skip-gram with negative sampling, or the full softmax, is.",
            "Leave --architecture and --hierarchical-softmax out.",
        )
    if settings.subsample:
        raise UsageError("in the open, every pair of words is shown: none is passed over.", "Leave --subsample out.")
    known = known_text(text)
    refuse_large(known)
    known.check_room(settings.dimensions)
    sentences = [sentence for sentence in known.sentences(known.tokens) if len(sentence) > 1]
    advance = stage("training", settings.epochs)
    learner = Learner(known, settings)
    shown: list[GradientStep] = []
    losses = []
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(settings.epochs):
            total, number = 0.0, 0
            for place, sentence in enumerate(sentences):
                for step in learner.steps(sentence):
                    total, number = total + step.found.loss, number + 1
                    if epoch == place == 0:
                        shown.append(step)
                learner.has_read(len(sentence))
            losses.append(total / number)
            if not np.isfinite(learner.v.astype(np.float32)).all():
                raise DataError(
                    f"with a learning rate of {settings.learning_rate:g}, the vectors grew beyond all numbers.",
                    "Lower it with --learning-rate.",
                )
            advance(1)
    details = settings.details() | {"optimizer": "numpy"} | text.details()
    vectors = WordVectors(
        known.words, learner.v.astype(np.float32), METHOD, details, {CONTEXTS: learner.u.astype(np.float32)}
    )
    words = [word.decode() for word in known.words.words]
    return OpenTraining(vectors, words, sentences[0], shown, losses)


def refuse_large(known: KnownText) -> None:
    """DataError for a text that would take hours."""
    if len(known.words) > MOST_WORDS or known.tokens > MOST_TOKENS:
        raise DataError(
            f"the text has {known.tokens:,} words, {len(known.words):,} of them distinct; in the open, one pair at a time, "
            f"{MOST_TOKENS:,} and {MOST_WORDS:,} are the most.",
            "Take a small text, such as corpora/toy.tok; or leave --explain out, which trains with gensim.",
        )


def pairs(sentence: list[int], window: int) -> Iterator[tuple[int, int]]:
    """The pairs of a center word and a neighbour at most `window` words apart, from left to right."""
    for place, center in enumerate(sentence):
        for other in range(max(place - window, 0), min(place + window + 1, len(sentence))):
            if other != place:
                yield center, sentence[other]


class Learner:
    """The vectors of all words, which each pair changes."""

    def __init__(self, known: KnownText, settings: Word2VecSettings) -> None:
        self._settings = settings
        self._draws = np.random.Generator(np.random.PCG64(settings.seed))
        shape = (len(known.words), settings.dimensions)
        self.v = self._draws.uniform(-1, 1, shape)  # (words, dimensions) of center words
        self.u = self._draws.uniform(-1, 1, shape)  # (words, dimensions) of context words
        noise = np.cumsum(known.counts**NOISE_EXPONENT)
        self._noise = noise / noise[-1]  # (words,) the probabilities, added up
        self._to_read = known.tokens * settings.epochs
        self._read = 0

    def has_read(self, words: int) -> None:
        """So many more words have been read: the learning rate falls with them, evenly."""
        self._read += words

    def steps(self, sentence: list[int]) -> Iterator[GradientStep]:
        """One step for each pair of the sentence."""
        rate = max(self._settings.learning_rate * (1 - self._read / self._to_read), LEAST_RATE)
        for center, neighbour in pairs(sentence, self._settings.window):
            yield self._step(center, neighbour, rate)

    def _step(self, center: int, neighbour: int, rate: float) -> GradientStep:
        """Move the vectors of a pair against the gradient of its loss."""
        v = self.v[center].copy()
        if self._settings.loss == "softmax":
            contexts = list(range(len(self.u)))
            u = self.u.copy()
            found = full_softmax(v, u, neighbour)
        else:
            contexts = [neighbour, *self._noise_words(neighbour)]
            u = self.u[contexts]
            found = negative_sampling(v, u)
        self.v[center] -= rate * found.center
        np.subtract.at(self.u, contexts, rate * found.contexts)  # a noise word may be drawn twice
        return GradientStep(center, neighbour, contexts, v, u, found, rate, self.v[center].copy())

    def _noise_words(self, neighbour: int) -> list[int]:
        """Words drawn as noise; the neighbour itself is none, and where it is drawn, as in word2vec, there is one word fewer."""
        drawn = np.searchsorted(self._noise, self._draws.random(self._settings.negative), side="right")
        return [word for word in drawn.tolist() if word != neighbour]
