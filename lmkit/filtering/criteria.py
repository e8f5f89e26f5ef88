"""What a record has to be to be kept."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import UsageError
from lmkit.filtering.measuring import Measured
from lmkit.one_line import one_line

WithoutText = Literal["keep", "reject"]
Mask = NDArray[np.bool_]


@one_line
@dataclass(frozen=True)
class Criteria:
    """Limits, each included; None: there is none. A record is kept if it meets all of them. UsageError for limits that are no numbers."""

    max_perplexity: float | None = None
    min_perplexity: float | None = None
    max_bits_per_byte: float | None = None
    max_oov_rate: float | None = None  # of its words
    min_tokens: int | None = None  # with one </s> a sentence
    max_difference: float | None = None  # of the cross-entropies, in bits a token (Moore & Lewis 2010)
    without_text: WithoutText | None = None  # records without a sentence (default: they meet no limit)
    invert: bool = False  # keep those that would be rejected, and reject the others

    def __post_init__(self) -> None:
        for name, limit in self.limits():
            if math.isnan(limit):
                raise UsageError(f"--{name} is not a number.")

    def limits(self) -> Iterator[tuple[str, float]]:
        """The limits that there are, by the names of their options."""
        for name, limit in vars(self).items():
            if name.startswith(("max_", "min_")) and limit is not None:
                yield name.replace("_", "-"), float(limit)

    def failures(self, measured: Measured) -> dict[str, Mask]:
        """By the name of each limit, which records (records,) with a sentence do not meet it. UsageError for a difference of one model."""
        figures = measured.figures
        values = {
            "perplexity": figures.perplexities,
            "bits-per-byte": figures.bits_per_byte,
            "oov-rate": np.nan_to_num(figures.oov_rates, nan=0.0),  # a sentence without a word has no OOV
            "tokens": figures.tokens,
            "difference": measured.differences,
        }
        failed: dict[str, Mask] = {}
        for name, limit in self.limits():
            side, _, figure = name.partition("-")
            found = values[figure]
            if found is None:
                raise UsageError(f"--{name} is of two models.", "Name the one of text in general with --against.")
            meets = found <= limit if side == "max" else found >= limit
            failed[name] = ~meets & measured.there
        return failed

    def met(self, measured: Measured, failed: dict[str, Mask], *, limited: bool) -> Mask:
        """(records,) which records are kept. failed: what `failures` gives. limited: whether something else than these criteria decides, too."""
        meets = np.ones(len(measured.figures), bool)
        for mask in failed.values():
            meets &= ~mask
        decided = limited or bool(failed)
        meets[~measured.there] = self.without_text == "keep" if self.without_text or decided else True
        return meets
