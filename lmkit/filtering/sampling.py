"""The figures of a random sample of records: all are read, and only the sample is scored."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import UsageError
from lmkit.filtering.measuring import Measures
from lmkit.text.records.block import HAS_TEXT, RecordBlock
from lmkit.text.records.lines import LineRecords
from lmkit.text.sources.blocks import valid

TOGETHER = 1 << 12  # records that are scored together


@dataclass(frozen=True)
class Sample:
    """So many records, drawn at random. UsageError for none."""

    number: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.number < 1:
            raise UsageError(f"a sample of {self.number} records; it must be 1 or more.")


def sampled_ranks(
    measuring: Measures, blocks: Iterable[RecordBlock], sample: Sample
) -> tuple[NDArray[np.float64], int]:
    """(sample,) the figures of a sample of the records with a sentence, each with the same chance; and how many there are in all.

    Memory: the texts of the sample.
    """
    number, random = sample.number, np.random.default_rng(sample.seed)
    blank = measuring.settings.blank_lines == "sentence"
    draws, texts, of = np.zeros(0), list[bytes](), 0
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
    parts = [texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER)]
    ranks = [measuring.measure(block_of(part)).ranks for part in parts]
    return np.concatenate(ranks) if ranks else np.zeros(0), of


def texts_of(block: RecordBlock, *, blank: bool) -> list[bytes]:
    """The sentences of each record that has some, a line each. blank: whether a blank line is one."""
    lines = valid(block).data.split(b"\n")[: len(block.line_records)]
    bounds = np.searchsorted(block.line_records, np.arange(len(block) + 1))
    pairs = zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    joined = (b"\n".join(lines[start:end]) + b"\n" for start, end in pairs if end > start)
    return [text for text in joined if blank or text.strip()]


def block_of(texts: list[bytes]) -> RecordBlock:
    """Texts as records."""
    counts = np.array([text.count(b"\n") for text in texts], np.int64)
    numbers = np.arange(1, len(texts) + 1)
    owners = np.repeat(np.arange(len(texts)), counts)
    ends = np.cumsum([len(text) for text in texts])
    kinds = np.full(len(texts), HAS_TEXT, np.uint8)
    data = b"".join(texts)
    return RecordBlock(
        data, "<sample>", 1, 0, numbers[owners],
        records=LineRecords(data, ends, kinds, "<sample>", 1), line_records=owners, kinds=kinds, numbers=numbers,
    )  # fmt: skip
