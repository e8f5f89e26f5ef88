"""A mixture as a model of its own: one backoff model over the n-grams of all its parts.

Every n-gram that some part stores has the mixed probability; backoffs are made so that the probabilities after each
history sum to 1. For words that no part has stored after a history, the result backs off once, where the parts back off each for
itself: so it comes close to the mixture word by word, and is not the same. (SRILM's `ngram -mix-lm` without -bayes does this.)
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.pieces import PIECE
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.engine.sparse import group_many
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.backoff.normalization import normalize_backoffs
from lmkit.ngrams.trie.automaton import HistoryStates
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.ngrams.values.protocol import Precision, float_dtype, log10
from lmkit.ngrams.values.stored import StoredValues
from lmkit.scoring.mixture import Mixture
from lmkit.scoring.word_maps import WordMap
from lmkit.text.vocabulary import Vocabulary


def build_mixture(mixture: Mixture, resources: Resources = Resources()) -> NgramModel:
    """The static model of a mixture. DataError unless all its models are of n-grams, and have the same weights after all histories."""
    if mixture.by is not None:
        raise DataError(
            f"the weights of this mixture depend on the {mixture.by.kind} of the history: no table of n-grams holds it.",
            "Keep it as a recipe, which scores and predicts word by word: end the name in .recipe.json, or say --to recipe.",
        )
    types, workers = len(mixture.vocabulary), resources.workers
    models = [ngram_model(model, "built into one model") for model in mixture.models]
    orders = union_orders(mixture.vocabulary, models, workers)
    followers = [
        Follower(backing_off(model), words, weight, workers)
        for model, words, weight in zip(models, mixture.word_maps, mixture.weights, strict=True)
    ]
    double = all(model.precision == "double" for model in models)
    precision: Precision = "double" if double else "single"
    log10_probs: list[FloatArray] = []
    for length, order in enumerate(orders, start=1):
        stage(f"mixing {length}-grams")
        mixed = sum(follower.probs(length, order) for follower in followers)
        log10_probs.append(log10(np.minimum(mixed, 1.0)).astype(float_dtype(precision)))
    log10_backoffs, normalized = normalize_backoffs(orders, types, log10_probs, workers)
    return NgramModel(
        mixture.vocabulary,
        mixture.settings,
        mixture.details | {"precision": precision},
        tuple(orders),
        StoredValues(tuple(normalized), tuple(values.astype(float_dtype(precision)) for values in log10_backoffs)),
        mixture.traits,
        mixture.closed,
    )


def union_orders(vocabulary: Vocabulary, models: Sequence[NgramModel], workers: int | None = None) -> list[Order]:
    """The chain of all n-grams of the models, over the words of all."""
    types = len(vocabulary)
    ids = vocabulary.ids
    words = [np.array([ids[word] for word in model.vocabulary.words], np.int32) for model in models]
    orders = [first_order(types)]
    places: list[IndexArray] = list(words)  # where the n-grams of each model stand in the union, one order down
    for length in range(2, max(model.order for model in models) + 1):
        rows, columns = [], []
        for model, own, below in zip(models, words, places, strict=True):
            if model.order >= length:
                order = model.orders[length - 1]
                rows.append(below.take(row_numbers(order.indptr)))
                columns.append(own.take(order.indices))
        ends = np.cumsum([0, *map(len, rows)]).tolist()
        shape = (len(orders[-1]), types)
        indptr, indices, groups = group_many(np.concatenate(rows), np.concatenate(columns), shape, workers)
        orders.append(Order(indptr, indices.astype(np.int32, copy=False)))
        taken = pairwise(ends)
        places = [groups[slice(*next(taken))] if model.order >= length else np.zeros(0, np.int32) for model in models]
    return orders


class Follower:
    """A model of a mixture that is led along the n-grams of the union, order by order."""

    def __init__(self, model: NgramModel, words: WordMap, weight: float, workers: int | None) -> None:
        self._model, self._words, self._weight, self._workers = model, words, weight, workers
        self._automaton = HistoryStates(model.orders, len(model.vocabulary), workers)
        self._states: IndexArray = np.zeros(0, np.int32)  # after each n-gram of the order below

    def probs(self, length: int, order: Order) -> NDArray[np.float64]:
        """(n-grams,) the weighted probabilities of the n-grams of the union of this length; one length after the other."""
        words, model = self._words, self._model
        if length == 1:
            self._states = self._automaton.of_entries(1, words.ids)
            logs = model.log10_probs[0].take(words.ids).astype(np.float64) + words.log10_shares
            weighted: NDArray[np.float64] = self._weight * 10.0**logs
            return weighted
        probs = np.empty(len(order))
        states: IndexArray = np.empty(len(order), self._automaton.dtype)

        def step(piece: tuple[int, int]) -> None:
            first, last = piece
            histories, last_words = order.ngrams_between(first, last)
            logs, states[first:last] = self._automaton.step(
                self._states.take(histories), words.ids.take(last_words), model.log10_probs, model.log10_backoffs
            )
            probs[first:last] = self._weight * 10.0 ** (logs + words.log10_shares.take(last_words))

        pieces: Sequence[tuple[int, int]] = [(at, min(at + PIECE, len(order))) for at in range(0, len(order), PIECE)]
        for _ in map_in_order(step, pieces, self._workers):
            pass
        self._states = states
        return probs
