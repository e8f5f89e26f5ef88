"""Checking models and counts, of lmkit or of other tools: everything that is wrong is told, not the first thing only."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.checking.inspection import Format, Inspection, inspect
from lmkit.checking.members import check_shares
from lmkit.checking.sums import HistorySums, asked_histories, sample_histories, sums_after
from lmkit.checking.values import ListedModel
from lmkit.classes.model import ClassModel
from lmkit.engine.arrays import IndexArray
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.listed import ListedOrder, back_off, ids_of
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.trie.orders import bos_ends
from lmkit.one_line import one_line
from lmkit.problems import Level, Problem, line_or_none
from lmkit.signature import signature, smoothing_of
from lmkit.text.sources.names import Place

TOLERANCE = 1e-3  # of sums: those of files with four decimals, the fewest that tools write, are some 2e-4 off
SAMPLES = 1000
FEW_DIGITS = 1e-4  # deviations that six digits of a sum show


@one_line
@dataclass(frozen=True)
class CheckReport:
    """What a check has found."""

    source: str
    format: Format  # an ARPA file, or a model or counts of lmkit's own
    order: int
    ngrams: dict[int, int]  # n-grams in the file
    problems: tuple[Problem, ...]  # up to problems.LISTED of each level and kind
    totals: dict[Level, dict[str, int]]  # number of problems of each level and kind
    histories: int  # after which probabilities were summed up
    largest_deviation: float | None  # of these sums from 1
    largest_deviation_history: str | None
    tolerance: float
    signature: str
    sha256: str | None = None  # of the file, if it is no text

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.errors

    @property
    def errors(self) -> int:
        """The number of errors."""
        return sum(self.totals["error"].values())

    @property
    def warnings(self) -> int:
        """The number of warnings."""
        return sum(self.totals["warning"].values())

    @property
    def notes(self) -> int:
        """The number of notes."""
        return sum(self.totals["note"].values())

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        deviation = self.largest_deviation
        return {
            "source": self.source,
            "format": self.format,
            "ok": self.ok,
            "errors": self.errors,
            "warnings": self.warnings,
            "notes": self.notes,
            "order": self.order,
            "ngrams": {str(k): number for k, number in self.ngrams.items()},
            "histories": self.histories,
            "largest_deviation": deviation if deviation is None or np.isfinite(deviation) else None,
            "largest_deviation_history": self.largest_deviation_history,
            "tolerance": self.tolerance,
            "totals": self.totals,
            "problems": [vars(problem) for problem in self.problems],
            "signature": self.signature,
            "sha256": self.sha256,
        }


def check_model(
    value: Place | NgramModel | NgramCounts | ClassModel,
    *,
    samples: int | None = SAMPLES,
    seed: int = 0,
    tolerance: float = TOLERANCE,
) -> CheckReport:
    """All that is wrong with a model or counts: a file of lmkit's own, an ARPA file of any tool, or a value in memory.

    samples: after so many histories, drawn with this seed, the probabilities of all words are summed up, and after the
    empty one, <s>, and those that the file lacks; None: after all. tolerance: by which a sum may differ from 1.
    DataError for a file that is no model and no counts at all.
    """
    return report(inspect(value), samples=samples, seed=seed, tolerance=tolerance)


def report(
    found: Inspection, *, samples: int | None = SAMPLES, seed: int = 0, tolerance: float = TOLERANCE
) -> CheckReport:
    """The report on what was inspected (see `check_model`)."""
    if samples is not None and samples < 0:
        raise UsageError(f"the number of samples is {samples}; it must be 0 or more.")
    if not tolerance >= 0:
        raise UsageError(f"the tolerance is {tolerance:g}; it must be 0 or more.")
    histories, largest, history = 0, None, None
    if found.listed is not None and found.listed.chain:
        if not found.origin.traits.is_distribution:
            name = smoothing_of(found.origin.details).replace("-", " ")
            text = f"scores of {name} are no probabilities, and were not summed up"
            found.problems.add("note", "no-distribution", text)
        else:
            histories, largest, history = check_sums(found, samples, seed, tolerance)
    of_words = {}
    if found.around is not None:
        check_shares(found.around, found.problems, tolerance)
        of_words = found.around.members.details
    settings = {} if found.origin.settings is None else found.origin.settings.for_signature()
    drawn = {"histories": "all" if samples is None else samples, "seed": seed}
    return CheckReport(
        found.source,
        found.format,
        found.order,
        found.ngrams,
        found.problems.listed(),
        found.problems.totals(),
        histories,
        largest,
        history,
        tolerance,
        signature({"order": found.order} | found.origin.details | of_words | settings | drawn),
        found.sha256,
    )


def check_sums(
    found: Inspection, samples: int | None, seed: int, tolerance: float
) -> tuple[int, float | None, str | None]:
    """Tell histories after which the probabilities do not sum to 1; returns how many, and the largest deviation and where."""
    listed = found.listed
    assert listed is not None  # noqa: S101 (the caller looks)
    chain = list(listed.chain)
    for k in range(2, len(chain) + 1):
        back_off(chain, found.suffixes, k)
    full_only = not found.origin.traits.is_smoothed
    asked = [asked_histories(chain, length) for length in range(1, len(chain))]
    if full_only:
        restrict(chain, asked)
    wanted = None
    if samples is not None:
        drawn = sample_histories(asked, samples, seed)
        lacking = [np.flatnonzero(mask & ~order.listed) for mask, order in zip(asked, chain[:-1], strict=True)]
        wanted = [np.union1d(*entries) for entries in zip(drawn, lacking, strict=True)]
    number, largest, where = 0, -1.0, ""
    for sums in sums_after(chain, found.suffixes, wanted):
        if sums.length == 0:
            places = np.arange(0 if full_only and len(chain) > 1 else 1)
        else:
            mask = asked[sums.length - 1]
            places = np.flatnonzero(mask if sums.entries is None else mask.take(sums.entries))
        if not len(places):
            continue
        deviations = np.abs(sums.sums.take(places) - 1)
        worst = int(np.nan_to_num(deviations, nan=np.inf).argmax())
        number += len(places)
        if not deviations[worst] <= largest:
            largest, where = float(deviations[worst]), history_words(listed, sums, int(places[worst]))
        tell_sums(found, sums, places[~(deviations <= tolerance)])
    return (number, largest, where) if number else (0, None, None)


def restrict(chain: list[ListedOrder], asked: list[NDArray[np.bool_]]) -> None:
    """Leave only the histories that maximum likelihood looks at: full ones, and short ones at the start of a sentence."""
    ends = bos_ends([listed.order for listed in chain])
    for length, mask in enumerate(asked, start=1):
        if length < len(chain) - 1:
            mask[ends[length - 1] :] = False


def history_words(listed: ListedModel, sums: HistorySums, place: int) -> str:
    """The words of a history; nothing for the empty one."""
    if sums.length == 0:
        return ""
    ids = ids_of(listed.chain, sums.length, np.array([sums.entry(place)]))[0].tolist()
    return b" ".join(listed.vocabulary.words[word] for word in ids).decode()


def tell_sums(found: Inspection, sums: HistorySums, places: IndexArray) -> None:
    """Tell sums that are not 1, the worst ones first."""
    listed = found.listed
    assert listed is not None  # noqa: S101 (the caller looks)
    deviations = np.nan_to_num(np.abs(sums.sums.take(places) - 1), nan=np.inf)
    places = places[np.argsort(-deviations, kind="stable")]

    def describe(number: int) -> tuple[int | None, str]:
        place = int(places[number])
        total = sums.sums[place]
        total = f"sum to {total:.{6 if abs(total - 1) > FEW_DIGITS else 12}g}"
        if sums.length == 0:
            return None, f"the probabilities of the 1-grams {total}"
        line = line_or_none(listed.chain[sums.length - 1].lines[sums.entry(place)])
        return line, f"the probabilities after {history_words(listed, sums, place)!r} {total}"

    found.problems.add_each("error", "sum", len(places), describe)
