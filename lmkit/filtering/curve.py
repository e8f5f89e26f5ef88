"""How well a model of selected text predicts a held-out one, share by share, beside models of random text of the same size.

Moore & Lewis (2010) show their selections so. All models of a curve have the vocabulary of the domain, whatever was selected: other words are
<unk> in training and in the held-out text, so that perplexities can be compared from row to row.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.memory import let_go, writing_to
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.filtering.criteria import Criteria
from lmkit.filtering.filtering import RecordSource, highest_kept
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.count import count_tokens
from lmkit.ngrams.counting.limiting import counts_of
from lmkit.one_line import one_line
from lmkit.scoring.figures import Perplexity
from lmkit.scoring.perplexity import perplexity
from lmkit.scoring.protocol import Model
from lmkit.scoring.result import Result
from lmkit.smoothing.methods.kneser_ney import kneser_ney
from lmkit.text.ids.encoding import encode_blocks
from lmkit.text.records.block import BAD, RecordBlock
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import EOS, Vocabulary, WordNumbering

SHARES = tuple(Fraction(percent, 100) for percent in (1, 2, 5, 10, 20, 50, 100))
RANDOM_SELECTIONS = 3  # of each size, for a mean
USUAL_ORDER = 3  # where the model of the domain has none


@one_line
@dataclass(frozen=True)
class CurvePoint(Result):
    """What a share of the records is worth."""

    share: float  # of the records with a sentence
    records: int
    tokens: int  # with one </s> a sentence
    perplexity: float  # of the held-out text, under a model of the best records
    random_perplexity: float  # the mean of models of random records with as many tokens
    random_lowest: float
    random_highest: float
    perplexity_excluding_oov: float  # under the model of the best records
    oov: int  # in the held-out text, in all rows
    signature: str  # of the model of the best records


@dataclass(frozen=True)
class Training:
    """How the models of a curve are made: modified, interpolated Kneser–Ney; discounts that cannot be estimated are generalized."""

    vocabulary: Vocabulary
    settings: TextSettings
    order: int
    resources: Resources

    def model(self, blocks: Iterator[NDArray[np.int32]]) -> NgramModel:
        """A model of blocks of padded sentences."""
        chain = count_tokens(blocks, self.order, self.vocabulary.__len__, self.resources)
        counts = counts_of(chain, self.vocabulary, self.settings, fixed_vocabulary=True)
        found: NgramModel = kneser_ney(counts, discount_fallback="generalised", resources=self.resources)
        return found


def selection_curve(
    source: RecordSource,
    domain: Model,
    held_out: Texts,
    *,
    shares: Sequence[Fraction] = SHARES,
    order: int | None = None,
    criteria: Criteria | None = None,
    seed: int = 0,
) -> Iterator[CurvePoint]:
    """The perplexity of a held-out text for each share of the records kept, the best ones and random ones.

    domain: its vocabulary is that of all models, and its order, if none is given. criteria: what records must meet to be there at all. Equal figures are kept
    together. DataError where there is no record.
    """
    settings = source.measuring.settings
    training = Training(domain.vocabulary, settings, order or domain.order or USUAL_ORDER, source.resources)

    def measured(model: Model) -> Perplexity:
        return perplexity(model, held_out, settings=settings, reading=source.reading, resources=source.resources)

    with Pool(source.resources) as pool:
        pool.fill(source, criteria or Criteria(), training)
        advance = stage("training on shares", len(shares) * (1 + RANDOM_SELECTIONS))
        orders = [np.random.default_rng((seed, number)).permutation(pool.places) for number in range(RANDOM_SELECTIONS)]
        for share in shares:
            best = pool.best(share, source.measuring.signature)
            model = training.model(pool.blocks(best))
            found, tokens = measured(model), int(pool.tokens[best].sum())
            advance(1)
            randoms: list[float] = []
            for order_of in orders:
                chosen = pool.first(order_of, tokens)
                same = np.array_equal(chosen, best)
                randoms.append(found.perplexity if same else measured(training.model(pool.blocks(chosen))).perplexity)
                advance(1)
            yield CurvePoint(
                float(share),
                int(np.count_nonzero(best)),
                tokens,
                found.perplexity,
                float(np.mean(randoms)),
                min(randoms),
                max(randoms),
                found.perplexity_excluding_oov,
                found.oov,
                found.signature,
            )


class Pool(AbstractContextManager["Pool"]):
    """The records that can be selected: their tokens in a temporary file, 4 bytes each, and in memory 24 bytes a record."""

    def __init__(self, resources: Resources) -> None:
        self._folder = resources.folder
        with writing_to(self._folder, "the text is, as numbers,"):
            self._file = tempfile.TemporaryFile(dir=resources.tmp, prefix="lmkit-")  # noqa: SIM115 (closed by __exit__)
        self._bounds = [0]  # of the blocks, in records
        self.ranks = np.zeros(0)  # (records,) NaN: cannot be selected
        self._lengths = np.zeros(0, np.int64)  # (records,) tokens with marks
        self.tokens = np.zeros(0, np.int64)  # (records,) predicted ones

    def __exit__(self, *_: object) -> None:
        let_go(self._file)

    def fill(self, source: RecordSource, criteria: Criteria, training: Training) -> None:
        """Take in all records of the source."""
        numbering = WordNumbering(training.vocabulary)

        def work(
            block: RecordBlock,
        ) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
            found = source.measuring.measure(block)
            meets = criteria.met(found, criteria.failures(found), limited=True) ^ criteria.invert
            ranks = np.where(meets & found.there & (block.kinds != BAD), found.ranks, np.nan)
            (encoded,) = encode_blocks([block], training.settings, numbering)
            ends = np.flatnonzero(encoded.tokens == EOS) + 1
            owners = block.line_records.take(encoded.sentence_places)
            lengths = np.bincount(owners, np.diff(ends, prepend=0), len(block)).astype(np.int64)
            return ranks, encoded.tokens, lengths, found.figures.tokens

        ranks, lengths, tokens = [self.ranks], [self._lengths], [self.tokens]
        for rank, ids, length, number in map_in_order(work, source.blocks(), source.workers):
            self._write(ids)
            ranks.append(rank)
            lengths.append(length)
            tokens.append(number)
            self._bounds.append(self._bounds[-1] + len(rank))
        self.ranks = np.concatenate(ranks)
        self._lengths, self.tokens = np.concatenate(lengths), np.concatenate(tokens)

    def _write(self, ids: NDArray[np.int32]) -> None:
        """Keep the tokens of a block. DataError if the disk is full."""
        with writing_to(self._folder, "the text is, as numbers,"):
            self._file.write(ids.tobytes())
            self._file.flush()

    @property
    def places(self) -> NDArray[np.int64]:
        """Those of the records that can be selected."""
        return np.flatnonzero(~np.isnan(self.ranks))

    def best(self, share: Fraction, signature: str) -> NDArray[np.bool_]:
        """(records,) which are the best share, with all that are equal to the last one. DataError where there is none."""
        found: NDArray[np.bool_] = self.ranks <= highest_kept(self.ranks, share, signature).values[0]
        return found

    def first(self, places: NDArray[np.int64], tokens: int) -> NDArray[np.bool_]:
        """(records,) which are the first at these places that have so many tokens, or a few more."""
        chosen = np.zeros(len(self.ranks), bool)
        chosen[places[: int(np.searchsorted(np.cumsum(self.tokens[places]), tokens)) + 1]] = True
        return chosen

    def blocks(self, chosen: NDArray[np.bool_]) -> Iterator[NDArray[np.int32]]:
        """The tokens of the records that are chosen (records,), block by block."""
        self._file.seek(0)
        for start, stop in zip(self._bounds[:-1], self._bounds[1:], strict=True):
            lengths = self._lengths[start:stop]
            ids = np.frombuffer(self._file.read(4 * int(lengths.sum())), np.int32)
            yield ids[np.repeat(chosen[start:stop], lengths)]
