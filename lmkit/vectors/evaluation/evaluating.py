"""The figures of vectors on sets: rank correlation with judgements, accuracy of analogies, with intervals and coverage."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.errors import DataError
from lmkit.one_line import one_line
from lmkit.scoring.bootstrap import middle, paired_bootstrap
from lmkit.scoring.result import Result
from lmkit.vectors.evaluation.answers import Right, right_answers
from lmkit.vectors.evaluation.cases import KnownWords, known_words, size_of
from lmkit.vectors.evaluation.correlation import LEAST_PAIRS, samples_of, spearman, undefined, weighted
from lmkit.vectors.evaluation.sets import AnalogySet, SimilaritySet, read_set
from lmkit.vectors.evaluation.settings import EvaluationSettings
from lmkit.vectors.queries.analogies import EPSILON
from lmkit.vectors.queries.measures import of_pairs
from lmkit.vectors.queries.names import Method
from lmkit.vectors.queries.rows import Rows

FIGURES: dict[Method, str] = {"add": "3cosadd", "mul": "3cosmul"}  # accuracies, by the method of analogies
METHOD = {"epsilon": EPSILON}  # of 3CosMul
SPEARMAN = "spearman"
TOTAL = "total"


@dataclass(frozen=True)
class SetFigure(Result):
    """A figure of vectors on a set, or on a section of it."""

    set: str
    section: str | None  # of analogies; `total`: all of them
    figure: str  # `SPEARMAN`, or one of `FIGURES`
    value: float  # NaN where nothing is covered, or too little, or all is the same
    low: float  # the interval of 95 % is from here
    high: float  # to here
    answered: int  # pairs or questions whose words all have vectors
    all: int

    @property
    def undefined(self) -> str | None:
        """Why there is no correlation; None if there is one, or none was asked for."""
        return undefined(self.answered) if self.figure == SPEARMAN and math.isnan(self.value) else None


@one_line
@dataclass(frozen=True)
class Evaluation(Result):
    """What vectors are worth on sets."""

    figures: tuple[SetFigure, ...]
    oov: dict[str, list[str]]  # by set: its words that have no vector
    signature: str  # how they were evaluated
    vectors: str  # what made the vectors

    def shown(self) -> dict[str, Any]:
        """All of it by name."""
        return {
            "figures": [figure.as_dict() for figure in self.figures],
            "oov": self.oov,
            "signature": self.signature,
            "vectors": self.vectors,
        }


def evaluate_vectors(
    vectors: Rows,
    sets: Sequence[str | PathLike[str] | SimilaritySet | AnalogySet],
    settings: EvaluationSettings = EvaluationSettings(),
    *,
    resources: Resources = Resources(),
) -> Evaluation:
    """The figures of vectors on sets, which are files (see `read_set`) or have been read.

    Similarity sets: Spearman's correlation of cosines with judgements. Analogies: the share of right answers by 3CosAdd and
    3CosMul. Both of what vectors cover, with a bootstrap over pairs or questions. DataError for a set that they cover nothing of.
    """
    figures: list[SetFigure] = []
    oov = {}
    for each in (read_set(one) if isinstance(one, str | PathLike) else one for one in sets):
        items = items_of(each)
        known = known_words(vectors, items, settings.case, settings.first)
        oov[each.name] = known.missing(items)
        if isinstance(each, SimilaritySet):
            figures.append(correlation_on(vectors, each, known, settings, resources))
        else:
            figures += accuracies_on(vectors, each, known, settings, resources)
    return Evaluation(tuple(figures), oov, settings.signature(METHOD), vectors.signature())


def items_of(each: SimilaritySet | AnalogySet) -> Sequence[Sequence[str]]:
    """The pairs or questions of a set."""
    return each.pairs if isinstance(each, SimilaritySet) else each.questions


def nothing_covered(vectors: Rows, each: SimilaritySet | AnalogySet, settings: EvaluationSettings) -> DataError:
    """The error for a set of which vectors cover nothing."""
    what = "pairs" if isinstance(each, SimilaritySet) else "questions"
    size = size_of(vectors, settings.first)
    among = f" among the first {size:,}" if size < len(vectors) else ""
    return DataError(
        f"{each.name}: none of the {len(items_of(each)):,} {what} has all its words{among} in the vocabulary of the vectors.",
        "The set may be of another language, or written otherwise than the text the vectors were made from.",
    )


def correlation_on(
    vectors: Rows, each: SimilaritySet, known: KnownWords, settings: EvaluationSettings, resources: Resources
) -> SetFigure:
    """The correlation of cosines with the judgements of a set, and its interval."""
    places = known.places(each.pairs)
    covered = (places >= 0).all(axis=1)
    number = int(np.count_nonzero(covered))
    if not number:
        raise nothing_covered(vectors, each, settings)
    cosines, judgements = of_pairs(vectors, places[covered], "cosine"), each.judgements[covered]
    value, low, high = spearman(cosines, judgements) if number >= LEAST_PAIRS else math.nan, math.nan, math.nan
    if math.isfinite(value):
        of_samples = samples_of(
            number, settings.samples, settings.seed, weighted(cosines, judgements), resources.workers
        )
        low, high = middle(np.sort(of_samples[np.isfinite(of_samples)]))
    return SetFigure(each.name, None, SPEARMAN, value, low, high, number, len(each.pairs))


def accuracies_on(
    vectors: Rows, each: AnalogySet, known: KnownWords, settings: EvaluationSettings, resources: Resources
) -> list[SetFigure]:
    """The accuracies of both methods on each section of a set, and on all of it."""
    places = known.places(each.questions)
    covered = np.all(places >= 0, axis=1)
    if not covered.any():
        raise nothing_covered(vectors, each, settings)
    rights = right_of(vectors, each, known, places, covered, settings, resources)
    found = []
    for method, figure in FIGURES.items():
        for name, in_section in parts_of(each):
            here = in_section & covered
            figures = accuracy(rights[method][here], settings, resources.workers)
            answered, number = map(int, map(np.count_nonzero, (here, in_section)))
            found.append(SetFigure(each.name, name, figure, *figures, answered, number))
    return found


def right_of(
    vectors: Rows,
    each: AnalogySet,
    known: KnownWords,
    places: NDArray[np.int64],
    covered: NDArray[np.bool_],
    settings: EvaluationSettings,
    resources: Resources,
) -> Right:
    """By method, which questions (questions,) of a set are answered right, of those that are `covered`; places: of their words."""
    asked = [question for question, is_covered in zip(each.questions, covered.tolist(), strict=True) if is_covered]
    size = size_of(vectors, settings.first)
    answered = right_answers(vectors, asked, places[covered], known, size, resources.workers)
    rights = {}
    for method, right in answered.items():
        rights[method] = np.zeros(len(covered), bool)
        rights[method][covered] = right
    return rights


def parts_of(each: AnalogySet) -> list[tuple[str, NDArray[np.bool_]]]:
    """The sections of a set that have names, and all of it: their questions (questions,)."""
    sections = [(name, each.section == number) for number, name in enumerate(each.sections) if name]
    return [*sections, (TOTAL, np.ones(len(each.questions), bool))]


def accuracy(right: NDArray[np.bool_], settings: EvaluationSettings, workers: int | None) -> tuple[float, float, float]:
    """The share of right answers (questions,), and its interval."""
    if not len(right):
        return math.nan, math.nan, math.nan
    drawn = paired_bootstrap(
        right.astype(np.float64),
        np.ones(len(right), np.int64),
        samples=settings.samples,
        seed=settings.seed,
        workers=workers,
    )
    return float(np.mean(right)), drawn.low, drawn.high
