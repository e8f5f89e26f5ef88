"""Records in, the same records out: those that a model finds good enough, sorted into files.

What depends on each record alone is decided as it is read. What depends on all of them, such as quantiles, is decided in a second pass: the first one
measures, and keeps the figures in a temporary file.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.outputs import whole_file
from lmkit.engine.progress import tokens
from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.filtering.measuring import Measured, Measures
from lmkit.filtering.sampling import Sample, sampled_ranks
from lmkit.filtering.sorting import Part, Sorter, Tally
from lmkit.filtering.store import MeasuredStore
from lmkit.filtering.thresholds import Thresholds, thresholds_in_words, thresholds_of
from lmkit.one_line import one_line
from lmkit.scoring.result import Result
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.records.block import RecordBlock
from lmkit.text.records.outputs import RecordOutput
from lmkit.text.records.pairs import aligned, with_other_field
from lmkit.text.records.reading import read_records
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts, names_of


@one_line
@dataclass(frozen=True)
class FilterSummary(Result):
    """What became of the records."""

    records: int
    kept: dict[str, int]
    rejected: int
    without_text: int
    blank_lines: int
    blank_kept: int
    bad_lines: int
    failed: dict[str, int]
    tokens: int
    tokens_kept: int
    unspelled: int  # unknown words that cost p(<unk>) only, whatever their letters
    thresholds: dict[str, float] | None  # by quantile
    thresholds_from: str | None  # how exact they are
    signature: str

    def in_words(self) -> str:
        """What became of the records, in a line or so."""
        kept = ", ".join(f"{name} {number:,}" for name, number in self.kept.items())
        told = [f"{self.records:,} records: {kept}, rejected {self.rejected:,}"]
        reasons = [f"--{name} {number:,}" for name, number in self.failed.items() if number]
        if reasons:
            told.append(f"not met: {', '.join(reasons)}")
        if self.without_text:
            told.append(f"without text: {self.without_text:,}")
        if self.blank_lines:
            told.append(f"blank lines: {self.blank_lines:,}, of which {self.blank_kept:,} kept")
        if self.bad_lines:
            told.append(f"bad lines: {self.bad_lines:,}, rejected")
        if self.thresholds:
            at = zip(map(float, self.thresholds), self.thresholds.values(), strict=True)
            told.append(thresholds_in_words(at, self.thresholds_from or ""))
        if self.failed and self.records:  # something was asked
            if not any(self.kept.values()):
                told.append("the limits keep no record")
            elif not self.rejected:
                told.append("the limits reject no record")
        return "; ".join(told)


@dataclass(frozen=True)
class OtherSide:
    """The other side of a parallel text: texts whose records stand beside those of the first side, or a field of these."""

    settings: TextSettings
    texts: Texts | None = None
    field: str | None = None


@one_line
@dataclass(frozen=True)
class RecordSource:
    """The records to be filtered, and how they are measured."""

    measuring: Measures
    texts: Texts
    reading: Reading = WITHOUT_CHOICE
    resources: Resources = Resources()
    other: OtherSide | None = None

    @property
    def workers(self) -> int | None:
        """The number of threads that may measure."""
        return self.resources.workers if self.measuring.independent_blocks else 1

    def blocks(self) -> Iterator[RecordBlock]:
        """The records, read anew."""
        first, other = read_records(self.texts, self.measuring.settings, self.reading), self.other
        if other is None:
            yield from first
        elif other.texts is not None:
            beside = read_records(other.texts, other.settings, self.reading)
            yield from aligned(first, beside, (names_of(self.texts), names_of(other.texts)))
        elif other.field is not None:
            yield from (with_other_field(block, other.field, other.settings, self.reading) for block in first)

    def measure(self, block: RecordBlock) -> Measured:
        """The figures of the records of a block; how far the work is, is told."""
        found = self.measuring.measure(block)
        tokens(int(found.figures.tokens.sum()))
        return found

    def measured(self) -> Iterator[Measured]:
        """The figures of the records, block by block."""
        yield from map_in_order(self.measure, self.blocks(), self.workers)

    def sorted(self, sorter: Sorter) -> Iterator[Part]:
        """The records, measured and sorted in one go."""
        yield from map_in_order(lambda block: sorter.sort(block, self.measure(block)), self.blocks(), self.workers)

    def sorted_from(self, store: MeasuredStore, sorter: Sorter) -> Iterator[Part]:
        """The records, sorted by figures that have been measured."""
        store.rewind()
        pairs = ((block, store.take(len(block), block.source)) for block in self.blocks())
        yield from map_in_order(lambda pair: sorter.sort(*pair), pairs, self.resources.workers)
        store.finish(names_of(self.texts))


def filter_source(
    source: RecordSource,
    sorter: Sorter,
    *,
    quantiles: tuple[Fraction, ...] = (),
    keep: Fraction | int | None = None,
    sample: Sample | None = None,
    open_output: Callable[[str], AbstractContextManager[BinaryIO]] = whole_file,
    written: Callable[[Iterable[Part]], Iterable[Part]] = lambda parts: parts,
) -> FilterSummary:
    """Write the records to the files of the sorter; what became of them.

    quantiles: sort into buckets between these, of all records, or of a random sample. keep: the best share, or number, of the records with a
    sentence; of equal ones, all. Either needs texts that can be read twice. Files appear whole or not at all, and none if anything fails.
    open_output: what opens a file by its name. written: what may end the writing early, where nobody reads.
    """
    if keep is None and not quantiles:
        return write_parts(source, sorter, written(source.sorted(sorter)), open_output)
    if sample is not None:
        ranks, of = sampled_ranks(source.measuring, source.blocks(), sample)
        sorter = deciding(sorter, ranks, quantiles, keep, source, of)
        return write_parts(source, sorter, written(source.sorted(sorter)), open_output)
    with MeasuredStore(source.resources) as store:
        for found in source.measured():
            store.add(found)
        sorter = deciding(sorter, store.ranks(), quantiles, keep, source)
        return write_parts(source, sorter, written(source.sorted_from(store, sorter)), open_output)


def find_thresholds(
    source: RecordSource, quantiles: tuple[Fraction, ...], *, sample: Sample | None = None
) -> Thresholds:
    """The thresholds between quantiles of all records, or of a random sample."""
    signature = source.measuring.model_told
    if sample is not None:
        ranks, of = sampled_ranks(source.measuring, source.blocks(), sample)
        return thresholds_of(ranks, quantiles, signature, of)
    return thresholds_of(
        np.concatenate([found.ranks for found in source.measured()] or [np.zeros(0)]), quantiles, signature
    )


def deciding(
    sorter: Sorter,
    ranks: NDArray[np.float64],
    quantiles: tuple[Fraction, ...],
    keep: Fraction | int | None,
    source: RecordSource,
    of: int | None = None,
) -> Sorter:
    """The sorter with what the figures (records,) of all records, or of a sample of so many, decide."""
    if quantiles:
        return replace(sorter, thresholds=thresholds_of(ranks, quantiles, source.measuring.model_told, of))
    return replace(sorter, highest=highest_kept(ranks, keep or 0, source.measuring.model_told, of))


def highest_kept(ranks: NDArray[np.float64], keep: Fraction | int, signature: str, of: int | None = None) -> Thresholds:
    """Up to which figure the best records are kept: so many, or this share of them, and all that are equal to the last. of: how many these are a sample of."""
    known = int(np.count_nonzero(~np.isnan(ranks)))
    share = min(Fraction(keep, max(known if of is None else of, 1)), Fraction(1)) if isinstance(keep, int) else keep
    return thresholds_of(ranks, (share,), signature, of)


def write_parts(
    source: RecordSource,
    sorter: Sorter,
    parts: Iterable[Part],
    open_output: Callable[[str], AbstractContextManager[BinaryIO]],
) -> FilterSummary:
    """Write all parts, each piece to its file."""
    total = Tally(kept=dict.fromkeys(sorter.buckets, 0))
    with ExitStack() as opened:
        streams = [(file, opened.enter_context(open_output(file.path))) for file in sorter.all_files]
        outputs = [opened.enter_context(RecordOutput(file, stream)) for file, stream in streams]
        for part in parts:
            total.join(part.tally)
            for output, rendered in zip(outputs, part.rendered, strict=True):
                output.write(rendered)
    return summary_of(total, sorter, source.measuring.signature)


def summary_of(tally: Tally, sorter: Sorter, signature: str) -> FilterSummary:
    """What became of the records, with what decided it."""
    thresholds = sorter.thresholds or sorter.highest
    at = None if thresholds is None else dict(zip(map(str, thresholds.quantiles), thresholds.values, strict=True))
    return FilterSummary(
        **vars(tally), thresholds=at, thresholds_from=thresholds.origin if thresholds else None, signature=signature
    )
