"""How the vocabulary of a text grows with its length: Heaps' law."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.frames.tabular import Columns
from lmkit.engine.progress import tokens as report_tokens
from lmkit.engine.resources import Resources
from lmkit.one_line import one_line
from lmkit.scoring.result import Result
from lmkit.signature import signature
from lmkit.statistics.first_occurrences import FirstOccurrences
from lmkit.statistics.power_laws import HeapsLaw, fit_heaps
from lmkit.statistics.word_list import no_word
from lmkit.text.ids.encoding import number_blocks
from lmkit.text.reading import Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import WordNumbering


@one_line
@dataclass(frozen=True, eq=False)
class VocabularyGrowth(Result):
    """The number of word types V(n) among the first n tokens of a text, and V = K n^β fitted to it (Heaps 1978)."""

    lengths: NDArray[np.int64]  # (points,) n: ten in each decade, and the whole text
    types_at: NDArray[np.int64]  # (points,) V(n)
    oov_rates: NDArray[np.float64]  # (points,) share of tokens n + 1 … 10 n whose word is new since n; nan: not known
    heaps: HeapsLaw
    signature: str

    def columns(self, first: int | None = None) -> Columns:
        """Distinct words by the number of running ones."""
        return {
            "tokens": self.lengths[:first],
            "types": self.types_at[:first],
            "oov_rate_of_next_decade": self.oov_rates[:first],
        }

    @property
    def tokens(self) -> int:
        """The number of running words, sentence marks left out."""
        return int(self.lengths[-1])

    @property
    def types(self) -> int:
        """The number of distinct words."""
        return int(self.types_at[-1])

    def shown(self) -> dict[str, Any]:
        """The figures by name; nan for what is undefined, with the reason beside it."""
        heaps: dict[str, Any] = {
            "k": self.heaps.factor,
            "beta": self.heaps.exponent,
            "r_squared": self.heaps.r_squared,
            "from_tokens": self.heaps.from_tokens,
            "to_tokens": self.heaps.to_tokens,
            "points": self.heaps.points,
        }
        if self.heaps.undefined is not None:
            heaps["undefined"] = self.heaps.undefined
        rates = zip(self.lengths.tolist(), self.oov_rates.tolist(), strict=True)
        decades = {10**power for power in range(1, len(str(self.tokens)))}
        return {
            "tokens": self.tokens,
            "types": self.types,
            "heaps": heaps,
            "oov_rate_of_next_decade": {str(n): rate for n, rate in rates if n in decades and 10 * n <= self.tokens},
            "signature": self.signature,
        }


def vocabulary_growth(
    texts: Texts,
    *,
    from_tokens: int | None = None,
    to_tokens: int | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
) -> VocabularyGrowth:
    """The growth of the vocabulary of the texts, and Heaps' law fitted to the points from_tokens <= n <= to_tokens.

    The fit is as `fit_heaps` says (default: to the last two decades, from a hundredth of the tokens on).
    The texts are read once; all figures are exact, whatever the size of a block. <unk> in the text, where it may stand,
    counts as a word, as it does for `entropy`. DataError for unreadable text, and for a text without any word.
    """
    settings = settings or TextSettings()
    blocks = read_sentences(texts, settings, reading, check=False)
    found = FirstOccurrences()
    for block in number_blocks(blocks, settings, WordNumbering(), resources.workers):
        report_tokens(len(block))
        found.add(block)
    if not found.tokens:
        raise no_word(texts)
    return measure_growth(found, settings, from_tokens, to_tokens)


def measure_growth(
    found: FirstOccurrences, settings: TextSettings, from_tokens: int | None = None, to_tokens: int | None = None
) -> VocabularyGrowth:
    """The growth of a vocabulary and the law fitted to it (see `vocabulary_growth`)."""
    first = max(found.tokens // 100, 1) if from_tokens is None else from_tokens
    last = found.tokens if to_tokens is None else min(to_tokens, found.tokens)
    lengths = found.lengths()
    types = found.types_at(lengths)
    heaps = fit_heaps(lengths, types, first, last)
    return VocabularyGrowth(
        lengths=lengths,
        types_at=types,
        oov_rates=np.array([found.oov_rate_at(length) for length in lengths.tolist()]),
        heaps=heaps,
        signature=signature(heaps.method() | settings.for_signature()),
    )
