"""A cache: a text repeats its own words, so what was just said is likely to be said again (Kuhn & De Mori 1990).

The probability of a word is its share among the last `size` words of the document that the model knows, </s> among them:

    p(w) = Σ over the words w_d = w, d = 1 (the last one) … n, of e^(−δ(d−1))  /  the same sum over all of them,  n ≤ size

With decay δ = 0, that is a count divided by n; with δ > 0, words further back weigh less (Clarkson & Robinson 1997). While there is
no word yet, all that can be predicted is equally probable, so that probabilities sum to 1 everywhere. <unk> never enters: two unknown words are
not the same word, and with <unk> in the cache, each would predict the next one.
"""

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.windows import counts_in_windows, weights_in_windows
from lmkit.errors import ModelWarning, UsageError
from lmkit.one_line import one_line
from lmkit.scoring.protocol import TokenScores
from lmkit.scoring.traits import Traits
from lmkit.scoring.uniform import equal_log10_probs
from lmkit.signature import openness, signature
from lmkit.text.ids.encoding import EncodedBlock
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import UNK, Vocabulary, predicted_in

if TYPE_CHECKING:
    from lmkit.scoring.explaining.explanation import ExplainedWord, Step
    from lmkit.scoring.generating.cache_predictor import CachePredictor

WORDS = 1000  # that a cache holds, if nothing is said
MOST_WORDS = 10_000_000  # all of them are looked at again with each block of text
ORDER_TOLD = 4000  # words that are only in one half of what was said: so many tell whether order matters
ORDER_SEEN = 3.0  # standard deviations by which more of them have to be in the nearer half
FEWEST_WORDS = 400  # of a cache in whose halves topics can be told apart
TOGETHER = 1 << 15  # tokens that are looked at at a time, until that is told


@one_line
@dataclass(frozen=True, eq=False)
class CacheModel:
    """The last words of the document that is scored, and nothing else. UsageError for a size or decay that cannot be."""

    vocabulary: Vocabulary
    size: int = WORDS  # words that are looked back on
    decay: float = 0.0  # δ
    settings: TextSettings | None = None
    closed: bool = False

    order = None
    method = "cache"
    traits = Traits()

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MOST_WORDS:
            raise UsageError(f"a cache of {self.size:,} words; it holds 1 to {MOST_WORDS:,}.")
        check_decay(self.decay, f"a cache with decay {self.decay:g}")

    def signature(self, settings: TextSettings | None = None) -> str:
        """All that shapes its figures (settings: see `NgramModel.signature`)."""
        used = settings or self.settings
        made = {"model": self.method, "size": self.size, "decay": float(self.decay), "types": len(self.vocabulary)}
        return signature(made | openness(self.closed) | ({} if used is None else used.for_signature()))

    @property
    def part_name(self) -> str:
        """What signatures of mixtures call it."""
        return f"{self.method}-{self.size}" + (f"-decay-{self.decay:.10g}" if self.decay else "")

    @cached_property
    def empty_log10_probs(self) -> NDArray[np.float64]:
        """(types,) those of an empty cache."""
        return equal_log10_probs(self.vocabulary, self.settings, closed=self.closed)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """(size,) what a word counts that was said so many words ago; the last one first."""
        found: NDArray[np.float64] = np.exp(-self.decay * np.arange(self.size))
        return found

    @cached_property
    def totals(self) -> NDArray[np.float64]:
        """(size + 1,) of the weights of the last 0, 1, … words."""
        return np.concatenate((np.zeros(1), np.cumsum(self.weights)))

    def scorer(self) -> "CacheScorer":
        """One for a text."""
        return CacheScorer(self)

    def predictor(self) -> "CachePredictor":
        """One for sentences, each of which begins with an empty cache."""
        from lmkit.scoring.generating.cache_predictor import CachePredictor

        return CachePredictor(self)

    def explain(self, sentence: str) -> "list[ExplainedWord]":
        """How the probability of each word of a sentence comes about."""
        from lmkit.scoring.explaining.caches import explain_cache

        return explain_cache(self, sentence)

    def steps(self, tokens: NDArray[np.int32]) -> "list[Step]":
        """How those of the predicted tokens of whole padded sentences come about (see `OneStep`)."""
        from lmkit.scoring.explaining.caches import cache_steps

        return cache_steps(self, tokens)


def check_decay(decay: float, where: str) -> None:
    """UsageError for what is no decay of a cache."""
    if not 0.0 <= decay < np.inf:
        raise UsageError(
            f"{where}: the decay must be a number of 0 or more.",
            "With 0, all words of the cache count alike; with 0.005, one of 139 words ago counts half.",
        )


