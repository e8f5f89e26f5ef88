"""The figures of each record of a text: those of all its sentences together, as KenLM and CCNet have those of a document."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import tokens
from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.scoring.perplexity import effective_settings
from lmkit.scoring.protocol import Model, TokenScores, block_scores
from lmkit.scoring.sentences import sum_by_sentence
from lmkit.text.ids.encoding import EncodedBlock, encode_blocks
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.records.block import RecordBlock
from lmkit.text.records.reading import read_records
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import valid
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import WordNumbering
from lmkit.text.whitespace import NEWLINE

LOG2_10 = float(np.log2(10.0))


@dataclass(frozen=True, eq=False)
class RecordFigures:
    """Sums over each record, one array (records,) each."""

    log10_probs: NDArray[np.float64]  # all tokens, </s> and OOV included; -inf where one has probability 0
    tokens: NDArray[np.int64]  # with one </s> a sentence; 0 where there is no sentence
    oov: NDArray[np.int64]
    ends: NDArray[np.int64]  # the </s> among the tokens
    bytes: NDArray[np.int64]  # of the text, line ends included; the last line has one
    unspelled: NDArray[np.int64]  # of OOV: those that cost p(<unk>) only (see `Perplexity`)

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
        return ratio(self.oov, self.tokens - self.ends)

    def shown(self) -> dict[str, NDArray[Any]]:
        """The figures by name, as tables have them: what is undefined is NaN."""
        return {
            "log10_prob": np.where(self.tokens > 0, self.log10_probs + 0.0, np.nan),
            "tokens": self.tokens,
            "oov": self.oov,
            "perplexity": self.perplexities,
            "bits_per_byte": self.bits_per_byte,
            "unspelled": self.unspelled,
        }


def ratio(values: NDArray[Any], numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """The values by the numbers; NaN where the number is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(numbers > 0, values / numbers + 0.0, np.nan)  # + 0.0: no −0


@dataclass(frozen=True, eq=False)
class ScoredRecords:
    """A block of records with its scores."""

    block: RecordBlock  # checked
    encoded: EncodedBlock
    scores: TokenScores

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(sentences,) tokens of each, with its </s>, if it has one."""
        return np.diff(self.scores.ends, prepend=0)

    def by_record(self, by_sentence: NDArray[Any] | None = None) -> NDArray[Any]:
        """(records,) the sums of what is known of each sentence (sentences,); None: how many they are."""
        owners = self.block.line_records.take(self.encoded.sentence_places)
        return np.bincount(owners, by_sentence, len(self.block))

    def sums(self, by_token: NDArray[Any]) -> NDArray[Any]:
        """(records,) the sums of what is known of each token (tokens,)."""
        return self.by_record(sum_by_sentence(by_token, self.scores.ends - self.lengths))

    @property
    def tokens(self) -> NDArray[np.int64]:
        """(records,) with one </s> a sentence."""
        return self.by_record(self.lengths).astype(np.int64)

    @property
    def bytes(self) -> NDArray[np.int64]:
        """(records,) those of the text, as it was scored."""
        ends = np.flatnonzero(np.frombuffer(self.block.data, np.uint8) == NEWLINE) + 1
        return np.bincount(self.block.line_records, np.diff(ends, prepend=0), len(self.block)).astype(np.int64)

    def figures(self) -> RecordFigures:
        """The figures of each record."""
        return RecordFigures(
            self.sums(self.scores.log10_probs),
            self.tokens,
            self.sums(self.scores.oov.astype(np.int64)).astype(np.int64),
            self.by_record() if self.scores.marks else np.zeros(len(self.block), np.int64),
            self.bytes,
            self.sums(self.scores.unspelled.astype(np.int64)).astype(np.int64),
        )


def encode_records(
    block: RecordBlock, settings: TextSettings, numbering: WordNumbering
) -> tuple[RecordBlock, EncodedBlock]:
    """A block, checked, and its sentences as ids."""
    checked = cast(RecordBlock, valid(block))
    (encoded,) = encode_blocks([checked], settings, numbering)
    return checked, encoded


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

    def score(self, block: RecordBlock) -> ScoredRecords:
        """The scores of a block."""
        checked, encoded = encode_records(block, self.settings, self._numbering)
        return ScoredRecords(checked, encoded, block_scores(self._scorer, encoded))

    def figures(self, block: RecordBlock) -> RecordFigures:
        """The figures of each record of a block."""
        return self.score(block).figures()


def score_records(
    model: Model,
    texts: Texts,
    *,
    settings: TextSettings | None = None,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> Iterator[ScoredRecords]:
    """The records of the texts, block by block, with the score of every token (settings, reading, resources: see `map_scores`).

    >>> for scored in lmkit.score_records(model, lmkit.TextFile("pages.jsonl", field="body")):
    ...     print(scored.block.numbers, scored.figures().perplexities)
    """
    scorer = RecordScorer(model, settings)
    blocks = read_records(texts, scorer.settings, reading)

    def score(block: RecordBlock) -> ScoredRecords:
        scored = scorer.score(block)
        tokens(len(scored.scores.log10_probs))
        return scored

    yield from map_in_order(score, blocks, resources.workers if scorer.independent_blocks else 1)
