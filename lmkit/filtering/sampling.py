"""The figures of a random sample of records: all are read, and only the sample is scored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import UsageError
from lmkit.filtering.measuring import Measures
from lmkit.one_line import one_line
from lmkit.text.records.block import HAS_TEXT, RecordBlock
from lmkit.text.records.lines import LineRecords
from lmkit.text.sources.blocks import valid

TOGETHER = 1 << 12  # records that are scored together


@one_line
@dataclass(frozen=True)
class Sample:
    """So many records, drawn at random. UsageError for none."""

    number: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.number < 1:
            raise UsageError(f"a sample of {self.number} records; it must be 1 or more.")


class SampledText(NamedTuple):
    """The sentences of a record, a line each, and where it stands."""

    text: bytes
    source: str
    number: int  # of the line, or row


def sampled_ranks(
    measuring: Measures, blocks: Iterable[RecordBlock], sample: Sample
) -> tuple[NDArray[np.float64], int]:
    """(sample,) the figures of a sample of the records with a sentence, each with the same chance; and how many there are in all.

    Memory: the texts of the sample.
    """
    number, random = sample.number, np.random.default_rng(sample.seed)
    blank = measuring.settings.blank_lines == "sentence"
    draws, texts, of = np.zeros(0), list[SampledText](), 0
    for block in blocks:
        found = texts_of(block, blank=blank)
        of += len(found)
        new = random.random(len(found))
        worst = np.inf if len(draws) < number else draws.max()
        chosen = np.flatnonzero(new < worst)
        draws, texts = np.concatenate((draws, new[chosen])), texts + [found[place] for place in chosen.tolist()]
        if len(draws) > number:
            best = np.sort(np.argpartition(draws, number - 1)[:number])
            draws, texts = draws[best], [texts[place] for place in best.tolist()]
    ranks = [measuring.measure(block_of(part)).ranks for part in scored_together(texts)]
    return np.concatenate(ranks) if ranks else np.zeros(0), of


def scored_together(texts: list[SampledText]) -> Iterator[list[SampledText]]:
    """The texts in parts, each of one source."""
    for _, group in groupby(texts, lambda text: text.source):
        of_source = list(group)
        yield from (of_source[start : start + TOGETHER] for start in range(0, len(of_source), TOGETHER))


def texts_of(block: RecordBlock, *, blank: bool) -> list[SampledText]:
    """The sentences of each record that has some, a line each. blank: whether a blank line is one."""
    lines = valid(block).data.split(b"\n")[: len(block.line_records)]
    bounds = np.searchsorted(block.line_records, np.arange(len(block) + 1))
    found: list[SampledText] = []
    for place, (start, end) in enumerate(pairwise(bounds.tolist())):
        text = b"\n".join(lines[start:end]) + b"\n"
        if end > start and (blank or text.strip()):
            found.append(SampledText(text, block.source, int(block.numbers[place])))
    return found


def block_of(texts: list[SampledText]) -> RecordBlock:
    """Texts of one source as records."""
    source, counts = texts[0].source, np.array([each.text.count(b"\n") for each in texts], np.int64)
    numbers = np.array([each.number for each in texts], np.int64)
    owners = np.repeat(np.arange(len(texts)), counts)
    ends = np.cumsum([len(each.text) for each in texts])
    kinds = np.full(len(texts), HAS_TEXT, np.uint8)
    data = b"".join(each.text for each in texts)
    return RecordBlock(
        data, source, int(numbers[0]), 0, numbers[owners],
        records=LineRecords(data, ends, kinds, source, int(numbers[0])), line_records=owners, kinds=kinds, numbers=numbers,
    )  # fmt: skip
