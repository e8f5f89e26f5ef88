"""What KenLM's files hold of a model: n-grams with all their suffixes, in single precision, and what each is a part of.

Two bits of it are hidden in signs. A log10 probability is never positive: the sign bit says that the n-gram is no suffix of a longer one.
A backoff of −0.0 says that it is no history of one, so that it need not be remembered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.errors import DataError
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.listed import LOG10_ZERO, back_off, chain_of, complete, given, unigrams_listed
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.trie.suffixes import all_suffixes_of, suffixes_of
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.text.settings import refuse_without_marks
from lmkit.text.vocabulary import UNK, Vocabulary

ORDERS = range(2, 7)  # that KenLM reads, as it is built by default
LOG10_UNLISTED_UNK = -100.0  # what KenLM gives an <unk> that a model does not have

Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Content:
    """The n-grams of a model, each of which has its suffix."""

    vocabulary: Vocabulary
    orders: Sequence[Order]
    suffixes: Sequence[IndexArray]  # (n-grams,) of each order, their entries one order down; nothing for order 1
    log10_probs: Sequence[FloatArray]  # (n-grams,) of each order
    log10_backoffs: Sequence[FloatArray]  # (n-grams,) of each order but the highest
    has_unk: bool  # whether <unk> is among the 1-grams

    @classmethod
    def of(cls, model: NgramModel) -> "Content":
        """What a file holds of the model. DataError for orders that KenLM does not read."""
        check_order(model.order)
        refuse_without_marks(model.settings, "KenLM's binary files are of models with")
        model, suffixes = with_suffixes(backing_off(model))
        has_unk = len(unigrams_listed(model)) == len(model.vocabulary)
        if all(not len(each) or each.min() >= 0 for each in suffixes):
            return cls(model.vocabulary, model.orders, suffixes, model.log10_probs, model.log10_backoffs, has_unk)
        chain = [
            replace(listed, log10_probs=singles(listed.log10_probs), log10_backoffs=singles(listed.log10_backoffs))
            for listed in chain_of(model)
        ]  # with which KenLM backs off, too
        suffixes = complete(chain, list(suffixes))
        for k in range(2, len(chain) + 1):
            back_off(chain, suffixes, k)
        return cls(
            model.vocabulary,
            [listed.order for listed in chain],
            suffixes,
            [listed.log10_probs for listed in chain],
            [given(listed.log10_backoffs) for listed in chain[:-1]],
            has_unk,
        )

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.orders)

    @property
    def counts(self) -> list[int]:
        """The number of n-grams of each order that the model has."""
        return [len(self.vocabulary) - (not self.has_unk), *map(len, self.orders[1:])]

    def first_words(self, length: int) -> Order:
        """The n-grams of this length by their first words: these are the rows."""
        starts: IndexArray = np.arange(len(self.vocabulary) + 1)
        for order in self.orders[1:length]:
            starts = order.indptr.take(starts)
        return Order(starts, self.orders[length - 1].indices)

    def are_suffixes(self, length: int) -> NDArray[np.bool_]:
        """(n-grams,) which n-grams of this length, below the highest, are suffixes of longer ones."""
        found = np.zeros(len(self.orders[length - 1]), bool)
        found[self.suffixes[length]] = True
        return found

    def probs(self, length: int, first: int, last: int) -> Singles:
        """(last − first,) the log10 probabilities of the n-grams first <= entry < last of this length."""
        probs = singles(self.log10_probs[length - 1][first:last])
        np.minimum(probs, 0, out=probs)
        if length == 1 and not self.has_unk and first <= UNK < last:
            probs[UNK - first] = LOG10_UNLISTED_UNK
        return probs

    def backoffs(self, length: int, first: int, last: int) -> Singles:
        """(last − first,) their backoffs, −0.0 for those of 0 that are no history; of an order below the highest."""
        backoffs = singles(self.log10_backoffs[length - 1][first:last])
        starts = self.orders[length].indptr[first : last + 1]
        backoffs[(backoffs == 0) & (starts[1:] == starts[:-1])] = -0.0
        if length == 1 and not self.has_unk and first <= UNK < last:
            backoffs[UNK - first] = 0.0  # as KenLM has it
        return backoffs


def check_order(order: int) -> None:
    """DataError for orders that KenLM does not read."""
    if order in ORDERS:
        return
    largest = ORDERS[-1]
    raise DataError(
        f"KenLM's binary files are of orders {ORDERS[0]} to {largest}, and this model is of order {order}.",
        f"Make it of its counts again, with -n {largest}, or write .arpa."
        if order > largest
        else "Make one of longer n-grams, or write .arpa.",
    )


def with_suffixes(model: NgramModel) -> tuple[NgramModel, Sequence[IndexArray]]:
    """The model, and the suffixes of its n-grams (see `suffixes_of`). One that is kept as counts knows them from then on."""
    values = model.values
    if not isinstance(values, InterpolatedValues):
        return model, suffixes_of(model.orders, model.scratch)
    suffixes = values.suffixes or all_suffixes_of(model.orders, model.scratch)
    return replace(model, values=replace(values, suffixes=suffixes)), suffixes


def singles(values: FloatArray) -> Singles:
    """The log10 values in single precision, as a copy; −99 for −inf, and no −0.0."""
    found: Singles = values.astype(np.float32)
    found += np.float32(0)
    found[np.isneginf(found)] = LOG10_ZERO
    return found
