"""How the probabilities of a neural model come about: the logit of each token, the softmax over all, and what else was probable."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.model import NeuralModel
from lmkit.scoring.explaining.explanation import ExplainedWord, Step, name_of
from lmkit.scoring.perplexity import words_to_explain
from lmkit.text.vocabulary import BOS

ALTERNATIVES = 5  # that are named


def explain_neural(model: NeuralModel, sentence: str) -> list[ExplainedWord]:
    """The words of a sentence, and its </s>; the step of each is its softmax.

    Of a sentence longer than the context, each token has the history that it has in scoring: that of the window.
    """
    ids, surface = words_to_explain(model, sentence)
    log10_probs = model.scorer().score(ids).log10_probs.tolist()
    words = [word.decode() for word in model.vocabulary.words]
    ranks = model.vocabulary.code_point_ranks()
    predictor = model.predictor()
    state = predictor.start([BOS], 1)
    explained = []
    for word, number, log10_prob in zip(surface, ids[1:].tolist(), log10_probs, strict=True):
        logits = predictor.logits(state)[0].astype(np.float64)
        history = tuple(words[token] for token in predictor.seen(state)[0].tolist())
        found = Softmax(logits, ranks)
        step = found.step(name_of(words[number], history), number, words)
        about = found.about(number, words)
        explained.append(ExplainedWord(word, words[number], history, (step,), step.value, log10_prob, about))
        state = predictor.extend(state, np.zeros(1, np.int64), np.array([number]))
    return explained


class Softmax:
    """The distribution of one token: p = e^z / Σ e^z."""

    def __init__(self, logits: NDArray[np.float64], ranks: NDArray[np.int32]) -> None:
        """logits: (types,) -inf of what is never predicted. ranks: (types,) of the words by code point."""
        self._logits = logits
        largest = float(logits.max())
        self._log_sum = largest + float(np.log(np.exp(logits - largest).sum()))
        self._probs = np.exp(logits - self._log_sum)
        self._by_probability = np.lexsort((ranks, -self._probs))

    @property
    def entropy(self) -> float:
        """Of the distribution, in bits."""
        above = self._probs[self._probs > 0]
        return float(-(above * np.log2(above)).sum()) + 0.0

    def rank(self, word: int) -> int:
        """Its place among all words, the most probable one first."""
        return int(np.flatnonzero(self._by_probability == word)[0]) + 1

    def step(self, name: str, word: int, words: Sequence[str]) -> Step:
        """The softmax of a word with its numbers. name: what the probability is called."""
        types = int(np.isfinite(self._logits).sum())
        others = ", ".join(f"{words[each]} {self._probs[each]:.4g}" for each in self._alternatives())
        told = f"number {self.rank(word):,} of {types:,}; entropy {self.entropy:.4g} bits; most probable: {others}"
        numbers = f"e^{self._logits[word]:.5g} / e^{self._log_sum:.5g}"
        return Step(name, told, "e^z / Σ e^z", numbers, float(self._probs[word]))

    def about(self, word: int, words: Sequence[str]) -> dict[str, object]:
        """The same as JSON values."""
        return {
            "logit": float(self._logits[word]),
            "log_sum": self._log_sum,
            "rank": self.rank(word),
            "entropy_bits": self.entropy,
            "alternatives": [
                {"word": words[each], "logit": float(self._logits[each]), "probability": float(self._probs[each])}
                for each in self._alternatives()
            ],
        }

    def _alternatives(self) -> list[int]:
        """The most probable words, that which follows among them."""
        found: list[int] = self._by_probability[:ALTERNATIVES].tolist()
        return [each for each in found if self._probs[each] > 0]
