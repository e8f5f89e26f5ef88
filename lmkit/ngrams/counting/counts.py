"""Counting the n-grams of a text, limiting its vocabulary, adding counts up."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lmkit.engine.arrays import CountArray, index_dtype
from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.engine.scratch import Scratch
from lmkit.engine.wording import numbered
from lmkit.errors import UsageError
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.trie.orders import Order, find_entry
from lmkit.one_line import one_line
from lmkit.scoring.protocol import HistoryFinder, Predictor, Scorer
from lmkit.scoring.traits import Traits
from lmkit.signature import signature
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import BOS, UNK, Vocabulary

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel

Ngram = str | tuple[str, ...]  # words with a space between two, or in a tuple


@one_line
@dataclass(frozen=True, eq=False)
class NgramCounts(Tabular):
    """The n-gram counts of a text, orders 1…n: also its maximum-likelihood model."""

    vocabulary: Vocabulary
    settings: TextSettings
    cutoff: int  # words seen fewer times are <unk>; 1: none
    fixed_vocabulary: bool  # the vocabulary was given, not found in the text
    chain: Chain  # the n-grams: orders, suffixes, counts
    whole: bool = (
        True  # they are all n-grams of whole sentences: what stands before or after an n-gram adds up to its count
    )

    def columns(self, first: int | None = None) -> Columns:
        """The n-grams of the highest order with their counts, most frequent first, ties by code point."""
        from lmkit.ngrams.counting.listing import counted_ngrams

        texts, counts = counted_ngrams(self, first)
        return {"ngram": texts, "count": counts}

    def in_brief(self) -> str:
        """What it is, in a line."""
        ngrams = " ".join(f"{number:,}" for number in self.ngrams().values())
        return f"order {self.order}: {numbered(self.tokens, 'token')}, {numbered(self.sentences, 'sentence')}, n-grams {ngrams}"

    @property
    def orders(self) -> tuple[Order, ...]:
        """The n-grams of each length."""
        return self.chain.orders

    @property
    def counts(self) -> tuple[CountArray, ...]:
        """The counts of each order, aligned with its entries, wide enough to be added up."""
        dtype = index_dtype(self.sentences + self.tokens)
        return tuple(counts.astype(dtype) for counts in self.chain.counts)

    @property
    def scratch(self) -> Scratch:
        """Where the arrays are."""
        return self.chain.scratch

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.chain.orders)

    @property
    def sentences(self) -> int:
        """The number of sentences."""
        return int(self.chain.counts[0][BOS])

    @property
    def tokens(self) -> int:
        """The number of running words, OOV included, sentence marks left out."""
        return int(self.chain.counts[0][UNK:].sum(dtype=np.int64))

    def ngrams(self) -> dict[int, int]:
        """The number of distinct n-grams of each order (order 1: the vocabulary with its three marks)."""
        return {k: len(order) for k, order in enumerate(self.orders, start=1)}

    def up_to(self, order: int) -> "NgramCounts":
        """The counts of orders 1…order only, as if no more had been counted. UsageError for an order that is not there."""
        if not 1 <= order <= self.order:
            raise UsageError(f"order {order} was asked for; the counts have orders 1 to {self.order}.")
        chain = self.chain
        lower = Chain(chain.orders[:order], chain.suffixes[:order], chain.counts[:order], chain.scratch)
        return replace(self, chain=lower)

    def matrix(self, order: int) -> Any:
        """The counts of an order as a histories × words `scipy.sparse.csr_array`, which shares its structure with these counts.

        Row r is the history with entry r of the order below; order 1 has one row. Look, and do not calculate in place:
        SciPy drops stored zeros, and the places of all that follow would move.
        """
        from scipy.sparse import csr_array

        structure = self.orders[order - 1]
        shape = (len(structure.indptr) - 1, len(self.vocabulary))
        counts = self.chain.counts[order - 1].astype(index_dtype(self.sentences + self.tokens))
        return csr_array((counts, structure.indices, structure.indptr), shape=shape)

    @property
    def closed(self) -> bool:
        """Whether <unk> is no event; counts do not say so."""
        return False

    @property
    def method(self) -> str:
        """How counts score text."""
        return "maximum-likelihood"

    @property
    def traits(self) -> Traits:
        """What algorithms may rely on, where counts score text."""
        return Traits(is_smoothed=False, full_histories_only=True, lower_orders_are_marginals=False)

    @cached_property
    def maximum_likelihood(self) -> "NgramModel":
        """The model that counts are without smoothing: they score texts and predict words as it does."""
        from lmkit.smoothing.methods.maximum_likelihood import maximum_likelihood

        return maximum_likelihood(self)

    def scorer(self) -> Scorer:
        """One for texts."""
        return self.maximum_likelihood.scorer()

    def predictor(self) -> Predictor:
        """One for sentences."""
        return self.maximum_likelihood.predictor()

    def history_finder(self, *, counts: bool) -> HistoryFinder:
        """One for the histories that were counted."""
        return self.maximum_likelihood.history_finder(counts=counts)

    def signature(self, settings: TextSettings | None = None) -> str:
        """The settings that shape every figure drawn from these counts.

        settings: how a text was read that they score, which they do as their maximum-likelihood model.
        """
        if settings is not None:
            return self.maximum_likelihood.signature(settings)
        return signature({"order": self.order, "smoothing": "none"} | self.details() | self.settings.for_signature())

    def details(self) -> dict[str, Any]:
        """How the vocabulary was limited, for signatures."""
        return {"cutoff": "vocabulary-file" if self.fixed_vocabulary else self.cutoff}

    def __getitem__(self, ngram: Ngram) -> int:
        """The count of one n-gram, its words separated by spaces, or in a tuple; 0 if it was not seen. UsageError for more words than were counted together.

        >>> counts = count_ngrams(toy_text, order=2)  # doctest: +SKIP
        >>> counts["l' eau"]  # doctest: +SKIP
        2
        >>> counts["le", "chat"]  # doctest: +SKIP
        2
        """
        words = words_in(ngram)
        if len(words) > self.order:
            raise UsageError(f"{' '.join(words)!r} has {len(words)} words; these counts go up to order {self.order}.")
        ids = [self.vocabulary.ids.get(word.encode("utf-8", "surrogatepass"), -1) for word in words]
        entry = -1 if min(ids) < 0 else find_entry(self.orders, ids)
        return 0 if entry < 0 else int(self.chain.counts[len(ids) - 1][entry])

    def get(self, ngram: Ngram, default: int = 0) -> int:
        """The count of an n-gram; the default if it was not seen."""
        seen = ngram in self
        return self[ngram] if seen else default

    def __contains__(self, ngram: object) -> bool:
        """Whether an n-gram was seen."""
        if not isinstance(ngram, str | tuple):
            return False
        words = words_in(ngram)
        return len(words) <= self.order and self[words] > 0

    def __len__(self) -> int:
        """The number of distinct n-grams that were seen, of all orders."""
        return sum(int(np.count_nonzero(counts)) for counts in self.chain.counts)

    def __iter__(self) -> Iterator[str]:
        """The n-grams that were seen, shorter ones first, their words separated by spaces."""
        return (ngram for ngram, _ in self.items())

    def keys(self) -> Iterator[str]:
        """The same, by which `dict(counts)` takes them."""
        return iter(self)

    def items(self) -> Iterator[tuple[str, int]]:
        """The n-grams that were seen with their counts, shorter ones first."""
        from lmkit.ngrams.counting.listing import seen_ngrams

        for texts, values in seen_ngrams(self):
            yield from zip(texts.to_pylist(), values.tolist(), strict=True)

    def most_common(self, number: int | None = None) -> list[tuple[str, int]]:
        """The most frequent n-grams of the highest order with their counts, ties by code point."""
        from lmkit.ngrams.counting.listing import list_ngrams

        return list_ngrams(self, top=number)


def words_in(ngram: Ngram) -> tuple[str, ...]:
    """The words of an n-gram. TypeError for what is none."""
    if isinstance(ngram, str):
        return tuple(ngram.split(" "))
    if isinstance(ngram, tuple) and ngram and all(isinstance(word, str) for word in ngram):
        return ngram
    raise TypeError(f"an n-gram is a text, or a tuple of words, and not {ngram!r}")
