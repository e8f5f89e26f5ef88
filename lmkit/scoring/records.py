"""The figures of each record of a text: those of all its sentences together, as KenLM and CCNet have those of a document."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.perplexity import effective_settings
from lmkit.scoring.protocol import Model
from lmkit.text.ids.encoding import encode_blocks
from lmkit.text.records.block import RecordBlock
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import WordNumbering

LOG2_10 = float(np.log2(10.0))


@dataclass(frozen=True, eq=False)
class RecordFigures:
    """Sums over each record, one array (records,) each."""

    log10_probs: NDArray[np.float64]  # all tokens, </s> and OOV included; -inf where one has probability 0
    tokens: NDArray[np.int64]  # with one </s> a sentence; 0 where there is no sentence
    oov: NDArray[np.int64]
    sentences: NDArray[np.int64]
    bytes: NDArray[np.int64]  # of the text, line ends included; the last line has one

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def cross_entropies(self) -> NDArray[np.float64]:
        """Bits a token; NaN where there is no sentence."""
        return ratio(-self.log10_probs * LOG2_10, self.tokens)

    @cached_property
    def perplexities(self) -> NDArray[np.float64]:
        """10^(−log10 p / tokens), OOV and </s> included; NaN where there is no sentence."""
        with np.errstate(over="ignore"):
            found: NDArray[np.float64] = 10.0 ** ratio(-self.log10_probs, self.tokens)
        return found

    @property
    def bits_per_byte(self) -> NDArray[np.float64]:
        """Bits a byte of the text; NaN where there is no sentence."""
        return ratio(-self.log10_probs * LOG2_10, np.where(self.tokens > 0, self.bytes, 0))

    @property
    def oov_rates(self) -> NDArray[np.float64]:
        """The share of OOV among the words (tokens without </s>); NaN where there is none."""
        return ratio(self.oov, self.tokens - self.sentences)

    @classmethod
    def joined(cls, parts: Iterable["RecordFigures"]) -> "RecordFigures":
        """Those of all parts, in order."""
        listed = list(parts)
        return cls(*(np.concatenate([getattr(part, each.name) for part in listed]) for each in fields(cls)))


def ratio(values: NDArray[Any], numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """The values by the numbers; NaN where the number is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(numbers > 0, values / numbers + 0.0, np.nan)  # + 0.0: no −0


class RecordScorer:
    """A model prepared for scoring blocks of records."""

    def __init__(self, model: Model, settings: TextSettings | None = None) -> None:
        """settings: how the text is read (default: as that of the model was)."""
        self.model, self.settings = model, effective_settings(model, settings)
        self._scorer = model.scorer()
        self._numbering = WordNumbering(model.vocabulary)

    @property
    def independent_blocks(self) -> bool:
        """Whether threads may score several blocks at once (see `Scorer`)."""
        return self._scorer.independent_blocks

    @property
    def signature(self) -> str:
        """All that shapes the figures."""
        return self.model.signature(self.settings)

    @property
    def model_told(self) -> str:
        """The signature, and the number of words: by these, figures of another model are found out."""
        return f"{self.signature}|types:{len(self.model.vocabulary)}"

    def figures(self, block: RecordBlock) -> RecordFigures:
        """The figures of each record of a block."""
        (encoded,) = encode_blocks([block], self.settings, self._numbering)
        scores = self._scorer.score(encoded.tokens)
        records = block.line_records.take(encoded.sentence_places)
        starts = scores.ends - np.diff(scores.ends, prepend=0)
        per_sentence = scores.ends - starts
        oov = np.add.reduceat(scores.oov.astype(np.int64), starts) if len(starts) else starts
        log10_probs = np.add.reduceat(scores.log10_probs, starts) if len(starts) else np.zeros(0)
        newlines = np.flatnonzero(np.frombuffer(block.data, np.uint8) == ord("\n"))
        line_bytes = np.diff(newlines, prepend=-1)

        def summed(values: NDArray[Any], owners: NDArray[np.int64]) -> NDArray[np.int64]:
            sums: NDArray[np.int64] = np.bincount(owners, values, len(block)).astype(np.int64)
            return sums

        return RecordFigures(
            np.bincount(records, log10_probs, len(block)).astype(np.float64),
            summed(per_sentence, records),
            summed(oov, records),
            np.bincount(records, minlength=len(block)),
            summed(line_bytes, block.line_records),
        )