@dataclass(frozen=True, eq=False)
class Windows:
    """Known words in text order, and of predicted tokens, which of these are in the cache."""

    words: NDArray[np.int32]  # (words,) those of the cache before the tokens first
    known: NDArray[np.bool_]  # (tokens,)
    places: NDArray[np.int64]  # (tokens,) how many of the words come before each: its own place if it is known
    lows: NDArray[np.int64]  # (tokens,) the first of the words that are in its cache

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(tokens,) how many words are in the cache of each."""
        return self.places - self.lows


class CacheScorer:
    """A cache at some place of a text."""

    independent_blocks = False

    def __init__(self, model: CacheModel) -> None:
        self._model = model
        self._words = np.zeros(0, np.int32)  # the last ones of the document
        self._document: tuple[int, int] | None = None  # number of its text, and its own number in it
        self._order = OrderCheck(model)

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of more sentences of the same document."""
        return self._scores(tokens, np.zeros(0, np.int64))

    def score_text(self, block: EncodedBlock) -> TokenScores:
        """The scores of a block; where a document begins, so does the cache."""
        starts = np.flatnonzero(np.diff(block.documents, prepend=block.documents[:1]))
        if len(block.documents):
            if self._document != (block.text_number, int(block.documents[0])):
                starts = np.concatenate((np.zeros(1, np.int64), starts))
            self._document = block.text_number, int(block.documents[-1])
        return self._scores(block.tokens, starts, block)

    def _scores(
        self, tokens: NDArray[np.int32], starts: NDArray[np.int64], block: EncodedBlock | None = None
    ) -> TokenScores:
        """The scores of sentences. starts: of these, the ones that begin a document."""
        sentences = np.append(0, TokenScores.in_text(tokens, np.zeros(0)).ends)  # where they begin, and the end
        predicted = tokens[predicted_in(tokens)]
        windows = self._windows(predicted, sentences.take(starts))
        if block is not None:
            self._order.look_at(windows, sentences, block)
        return TokenScores.in_text(tokens, self._log10_probs(predicted, windows))

    def _windows(self, predicted: NDArray[np.int32], starts: NDArray[np.int64]) -> Windows:
        """The cache of each token. starts: the tokens before which a document begins."""
        known = predicted != UNK
        words = np.concatenate((self._words, predicted[known]))
        places = len(self._words) + np.cumsum(known) - known
        firsts = np.append(0, places.take(starts)) if len(predicted) else np.zeros(1, np.int64)  # words of documents
        of_document = firsts.take(np.searchsorted(starts, np.arange(len(predicted)), side="right"))
        lows = np.maximum(places - self._model.size, of_document)
        self._words = words[max(len(words) - self._model.size, int(firsts[-1])) :]
        return Windows(words, known, places, lows)

    def _log10_probs(self, predicted: NDArray[np.int32], windows: Windows) -> NDArray[np.float64]:
        """(tokens,) of the predicted tokens."""
        model, known = self._model, windows.known
        lows = np.zeros(len(windows.words), np.int64)  # of the words before the tokens, nothing is asked
        lows[len(lows) - np.count_nonzero(known) :] = windows.lows[known]
        found = np.zeros(len(predicted))
        words, weights = windows.words, model.weights
        sums = weights_in_windows(words, lows, weights) if model.decay else counts_in_windows(words, lows).astype(float)
        found[known] = sums[len(lows) - np.count_nonzero(known) :]
        with np.errstate(divide="ignore", invalid="ignore"):
            log10_probs = np.log10(found / model.totals.take(windows.lengths))
        empty = np.flatnonzero(windows.lengths == 0)
        log10_probs[empty] = model.empty_log10_probs.take(predicted[empty])
        return log10_probs


class OrderCheck:
    """Finds out whether words that a text repeats are near each other: in shuffled text, they are not.

    Of what was said before a sentence, the nearer half of a cache and the farther one are looked at. In shuffled text, a word that is in only one of
    them is in either with the same probability; in any other, topics come and go.
    """

    def __init__(self, model: CacheModel) -> None:
        can_tell = model.size >= FEWEST_WORDS and (model.settings or TextSettings()).unit == "word"
        self._half = model.size // 2 if can_tell else 0  # 0: nothing is looked at any more
        self._text = 0  # its number
        self._near = self._far = 0  # words of it that only this half has

    def look_at(self, windows: Windows, sentences: NDArray[np.int64], block: EncodedBlock) -> None:
        """Look at the words of a block. sentences: the tokens with which they begin. ModelWarning, once, if the text is found to be shuffled."""
        if block.text_number != self._text:
            self._text, self._near, self._far = block.text_number, 0, 0
        if not self._half:
            return
        for first in range(0, len(windows.known), TOGETHER):
            if self._near + self._far >= ORDER_TOLD:
                return
            self._count(windows, sentences, np.arange(first, min(first + TOGETHER, len(windows.known))))
            told = self._near + self._far
            if told >= ORDER_TOLD and self._near - self._far < ORDER_SEEN * told**0.5:
                self._half = 0
                warnings.warn(
                    f"{block.source}: words that come again are as often far from each other as near: the text looks shuffled. A cache lives on the order of the text.",
                    ModelWarning,
                    stacklevel=2,
                )

    def _count(self, windows: Windows, sentences: NDArray[np.int64], tokens: NDArray[np.int64]) -> None:
        """Count those of the tokens that are only in the nearer half of what was said before their sentence, and only in the farther one."""
        starts = sentences[np.searchsorted(sentences, tokens, side="right") - 1]
        asked = windows.known[tokens] & (windows.lengths[starts] >= 2 * self._half)
        if not asked.any():
            return
        befores, places = windows.places[starts[asked]], windows.places[tokens[asked]]
        first = int(befores[0]) - 2 * self._half
        words = windows.words[first : int(places[-1]) + 1]
        lows = np.zeros(len(words), np.int64)
        found = []
        for halves in range(3):  # from the beginning of its sentence on, and from so many halves before it
            lows[places - first] = befores - first - halves * self._half
            found.append(counts_in_windows(words, lows)[places - first])
        near, far = found[1] > found[0], found[2] > found[1]
        self._near += int(np.count_nonzero(near & ~far))
        self._far += int(np.count_nonzero(far & ~near))
