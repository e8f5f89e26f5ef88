"""The figures by which records are chosen: those under a model, and how far they are from those under another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.protocol import Model
from lmkit.scoring.records import RecordFigures, RecordScorer
from lmkit.text.records.block import RecordBlock
from lmkit.text.settings import TextSettings

FIGURES = ("perplexity", "log10_prob", "tokens", "oov", "bits_per_byte")  # that are added to records


@dataclass(frozen=True, eq=False)
class Measured:
    """The figures of each record."""

    figures: RecordFigures
    differences: NDArray[np.float64] | None = None  # (records,) bits a token: cross-entropy in the domain − in general

    @property
    def ranks(self) -> NDArray[np.float64]:
        """(records,) what records are ranked by, the best lowest: the difference if there is one, else perplexity. NaN where there is no sentence."""
        return self.figures.perplexities if self.differences is None else self.differences

    def added(self, prefix: str = "") -> dict[str, NDArray[Any] | Sequence[str]]:
        """What is added to records, by name."""
        figures = self.figures
        there = figures.tokens > 0
        columns = {
            "perplexity": figures.perplexities,
            "log10_prob": np.where(there, figures.log10_probs + 0.0, np.nan),
            "tokens": figures.tokens,
            "oov": figures.oov,
            "bits_per_byte": figures.bits_per_byte,
        }
        if self.differences is not None:
            columns["difference"] = self.differences
        return {prefix + name: column for name, column in columns.items()}


class Measuring:
    """Measures blocks of records under a model, and another one if there is such."""

    def __init__(self, model: Model, settings: TextSettings | None = None, against: Model | None = None) -> None:
        """settings: how text is read (default: as that of the model was). against: a model of text in general; it reads text as the model does."""
        self.scorer = RecordScorer(model, settings)
        self.against = None if against is None else RecordScorer(against, self.scorer.settings)

    @property
    def independent_blocks(self) -> bool:
        """Whether threads may measure several blocks at once."""
        return self.scorer.independent_blocks and (self.against is None or self.against.independent_blocks)

    def measure(self, block: RecordBlock) -> Measured:
        """The figures of the records of a block."""
        figures = self.scorer.figures(block)
        if self.against is None:
            return Measured(figures)
        return Measured(figures, figures.cross_entropies - self.against.figures(block).cross_entropies)
