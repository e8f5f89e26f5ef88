"""How frequent the words of a text are: counts by rank, Zipf's law, the frequency spectrum, the richness of the vocabulary."""

from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.frames.tabular import Columns
from lmkit.engine.resources import Resources
from lmkit.ngrams.counting.count import count_ngrams
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.one_line import one_line
from lmkit.scoring.result import Result
from lmkit.signature import signature
from lmkit.statistics.entropy import entropy_bits
from lmkit.statistics.power_laws import LEAST_COUNT, CountLaw, ZipfLaw, fit_count_law, fit_zipf
from lmkit.statistics.word_list import no_word
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import UNK

SPECTRUM = 10  # counts of counts that are shown


@one_line
@dataclass(frozen=True, eq=False)
class WordFrequencies(Result):
    """The counts of the words of a text, what describes them, and the laws fitted to them."""

    counts: NDArray[np.int64]  # (types,) descending: that of rank r is counts[r - 1]
    entropy_bits: float  # of the distribution of words
    zipf: ZipfLaw
    signature: str

    def columns(self, first: int | None = None) -> Columns:
        """Counts by rank."""
        counts = self.counts[:first]
        return {"rank": np.arange(1, len(counts) + 1), "count": counts}

    @cached_property
    def count_law(self) -> CountLaw:
        """The most likely law of counts; it takes longer than all the other figures."""
        return fit_count_law(self.counts)

    @property
    def tokens(self) -> int:
        """The number of running words, sentence marks left out."""
        return int(self.counts.sum())

    @property
    def types(self) -> int:
        """The number of distinct words."""
        return len(self.counts)

    @property
    def hapax_legomena(self) -> int:
        """The number of words seen once."""
        return int(np.count_nonzero(self.counts == 1))

    def spectrum(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The distinct counts, ascending, and how many words have each: two arrays (distinct,)."""
        values, types = np.unique(self.counts, return_counts=True)
        return values, types.astype(np.int64)

    def steps(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first and the last rank of each count, and these counts: two arrays (points,), all of the curve."""
        lasts = np.flatnonzero(np.diff(self.counts, append=0))  # of each count
        places = np.unique(np.concatenate(([0], lasts[:-1] + 1, lasts)))
        return places + 1, self.counts[places]

    def shown(self) -> dict[str, Any]:
        """The figures by name; nan for what is undefined, with the reason beside it."""
        zipf: dict[str, Any] = {
            "exponent": self.zipf.exponent,
            "constant": self.zipf.factor,
            "r_squared": self.zipf.r_squared,
            "from_rank": self.zipf.from_rank,
            "to_rank": self.zipf.to_rank,
            "least_count": int(self.counts[self.zipf.to_rank - 1]) if self.zipf.to_rank else 0,
        }
        law = self.count_law
        found = law.undefined is None
        count_law: dict[str, Any] = {
            "alpha": law.alpha,
            "standard_error": law.standard_error,
            "x_min": law.x_min if found else nan,
            "tail_types": law.tail_types if found else nan,
            "ks_distance": law.ks_distance,
            "zipf_exponent": law.zipf_exponent,
        }
        for figures, reason in ((zipf, self.zipf.undefined), (count_law, law.undefined)):
            if reason is not None:
                figures["undefined"] = reason
        return {
            "tokens": self.tokens,
            "types": self.types,
            "type_token_ratio": self.types / self.tokens,
            "hapax_legomena": self.hapax_legomena,
            "unseen_share": self.hapax_legomena / self.tokens,
            "entropy_bits": self.entropy_bits,
            "counts_of_counts": {str(m): int(np.count_nonzero(self.counts == m)) for m in range(1, SPECTRUM + 1)},
            "zipf": zipf,
            "count_law": count_law,
            "signature": self.signature,
        }


def word_frequencies(
    texts: Texts,
    *,
    min_count: int = LEAST_COUNT,
    from_rank: int = 1,
    to_rank: int | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
) -> WordFrequencies:
    """The counts of the words of the texts and the laws that describe them.

    Zipf's law (1949) is fitted to the ranks from_rank <= r <= to_rank of words seen min_count times or more as `fit_zipf`
    says, the law of counts as `fit_count_law` says. <unk> in the text, where it may stand, counts as a word, as it does
    for `entropy`. DataError for unreadable text, and for a text without any word.
    """
    counts = count_ngrams(texts, 1, settings=settings, reading=reading, resources=resources)
    if not counts.tokens:
        raise no_word(texts)
    return measure_frequencies(counts, min_count, from_rank, to_rank)


def measure_frequencies(
    counts: NgramCounts, min_count: int = LEAST_COUNT, from_rank: int = 1, to_rank: int | None = None
) -> WordFrequencies:
    """The same for a text that has been counted."""
    unigrams = counts.counts[0][UNK:].astype(np.int64)
    values = np.sort(unigrams[unigrams > 0])[::-1]
    zipf = fit_zipf(values, from_rank=from_rank, to_rank=to_rank, min_count=min_count)
    return WordFrequencies(
        counts=values,
        entropy_bits=entropy_bits(values),
        zipf=zipf,
        signature=signature(zipf.method() | counts.details() | counts.settings.for_signature()),
    )
