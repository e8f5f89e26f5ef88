"""Where each record of a block goes, and what it looks like there."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lmkit.filtering.criteria import Criteria
from lmkit.filtering.measuring import Measured
from lmkit.filtering.thresholds import Thresholds
from lmkit.text.records.block import BAD, BLANK, Added, RecordBlock
from lmkit.text.records.outputs import RecordFile, Rendered

REJECTED = -1


@dataclass
class Tally:
    """How many records there were, and what became of them."""

    records: int = 0  # blank lines left out
    without_text: int = 0  # of these, those without a sentence: null, or empty
    blank_lines: int = 0
    bad_lines: int = 0
    blank_kept: int = 0
    rejected: int = 0
    kept: dict[str, int] = field(default_factory=dict)  # by bucket
    failed: dict[str, int] = field(
        default_factory=dict
    )  # by limit: records that do not meet it, and perhaps others neither
    tokens: int = 0
    tokens_kept: int = 0
    unspelled: int = 0  # unknown words that cost p(<unk>) only, on both sides

    def join(self, other: "Tally") -> None:
        """Take in another part of the text."""
        for name, value in vars(other).items():
            if isinstance(value, dict):
                mine = getattr(self, name)
                for key, number in value.items():
                    mine[key] = mine.get(key, 0) + number
            else:
                setattr(self, name, getattr(self, name) + value)


@dataclass(frozen=True)
class Part:
    """A block of records, sorted: for each output, what is written there."""

    rendered: list[Rendered]
    tally: Tally


@dataclass(frozen=True)
class Destination:
    """Where records go: a file for each bucket, and perhaps one for what is rejected."""

    files: tuple[RecordFile, ...]
    rejected: RecordFile | None = None

    @property
    def all_files(self) -> tuple[RecordFile, ...]:
        """All files, that of what is rejected last."""
        return self.files if self.rejected is None else (*self.files, self.rejected)

    def render(self, block: RecordBlock, places: NDArray[np.int64], added: Added | None) -> list[Rendered]:
        """The records of a block as each file has them. places: (records,) the bucket of each, or REJECTED."""
        wanted = [*range(len(self.files)), REJECTED]
        return [file.render(block, places == place, added) for place, file in zip(wanted, self.all_files, strict=False)]


@dataclass(frozen=True)
class Sorter:
    """Sorts records into outputs."""

    own: Destination
    criteria: Criteria
    thresholds: Thresholds | None = None  # between buckets
    highest: Thresholds | None = None  # up to which the best are kept
    append: bool = False
    prefix: str = ""  # of the names of what is appended
    other: Destination | None = None  # of the other side of a parallel text, if that has files of its own

    @property
    def all_files(self) -> tuple[RecordFile, ...]:
        """All outputs."""
        return self.own.all_files + (() if self.other is None else self.other.all_files)

    @property
    def buckets(self) -> tuple[str, ...]:
        """The names of the outputs."""
        return self.thresholds.buckets if self.thresholds else ("kept",)

    def sort(self, block: RecordBlock, measured: Measured) -> Part:
        """The records of a block, ready to be written."""
        places, failed = self.places(block, measured)
        if self.other is None:
            rendered = self.own.render(block, places, self.added(measured))
        else:
            assert block.other is not None, "whoever reads pairs sees to it"  # noqa: S101
            rendered = self.own.render(block, places, self.added(measured, side=0))
            rendered += self.other.render(block.other, places, self.added(measured, side=1))
        return Part(rendered, self.tally(block, measured, places, failed))

    def added(self, measured: Measured, side: int | None = None) -> Added | None:
        """What is added to the records, or to those of one side (see `Measured.added`)."""
        return measured.added(self.prefix, side=side) if self.append else None

    def places(self, block: RecordBlock, measured: Measured) -> tuple[NDArray[np.int64], dict[str, NDArray[np.bool_]]]:
        """(records,) the output of each, or REJECTED; and, by limit, which do not meet it."""
        failed = self.criteria.failures(measured)
        there = measured.there
        if self.highest is not None:
            failed["keep"] = ~(measured.ranks <= self.highest.values[0]) & there
        kept = self.criteria.met(measured, failed, limited=self.thresholds is not None)
        if self.criteria.invert:
            kept = ~kept
        kept &= (block.kinds != BAD) & (block.other is None or block.other.kinds != BAD)
        if self.thresholds is None:
            return np.where(kept, 0, REJECTED), failed
        kept &= there  # what has no figure belongs to no bucket
        return np.where(kept, self.thresholds.bucket_of(measured.ranks), REJECTED), failed

    def tally(
        self, block: RecordBlock, measured: Measured, places: NDArray[np.int64], failed: dict[str, NDArray[np.bool_]]
    ) -> Tally:
        """What became of the records of a block."""

        def number(mask: NDArray[np.bool_]) -> int:
            return int(np.count_nonzero(mask))

        is_blank, tokens = block.kinds == BLANK, measured.figures.tokens
        is_record, kept = block.kinds < BLANK, places != REJECTED
        return Tally(
            records=number(is_record),
            without_text=number(is_record & ~measured.there),
            blank_lines=number(is_blank),
            bad_lines=number(block.kinds == BAD),
            blank_kept=number(is_blank & kept),
            rejected=number(is_record & ~kept),
            kept={name: number(is_record & (places == place)) for place, name in enumerate(self.buckets)},
            failed={name: number(mask) for name, mask in failed.items()},
            tokens=int(tokens.sum()),
            tokens_kept=int(tokens[kept].sum()),
            unspelled=sum(int(side.unspelled.sum()) for side in (measured.figures, measured.other) if side is not None),
        )
