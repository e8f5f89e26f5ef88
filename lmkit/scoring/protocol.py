"""What every family of models is to the rest of lmkit: a `Model` gives a `Scorer`, and, if it can, a `Predictor`.

Whatever has these names and methods is a model, wherever it was written; nothing has to be inherited. Perplexity,
surprisal, comparisons, mixtures, suites, `next` and `generate` look at nothing else.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.engine.kernels import take
from lmkit.errors import DataError
from lmkit.scoring.traits import Traits
from lmkit.text.ids.encoding import EncodedBlock
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import EOS, UNK, Vocabulary, begin_with_bos, predicted_in

LN_10 = float(np.log(10.0))  # of natural logarithms, log10 is one part in so many


@dataclass(frozen=True, eq=False)
class Spelling:
    """What the letters of unknown words cost, besides p(<unk>)."""

    places: NDArray[np.int64]  # (spelled words,) of those words among the predicted tokens, ascending
    log10_probs: NDArray[np.float64]  # (spelled words,) of all letters of each, and of its end


@dataclass(frozen=True, eq=False)
class TokenScores:
    """Scores of the predicted tokens (all but <s>; without sentence marks, all but </s>), in text order."""

    log10_probs: NDArray[np.float64]  # (tokens,) -inf where the probability is 0
    oov: NDArray[np.bool_]  # (tokens,) whether the token is outside the vocabulary
    ends: NDArray[np.int64]  # (sentences,) where each sentence ends: after its </s>, or, without, its last word
    matched_orders: NDArray[np.int16] | None = None  # (tokens,) length of the n-gram that gave it; None without n-grams
    marks: bool = True  # whether each sentence has its </s> among them
    spelling: Spelling | None = None  # of unknown words, which is part of their log10_probs; None: they are <unk> only

    @property
    def unspelled(self) -> NDArray[np.bool_]:
        """(tokens,) which are OOV, cost p(<unk>) only, whatever their letters, and are possible: figures a byte flatter what meets them."""
        found: NDArray[np.bool_] = self.oov & ~np.isneginf(self.log10_probs)
        if self.spelling is not None:
            found[self.spelling.places] = False
        return found

    @classmethod
    def of(
        cls,
        predicted: NDArray[np.int32],
        log10_probs: NDArray[np.float64],
        matched_orders: NDArray[np.int16] | None = None,
    ) -> "TokenScores":
        """The scores of predicted tokens, given by their ids: those of whole sentences without <s>."""
        return cls(log10_probs, predicted == UNK, np.flatnonzero(predicted == EOS) + 1, matched_orders)

    @classmethod
    def in_text(
        cls,
        tokens: NDArray[np.int32],
        log10_probs: NDArray[np.float64],
        matched_orders: NDArray[np.int16] | None = None,
    ) -> "TokenScores":
        """The same, given whole padded sentences, which may have no marks: then their words are all that is predicted."""
        known = take(tokens, np.flatnonzero(predicted_in(tokens)))
        if begin_with_bos(tokens):
            return cls.of(known, log10_probs, matched_orders)
        ends = np.flatnonzero(tokens == EOS)
        return cls(log10_probs, known == UNK, ends - np.arange(len(ends)), matched_orders, marks=False)


class Scorer(Protocol):
    """A model prepared for scoring one text from its beginning, block by block."""

    @property
    def independent_blocks(self) -> bool:
        """Whether a block is scored the same whatever came before, and several at once; if not, they come in order, one by one."""

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences. tokens: (tokens,) ids of the model's vocabulary."""


@runtime_checkable
class TextScorer(Scorer, Protocol):
    """A scorer to which more matters than ids: it scores text, which has the letters of unknown words, and documents."""

    def score_text(self, block: EncodedBlock) -> TokenScores:
        """The scores of a block of text."""


@runtime_checkable
class StagedScorer(TextScorer, Protocol):
    """A scorer to which order matters only in the end: threads may begin several blocks at once, and each is finished in order."""

    def begin(self, block: EncodedBlock) -> Any:
        """What can be known of a block whatever came before."""

    def finish(self, block: EncodedBlock, begun: Any) -> TokenScores:
        """Its scores."""


def block_scores(scorer: Scorer, block: EncodedBlock) -> TokenScores:
    """The scores of a block of text under any scorer."""
    return scorer.score_text(block) if isinstance(scorer, TextScorer) else scorer.score(block.tokens)


