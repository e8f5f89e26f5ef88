"""Two kinds of vectors on the same sets: the difference of their figures, and how sure it is."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from lmkit.engine.resources import Resources
from lmkit.errors import DataError
from lmkit.one_line import one_line
from lmkit.scoring.bootstrap import paired_bootstrap, spread
from lmkit.scoring.result import Result
from lmkit.vectors.evaluation.cases import KnownWords, known_words
from lmkit.vectors.evaluation.correlation import LEAST_PAIRS, Floats, samples_of, spearman, undefined, weighted
from lmkit.vectors.evaluation.evaluating import FIGURES, METHOD, SPEARMAN, TOTAL, items_of, parts_of, right_of
from lmkit.vectors.evaluation.sets import AnalogySet, SimilaritySet, read_set
from lmkit.vectors.evaluation.settings import EvaluationSettings
from lmkit.vectors.queries.measures import of_pairs
from lmkit.vectors.queries.rows import Rows

Two = tuple[Rows, Rows]
Known = tuple[KnownWords, KnownWords]


@dataclass(frozen=True)
class SetDifference(Result):
    """A figure of two kinds of vectors on what both cover of a set, or of a section of it."""

    set: str
    section: str | None  # of analogies; `total`: all of them
    figure: str  # `SPEARMAN`, or one of `FIGURES`
    a: float
    b: float
    difference: float  # b − a; like all of them NaN where too little is shared, or all is the same
    low: float  # the interval of 95 % of the difference is from here
    high: float  # to here
    p_value: float  # two-sided: of a difference so large, were there none
    shared: int  # pairs or questions that both cover
    all: int

    @property
    def undefined(self) -> str | None:
        """Why there is no difference of correlations; None if there is one, or none was asked for."""
        return undefined(self.shared) if self.figure == SPEARMAN and math.isnan(self.difference) else None

    @property
    def is_noise(self) -> bool:
        """Whether the interval of the difference holds 0."""
        return self.low <= 0 <= self.high


@one_line
@dataclass(frozen=True)
class VectorsComparison(Result):
    """What two kinds of vectors are worth on sets, beside each other."""

    differences: tuple[SetDifference, ...]
    signature: str  # how they were evaluated
    a: str  # what made the vectors
    b: str

    def shown(self) -> dict[str, Any]:
        """All of it by name."""
        return {
            "differences": [difference.as_dict() for difference in self.differences],
            "signature": self.signature,
            "a": self.a,
            "b": self.b,
        }

    def noise(self) -> list[SetDifference]:
        """The differences on whole sets that chance explains."""
        return [each for each in self.differences if each.section in (None, TOTAL) and each.is_noise]


def compare_vectors(
    a: Rows,
    b: Rows,
    sets: Sequence[str | PathLike[str] | SimilaritySet | AnalogySet],
    settings: EvaluationSettings = EvaluationSettings(),
    *,
    resources: Resources = Resources(),
) -> VectorsComparison:
    """The figures of two kinds of vectors (see `evaluate_vectors`) on the pairs and questions that both cover.

    A bootstrap over these, the same samples for both, tells how sure the differences are. Each answers analogies from its
    own words. DataError for a set of which they cover nothing together.
    """
    found: list[SetDifference] = []
    for each in (read_set(one) if isinstance(one, str | PathLike) else one for one in sets):
        of_a, of_b = (known_words(one, items_of(each), settings.case, settings.first) for one in (a, b))
        if isinstance(each, SimilaritySet):
            found.append(compared_pairs((a, b), each, (of_a, of_b), settings, resources))
        else:
            found += compared_questions((a, b), each, (of_a, of_b), settings, resources)
    return VectorsComparison(tuple(found), settings.signature(METHOD), a.signature(), b.signature())


def shared_places(known: Known, each: SimilaritySet | AnalogySet) -> tuple[list[Any], Any]:
    """The rows of the words of each pair or question in both, and which of these both cover. DataError if there are none."""
    places = [one.places(items_of(each)) for one in known]
    shared = np.all(np.hstack(places) >= 0, axis=1)
    if not shared.any():
        raise DataError(
            f"{each.name}: of {len(items_of(each)):,} pairs or questions there is none whose words both have vectors for.",
            "`lmkit vectors evaluate` tells what each of them covers.",
        )
    return places, shared


def compared_pairs(
    vectors: Two, each: SimilaritySet, known: Known, settings: EvaluationSettings, resources: Resources
) -> SetDifference:
    """The correlations with the judgements of a set."""
    places, shared = shared_places(known, each)
    judgements, number = each.judgements[shared], int(np.count_nonzero(shared))
    cosines = [of_pairs(one, rows[shared], "cosine") for one, rows in zip(vectors, places, strict=True)]
    a, b = (spearman(one, judgements) if number >= LEAST_PAIRS else math.nan for one in cosines)
    of_samples = [weighted(one, judgements) for one in cosines]

    def difference(weights: Floats) -> Floats:
        return of_samples[1](weights) - of_samples[0](weights)

    sure = spread_of(number, b - a, difference, settings, resources)
    return SetDifference(each.name, None, SPEARMAN, a, b, b - a, *sure, number, len(each.pairs))


def spread_of(
    number: int,
    found: float,
    difference: Callable[[Floats], Floats],
    settings: EvaluationSettings,
    resources: Resources,
) -> tuple[float, float, float]:
    """The interval and the p value of a difference of correlations that was found; NaN if it is none."""
    if not math.isfinite(found):
        return math.nan, math.nan, math.nan
    measured = samples_of(number, settings.samples, settings.seed, difference, resources.workers)
    return spread(measured[np.isfinite(measured)], found)


def compared_questions(
    vectors: Two, each: AnalogySet, known: Known, settings: EvaluationSettings, resources: Resources
) -> list[SetDifference]:
    """The accuracies of both methods on each section of a set, and on all of it."""
    places, shared = shared_places(known, each)
    rights = [
        right_of(one, each, words, rows, shared, settings, resources)
        for one, words, rows in zip(vectors, known, places, strict=True)
    ]
    found = []
    for method, figure in FIGURES.items():
        for name, in_section in parts_of(each):
            here = in_section & shared
            number = int(np.count_nonzero(here))
            right = [one[method][here].astype(np.float64) for one in rights]
            a, b = (float(one.mean()) if number else math.nan for one in right)
            drawn = paired_bootstrap(
                right[1] - right[0],
                np.ones(number, np.int64),
                samples=settings.samples,
                seed=settings.seed,
                workers=resources.workers,
            )
            sure = drawn.low, drawn.high, drawn.p_value
            found.append(
                SetDifference(each.name, name, figure, a, b, b - a, *sure, number, int(np.count_nonzero(in_section)))
            )
    return found
