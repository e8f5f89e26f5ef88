"""The figures by which records are chosen: those under a model, and how far they are from those under another one."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import ModelWarning, UsageError
from lmkit.scoring.protocol import Model
from lmkit.scoring.records import RecordFigures, RecordScorer
from lmkit.text.records.block import RecordBlock
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import FIRST_WORD

OTHER_SIDE = "bitext_"  # what the names of the figures of the other side begin with, in records that have both
AGAINST, BITEXT = "|against|", "|bitext|"  # between the signatures of several models
ADDED = ("perplexity", "log10_prob", "tokens", "oov", "bits_per_byte")  # in this order: what is looked at comes first
Columns = dict[str, NDArray[Any] | Sequence[str]]


@dataclass(frozen=True, eq=False)
class Measured:
    """The figures of each record."""

    figures: RecordFigures
    differences: NDArray[np.float64] | None = None  # (records,) bits a token: cross-entropy in the domain − in general
    other: RecordFigures | None = None  # of the other side of a parallel text; differences are sums over both then

    @property
    def there(self) -> NDArray[np.bool_]:
        """(records,) whether there is a sentence, on both sides if there are two."""
        there = self.figures.tokens > 0
        return there if self.other is None else there & (self.other.tokens > 0)

    @property
    def ranks(self) -> NDArray[np.float64]:
        """(records,) what records are ranked by, the best lowest: the difference if there is one, else perplexity. NaN where there is no sentence."""
        return self.figures.perplexities if self.differences is None else self.differences

    def added(self, prefix: str = "", *, side: int | None = None) -> Columns:
        """What is added to records, by name. side: to those of the first side of a parallel text (0), or of the other (1), if each has its own."""
        columns = columns_of(self.figures) if side != 1 else {}
        if self.other is not None and side != 0:
            columns |= columns_of(self.other, "" if side == 1 else OTHER_SIDE)
        if self.differences is not None:
            columns["difference"] = self.differences
        return {prefix + name: column for name, column in columns.items()}


def columns_of(figures: RecordFigures, prefix: str = "") -> Columns:
    """The figures that are added to records, by name."""
    shown = figures.shown()
    return {prefix + name: shown[name] for name in ADDED}


class Measures(Protocol):
    """What measures blocks of records."""

    @property
    def settings(self) -> TextSettings:
        """How the records are read."""

    @property
    def signature(self) -> str:
        """All that shapes the figures."""

    @property
    def model_told(self) -> str:
        """The signature, and the numbers of words: by these, figures of other models are found out."""

    @property
    def independent_blocks(self) -> bool:
        """Whether threads may measure several blocks at once."""

    def measure(self, block: RecordBlock) -> Measured:
        """The figures of the records of a block."""


class Measuring:
    """Measures blocks of records under a model, and another one if there is such."""

    def __init__(self, model: Model, settings: TextSettings | None = None, against: Model | None = None) -> None:
        """settings: how text is read (default: as that of either model was). against: a model of text in general.

        UsageError if that is made of other tokens than the model; ModelWarning if it knows other words.
        """
        self.scorer = RecordScorer(model, settings or model.settings or (None if against is None else against.settings))
        if against is not None:
            check_same_words(model, against)
            warn_of_words(model, against)
        self.against = None if against is None else RecordScorer(against, self.scorer.settings)

    @property
    def settings(self) -> TextSettings:
        """How the records are read."""
        return self.scorer.settings

    @property
    def signature(self) -> str:
        """All that shapes the figures."""
        own = self.scorer.signature
        return own if self.against is None else f"{own}{AGAINST}{self.against.signature}"

    @property
    def model_told(self) -> str:
        """The signature, and the numbers of words: by these, figures of other models are found out."""
        own = self.scorer.model_told
        return own if self.against is None else f"{own}{AGAINST}{self.against.model_told}"

    @property
    def independent_blocks(self) -> bool:
        """Whether threads may measure several blocks at once."""
        return self.scorer.independent_blocks and (self.against is None or self.against.independent_blocks)

    def measure(self, block: RecordBlock) -> Measured:
        """The figures of the records of a block."""
        figures = self.scorer.figures(block)
        if self.against is None:
            return Measured(figures)
        return Measured(figures, difference(figures, self.against.figures(block)))


class MeasuringBoth:
    """Measures both sides of a parallel text, each under two models: what counts is the sum of the differences (Axelrod, He & Gao 2011)."""

    def __init__(self, first: Measuring, other: Measuring) -> None:
        """UsageError unless both are against another model."""
        if first.against is None or other.against is None:
            raise UsageError("both sides of a parallel text are measured against a model of text in general.")
        self.first, self.other = first, other

    @property
    def settings(self) -> TextSettings:
        """How the records are read, on the first side."""
        return self.first.settings

    @property
    def signature(self) -> str:
        """All that shapes the figures."""
        return f"{self.first.signature}{BITEXT}{self.other.signature}"

    @property
    def model_told(self) -> str:
        """The signature, and the numbers of words: by these, figures of other models are found out."""
        return f"{self.first.model_told}{BITEXT}{self.other.model_told}"

    @property
    def independent_blocks(self) -> bool:
        """Whether threads may measure several blocks at once."""
        return self.first.independent_blocks and self.other.independent_blocks

    def measure(self, block: RecordBlock) -> Measured:
        """The figures of the records of a block that has its other side with it."""
        assert block.other is not None, "whoever reads pairs sees to it"  # noqa: S101
        first, other = self.first.measure(block), self.other.measure(block.other)
        assert first.differences is not None and other.differences is not None  # noqa: S101, PT018 (both are against a model)
        with np.errstate(invalid="ignore"):  # infinite on both sides, once more likely and once less: no figure
            return Measured(first.figures, first.differences + other.differences, other.figures)


def difference(domain: RecordFigures, general: RecordFigures) -> NDArray[np.float64]:
    """(records,) the cross-entropies in the domain less those in general (Moore & Lewis 2010), bits a token; NaN without a sentence.

    Infinite where a record is impossible in one of them, and where it is in both: nothing speaks for it.
    """
    own = domain.cross_entropies
    with np.errstate(invalid="ignore"):
        return np.where(np.isposinf(own), own, own - general.cross_entropies)


def check_same_words(model: Model, against: Model) -> None:
    """UsageError for models whose cross-entropies are not about the same tokens."""
    if model.settings is None or against.settings is None:  # of other tools: nothing is known of their words
        return
    different = [
        f"{each.option} is {own} and {other}"
        for each, own, other in model.settings.differences(against.settings, Role.WORDS)
    ]
    if different:
        raise UsageError(
            f"the model and the one of --against are made of different tokens: {'; '.join(different)}.",
            "Cross-entropies a token can be subtracted only where tokens are the same: train both with the same options.",
        )


def warn_of_words(model: Model, against: Model) -> None:
    """ModelWarning where one model knows words that are <unk> to the other: how frequent <unk> is to each weighs in the difference then."""
    if model.vocabulary.same_as(against.vocabulary):
        return
    types, general_types = (len(each.vocabulary) - FIRST_WORD for each in (model, against))
    own, general = model.vocabulary.differences(against.vocabulary)
    if own or general:
        warnings.warn(
            ModelWarning(
                f"the model knows {types:,} words and the one of --against {general_types:,}, of which "
                f"{types - own:,} are the same: the difference is also that of what <unk> means to each.",
                "Moore & Lewis give both the words that the text of the domain has twice or more: train MODEL with --cutoff 2, and the other one with these "
                "words (lmkit vocabulary list DOMAIN --min-count 2 -o words.txt; lmkit ngram train --vocabulary words.txt ...).",
            ),
            stacklevel=3,
        )