class Model(Protocol):
    """Something that gives the tokens of texts probabilities."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that it knows, with the three marks."""

    @property
    def settings(self) -> TextSettings | None:
        """How text is read for it; None: as by default."""

    @property
    def order(self) -> int | None:
        """The length of the longest n-grams; None for a model without n-grams."""

    @property
    def closed(self) -> bool:
        """Whether <unk> is no event, so that unknown words have no probability."""

    @property
    def method(self) -> str:
        """What made it, in a word, as signatures of mixtures and messages have it: kneser-ney, mixture, …"""

    @property
    def traits(self) -> Traits:
        """What algorithms may rely on."""

    def signature(self, settings: TextSettings | None = None) -> str:
        """All that shapes its figures. settings: how the scored text was read, if not as the model says."""

    def scorer(self) -> Scorer:
        """One for a text, which starts anew: it must be cheap to make."""


@runtime_checkable
class Named(Protocol):
    """What a model has besides, if its method does not say all that shapes its part of a mixture."""

    @property
    def part_name(self) -> str:
        """What signatures of mixtures call it."""


class Predictor(Protocol):
    """A model prepared for predicting the next words of many sentences at once. A state is its own business."""

    def start(self, ids: Sequence[int], sentences: int) -> Any:
        """The state of so many sentences that begin with these ids (<s> first, if that begins them)."""

    def log10_probs(self, state: Any) -> NDArray[np.float64]:
        """(sentences, types) of the next word; -inf where the probability is 0, as of <s>."""

    def extend(self, state: Any, kept: NDArray[np.int64], words: NDArray[np.int64]) -> Any:
        """The state of some of the sentences, kept: (sentences kept,) their places, after one more word (sentences kept,) each."""


@runtime_checkable
class Predictive(Protocol):
    """What a model has besides, if it can say which words may come next."""

    def predictor(self) -> Predictor:
        """One for any number of sentences, each of which starts anew."""


@runtime_checkable
class OrderPredictor(Predictor, Protocol):
    """A predictor whose probabilities come from n-grams."""

    def matched_orders(self, state: Any) -> NDArray[np.int16]:
        """(sentences, types) the lengths of the n-grams that give `log10_probs`."""


@runtime_checkable
class LogitPredictor(Predictor, Protocol):
    """A predictor whose probabilities are a softmax."""

    def logits(self, state: Any) -> FloatArray:
        """(sentences, types) z of the next word, of which the probabilities are e^z / Σ e^z; -inf of <s>. The next call may write over them."""


@runtime_checkable
class BoundedPredictor(Predictor, Protocol):
    """A predictor whose states take much memory."""

    @property
    def batch(self) -> int:
        """Sentences side by side, at most."""


def most_sentences(predictor: Predictor, most: int) -> int:
    """How many sentences side by side a predictor takes, at most so many."""
    return min(predictor.batch, most) if isinstance(predictor, BoundedPredictor) else most


def refuse_name(model: object) -> None:
    """TypeError for the name of a file where a model is wanted."""
    if isinstance(model, str | os.PathLike):
        raise TypeError(
            f"a model is wanted here, and not the name of its file: lmkit.load({os.fspath(model)!r}) reads it"
        )


def predictor_of(model: Model) -> Predictor:
    """The predictor of a model. DataError for a model that has none."""
    refuse_name(model)
    if not isinstance(model, Predictive):
        raise DataError(
            f"this model ({model.method}) scores whole texts, and cannot say which word comes next.",
            "Words are predicted and generated by n-gram models, neural models, and mixtures of models that predict.",
        )
    return model.predictor()


@dataclass(frozen=True, eq=False)
class KnownHistories:
    """The longest histories that a model of n-grams knows, before some words."""

    lengths: NDArray[np.uint8]  # (histories,) in words, <s> included; 0: not even the last word is one
    log2_counts: NDArray[
        np.uint8
    ]  # (histories,) ⌊log2⌋ of how many words were counted after each; 0 if that was not asked for


class HistoryFinder(Protocol):
    """A model of n-grams prepared for finding the histories that it knows, in text or as a predictor does. A state is its own business."""

    def in_text(self, tokens: NDArray[np.int32]) -> KnownHistories:
        """Those before each token (tokens,) of whole padded sentences."""

    def start(self, ids: Sequence[int], sentences: int) -> Any:
        """The state of so many sentences that begin with these ids."""

    def extend(self, state: Any, kept: NDArray[np.int64], words: NDArray[np.int64]) -> Any:
        """The state of some of the sentences after one more word each (see `Predictor.extend`)."""

    def known(self, state: Any) -> KnownHistories:
        """Those that sentences end with (sentences,)."""


@runtime_checkable
class KnowsHistories(Protocol):
    """What a model has besides, if it can say which histories it has seen."""

    def history_finder(self, *, counts: bool) -> HistoryFinder:
        """One for texts. counts: whether it is asked how often they were seen. DataError if the model cannot say that."""
