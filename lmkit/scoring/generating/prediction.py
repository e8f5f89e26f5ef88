"""Predicting the next word: the whole smoothed distribution, unseen continuations included."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.one_line import one_line
from lmkit.scoring.perplexity import effective_settings, encode_words
from lmkit.scoring.protocol import Model, OrderPredictor, predictor_of
from lmkit.text.settings import has_marks
from lmkit.text.vocabulary import BOS, UNK, events_mask, predicted_in


@dataclass(frozen=True, eq=False)
class History:
    """The words before what is predicted, as a model reads them."""

    ids: list[int]  # <s> first if they begin a sentence
    words: list[str]  # as they were given, without <s>
    oov: list[str]  # those of them that the model does not know

    def shown(self, model: Model) -> list[str]:
        """The words of these ids: <s>, words in the shape that the model knows, <unk>."""
        return [model.vocabulary.words[word].decode() for word in self.ids]


@one_line
@dataclass(frozen=True, eq=False)
class NextWords(Tabular):
    """The words that can follow a history, most probable first, equally probable ones by code point."""

    history: list[str]  # as the model reads it
    oov: list[str]  # words of the history that the model does not know; it reads <unk>
    signature: str
    words: list[str]  # (words,)
    probabilities: NDArray[np.float64]  # (words,)
    log10_probs: NDArray[np.float64]  # (words,) -inf where the probability is 0
    orders: NDArray[np.int16] | None = (
        None  # (words,) length of the n-gram that gave the probability; None without n-grams
    )

    def columns(self, first: int | None = None) -> Columns:
        """The words with their probabilities, most probable first."""
        columns: dict[str, Any] = {
            "word": self.words,
            "probability": self.probabilities,
            "log10_prob": self.log10_probs,
            "order": self.orders,
        }
        return {name: column[:first] for name, column in columns.items() if column is not None}


def next_words(model: Model, history: str = "", *, start: bool = True, top: int | None = None) -> NextWords:
    """The distribution of the word after a history: p(w | history) of every w, </s> and <unk> among them.

    history: text, read as the training text was. start: whether it begins the sentence. top: only so many words
    (default: all). DataError for text that cannot be read, and for a model that predicts nothing; UsageError if the text contains <s> or </s>.
    """
    predictor = predictor_of(model)
    read = read_history(model, history, start=start)
    state = predictor.start(read.ids, 1)
    log10_probs = predictor.log10_probs(state)[0]
    marks = has_marks(model.settings)
    events = np.flatnonzero(events_mask(len(model.vocabulary), closed=model.closed, marks=marks))
    if top is not None and top < len(events):
        least = np.partition(log10_probs[events], len(events) - top)[len(events) - top] if top else np.inf
        events = events[log10_probs[events] >= least]
    ranks = model.vocabulary.code_point_ranks()
    best = events[np.lexsort((ranks[events], -log10_probs[events]))][:top]
    listed = model.vocabulary.words
    return NextWords(
        history=read.shown(model),
        oov=read.oov,
        signature=model.signature(effective_settings(model, None)),
        words=[listed[word].decode() for word in best.tolist()],
        probabilities=10.0 ** log10_probs[best],
        log10_probs=log10_probs[best],
        orders=predictor.matched_orders(state)[0, best] if isinstance(predictor, OrderPredictor) else None,
    )


def read_history(model: Model, text: str, *, start: bool = True) -> History:
    """The words of a text as a history of the model; start: it begins the sentence.

    <unk> in it is the unknown word. DataError for text that cannot be read; UsageError if it contains <s> or </s>.
    """
    encoded = encode_words(model, text)
    ids = encoded.tokens[predicted_in(encoded.tokens)][: len(encoded.surface)].tolist()
    words = [encoded.surface_words[place].decode() for place in encoded.surface.tolist()]
    oov = [word for word, number in zip(words, ids, strict=True) if number == UNK]
    return History([BOS, *ids] if start and has_marks(model.settings) else ids, words, oov)


def conditional_log10_probs(model: Model, history: str = "") -> NDArray[np.float64]:
    """log10 p(w | history) of every word w, by id (types,); -inf for <s>, and for <unk> in a closed vocabulary.

    history: words separated by spaces, which may begin with <s>; n-gram models look at the last n−1 of them.
    """
    predictor = predictor_of(model)
    ids = [model.vocabulary.id_of(word) for word in history.split(" ") if word]
    log10_probs: NDArray[np.float64] = predictor.log10_probs(predictor.start(ids, 1))[0]
    return log10_probs


def probability(model: Model, word: str, history: str = "") -> float:
    """p(word | history); an unknown word is <unk> (history: see `conditional_log10_probs`)."""
    return float(10.0 ** conditional_log10_probs(model, history)[model.vocabulary.id_of(word)])
