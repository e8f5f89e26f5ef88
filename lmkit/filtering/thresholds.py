"""Between which figures records are sorted into buckets: quantiles of all records, of a sample, or those that a file has.

The threshold of a quantile q is the smallest figure that at least the share q of the records with a sentence do not exceed; records at a threshold
belong below it.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError
from lmkit.locales import to_say
from lmkit.text.sources.names import source_name
from lmkit.text.sources.opening import SMALL, open_source, read_whole

THIRDS = ("head", "middle", "tail")  # as CCNet calls them: from the most probable text to the least


@dataclass(frozen=True)
class Thresholds:
    """Where one bucket ends and the next begins."""

    quantiles: tuple[float, ...]
    values: tuple[float, ...]  # perplexities, or differences in bits a token
    records: int  # with a sentence, that they were found from
    of: int  # records with a sentence in all; more, if they are a sample
    signature: str  # of the model, and the number of its words
    file: str | None = None  # that has them; None: they were found just now

    @property
    def is_exact(self) -> bool:
        """Whether they are those of all records."""
        return self.records == self.of

    @property
    def buckets(self) -> tuple[str, ...]:
        """The names of the buckets."""
        return bucket_names(len(self.values) + 1)

    def bucket_of(self, ranks: NDArray[np.float64]) -> NDArray[np.int64]:
        """(records,) the bucket of each, from 0, the lowest figures first; meaningless where the figure is NaN."""
        return np.searchsorted(np.array(self.values), ranks, side="left")

    @property
    def origin(self) -> str:
        """What they were found from, in words."""
        found = (
            f"exact, of {self.of:,} records"
            if self.is_exact
            else f"from a sample of {self.records:,} of {self.of:,} records"
        )
        return found if self.file is None else f"of {self.file}: {found}"

    def in_words(self) -> str:
        """One line on them, and on how exact they are."""
        return thresholds_in_words(zip(self.quantiles, self.values, strict=True), self.origin)

    def to_json(self) -> str:
        """The file that `read_thresholds` reads."""
        told = asdict(self) | {"exact": self.is_exact}
        del told["file"]
        told["values"] = [value if math.isfinite(value) else str(value) for value in self.values]
        return json.dumps(told, ensure_ascii=False)


def thresholds_in_words(values: Iterable[tuple[float, float]], origin: str) -> str:
    """Thresholds, each after its quantile, and what they were found from."""
    listed = ", ".join(f"{quantile:.6g}: {value:.6g}" for quantile, value in values)
    return to_say(f"thresholds {listed} ({origin})")


def bucket_names(number: int) -> tuple[str, ...]:
    """The names of so many buckets: head and tail, with middle between them if there are three, else numbers."""
    if number == len(THIRDS):
        return THIRDS
    return (THIRDS[0], THIRDS[-1]) if number == 2 else tuple(map(str, range(1, number + 1)))


def parse_quantiles(text: str) -> tuple[Fraction, ...]:
    """The quantiles of a list such as 0.333,0.667. UsageError unless they ascend between 0 and 1."""
    try:
        found = tuple(Fraction(part.strip()) for part in text.split(","))
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"--quantiles {text}: these are no numbers.", "Write them as 0.333,0.667.") from None
    check_quantiles(found, f"--quantiles {text}")
    return found


def check_quantiles(quantiles: Sequence[Fraction], told: str) -> None:
    """UsageError unless they ascend between 0 and 1. told: how they were given."""
    if not all(0 < quantile < 1 for quantile in quantiles):
        raise UsageError(f"{told}: a quantile is between 0 and 1.", "Write them as 0.333,0.667.")
    if any(left >= right for left, right in pairwise(quantiles)):
        ascending = ",".join(map(str, map(float, sorted(set(quantiles)))))
        raise UsageError(f"{told}: they do not ascend.", f"Write {ascending}.")


def parse_share(text: str) -> Fraction | int:
    """What --keep says: a share such as 10 %, or a number of records. UsageError for anything else."""
    try:
        if text.strip().endswith("%"):
            share = Fraction(text.strip()[:-1].strip()) / 100
            if 0 < share <= 1:
                return share
        elif (number := int(text)) > 0:
            return number
    except (ValueError, ZeroDivisionError):
        pass
    raise UsageError(f"--keep {text}: it is a share or a number of records.", "Write it as 10% or 20000.")


def parse_shares(text: str) -> tuple[Fraction, ...]:
    """The shares of a list of percentages such as 1,5,20. UsageError unless each is above 0 and at most 100."""
    try:
        found = tuple(Fraction(part.strip().removesuffix("%")) / 100 for part in text.split(","))
    except (ValueError, ZeroDivisionError):
        found = ()
    if not found or not all(0 < share <= 1 for share in found):
        raise UsageError(
            f"--curve-shares {text}: they are percentages, above 0 and up to 100.", "Write them as 1,5,20."
        )
    return found


def thresholds_of(
    ranks: NDArray[np.float64], quantiles: Sequence[Fraction], signature: str, of: int | None = None
) -> Thresholds:
    """Those of figures (records,), of which NaN are no figures. of: how many they are a sample of. DataError where there are none."""
    known = ranks[~np.isnan(ranks)]
    known.sort()
    if not len(known):
        raise DataError("there is no record with a sentence, and so no threshold.", "Check the field of the text.")
    places = [max(math.ceil(quantile * len(known)), 1) - 1 for quantile in quantiles]
    values = tuple(float(known[place]) for place in places)
    return Thresholds(tuple(map(float, quantiles)), values, len(known), len(known) if of is None else of, signature)


def read_thresholds(path: str) -> Thresholds:
    """The thresholds of a file that `lmkit filter --thresholds-only` wrote. DataError for any other file."""
    wrong = DataError(
        f"{source_name(path)} is no file of thresholds.",
        "Write one with lmkit filter --quantiles ... --thresholds-only -o FILE.",
    )
    try:
        with open_source(path) as stream:
            found: Any = json.loads(read_whole(stream, source_name(path), SMALL))
        values = tuple(map(float, found["values"]))
        read = Thresholds(
            tuple(map(float, found["quantiles"])),
            values,
            int(found["records"]),
            int(found["of"]),
            str(found["signature"]),
            path,
        )
    except (ValueError, TypeError, KeyError, UnicodeDecodeError):
        raise wrong from None
    ascending = all(left <= right for left, right in pairwise((-math.inf, *values)))  # which NaN does not
    if not values or len(values) != len(read.quantiles) or not ascending:
        raise wrong
    return read
