"""The words of a class model: the class of each, and its share of that, p(w | c)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.text.ids.texts import ids_of_texts
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import Vocabulary

SHARES_TOLERANCE = 1e-3  # by which the stated shares of a class may miss 1 together: files have few digits

CLASSES = "classes"  # among the details: how many there are, without words that are classes of their own


@dataclass(frozen=True, eq=False)
class Members:
    """Words and their classes. The marks are words of classes of their own, with the same ids.

    p(w | c) is (c(w) + added) / Σ (c(v) + added) over the words v of the class; or it is stated, as class definitions of SRILM do.
    """

    vocabulary: Vocabulary  # the words, after the three marks
    classes: NDArray[np.int32]  # (types,) the id of each word's class among those of the n-grams
    counts: NDArray[np.int64] | None  # (types,) how often each occurred; 0 for the marks
    stated: NDArray[np.float64] | None  # (types,) p(w | c) where there are no counts; 1 for the marks
    details: dict[str, Any]  # what made them, for signatures; JSON values
    added: float = 0.0  # to each count

    @cached_property
    def log10_shares(self) -> NDArray[np.float64]:
        """(types,) log10 p(w | c); 0 for the marks."""
        with np.errstate(divide="ignore"):  # a word may be stated to have nothing
            shares: NDArray[np.float64] = np.log10(self.weights)
        if self.counts is not None:
            shares -= np.log10(self.sums.take(self.classes))
        return shares

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """(types,) what each word has of its class, before it is divided by all of that where it is counted."""
        if self.counts is None:
            assert self.stated is not None, "shares are counted, or stated"  # noqa: S101
            return self.stated
        weights = self.counts.astype(np.float64) + self.added
        weights[weights == 0] = 1.0  # of the marks, and of words not seen that are classes of their own: all of that
        return weights

    @cached_property
    def sums(self) -> NDArray[np.float64]:
        """(classes,) what all words of each class have together."""
        sums: NDArray[np.float64] = np.bincount(self.classes, self.weights).astype(np.float64)
        return sums

    def numbered(self, texts: Texts, settings: TextSettings) -> NDArray[np.int32]:
        """(tokens,) the classes of all tokens of texts."""
        return self.classes.take(ids_of_texts(texts, settings, self.vocabulary))
