"""Which of several models a record is most probable under: of languages, or other sources of text (Dunning 1994, with models of characters).

By Bayes' rule, P(class | record) = prior(class) · p(record | class) / Σ over all classes, where p is the probability of the whole record,
the </s> of each of its sentences included. All models have to predict the same events: a model that does not know a character, or word, that
another one knows gives it an equal share of its p(<unk>), as in mixtures (see `lmkit.scoring.mixture`).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import tokens
from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line
from lmkit.scoring.evidence import of_each_part
from lmkit.scoring.mixture import check_mixable, mixture, parts_of
from lmkit.scoring.protocol import Model
from lmkit.scoring.records import ScoredRecords, encode_records
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.records.block import BLANK, RecordBlock
from lmkit.text.records.reading import read_records
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import WordNumbering

Result = TypeVar("Result")
Value = TypeVar("Value")
NO_CLASS = -1


@one_line
@dataclass(frozen=True, eq=False)
class ClassifiedRecords:
    """A block of records, and how probable each is under each of the models."""

    block: RecordBlock
    names: tuple[str, ...]  # of the classes
    priors: tuple[float, ...]
    log10_probs: NDArray[
        np.float64
    ]  # (records, classes) of the whole record, </s> included; -inf where it is impossible
    tokens: NDArray[np.int64]  # (records,) with one </s> a sentence; 0 where there is no sentence

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def _joint(self) -> NDArray[np.float64]:
        """(records, classes) log10 of prior and probability together; NaN where there is no sentence, or every class is impossible."""
        logs = self.log10_probs + np.log10(self.priors)
        undefined = (self.tokens == 0) | np.isneginf(logs).all(axis=1)
        found: NDArray[np.float64] = np.where(undefined[:, None], np.nan, logs)
        return found

    @cached_property
    def posteriors(self) -> NDArray[np.float64]:
        """(records, classes) the probability of each class, which sum to 1; NaN where there is no sentence, or every class is impossible."""
        weights = 10.0 ** (self._joint - self._joint.max(axis=1, keepdims=True))
        found: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
        return found

    @cached_property
    def best(self) -> NDArray[np.int64]:
        """(records,) the place of the most probable class; NO_CLASS where there is none, or several are equally probable."""
        logs = np.nan_to_num(self._joint, nan=-np.inf)
        is_one = np.count_nonzero(logs == logs.max(axis=1, keepdims=True), axis=1) == 1
        return np.where(is_one, logs.argmax(axis=1), NO_CLASS)

    @property
    def classes(self) -> list[str | None]:
        """(records,) the name of the most probable class; None where there is none, or several are equally probable."""
        names = (*self.names, None)  # of NO_CLASS
        return [names[place] for place in self.best.tolist()]

    @property
    def best_posteriors(self) -> NDArray[np.float64]:
        """(records,) the highest posterior; NaN where it is undefined."""
        found: NDArray[np.float64] = self.posteriors.max(axis=1)
        return found

    def of_records(self, values: Sequence[Value]) -> list[Value]:
        """Of values (records,) those that belong to records: blank and bad lines are none."""
        return [value for value, kind in zip(values, self.block.kinds.tolist(), strict=True) if kind < BLANK]

    def added(self, prefix: str = "") -> dict[str, NDArray[Any] | Sequence[str | None]]:
        """What is added to records, by name."""
        return {f"{prefix}class": self.classes, f"{prefix}posterior": self.best_posteriors}

    def shown(self) -> dict[str, NDArray[Any] | Sequence[str | None]]:
        """All that is known of each record, by name; log10 probabilities are those of the record under each model."""
        logs = np.where(self.tokens[:, None] > 0, self.log10_probs + 0.0, np.nan)
        return self.added() | {f"log10_prob.{name}": logs[:, place] for place, name in enumerate(self.names)}


class Classifier:
    """Several models by the names of the classes, prepared for blocks of records."""

    def __init__(
        self,
        models: Mapping[str, Model],
        priors: Mapping[str, float] | None = None,
        settings: TextSettings | None = None,
    ) -> None:
        """priors: the probability of each class before anything is read (default: equal). settings: how text is read (default: as for the models).

        UsageError for fewer than two models, and for priors that are not one for each, above 0, and 1 together. DataError for models that do
        not predict the same events: of different words, read in different ways, open beside closed; and for what is no distribution.
        """
        if len(models) < 2:
            raise UsageError("there are two classes or more, and a model for each.")
        self.names = tuple(models)
        self.priors = checked_priors(self.names, priors)
        check_mixable(list(models.values()), self.names, "compared")
        self.settings = settings or same_settings(
            {name: own or TextSettings() for name, own in settings_of(models).items()}
        )
        mixed = mixture(list(models.values()), self.priors)  # of all models: a class may be a mixture itself
        self._parts = [[weight for weight, _ in parts_of(model)] for model in models.values()]
        self._scorer = mixed.scorer()
        self._numbering = WordNumbering(mixed.vocabulary)
        self.signatures = {name: model.signature(self.settings) for name, model in models.items()}

    @property
    def independent_blocks(self) -> bool:
        """Whether threads may classify several blocks at once."""
        return self._scorer.independent_blocks

    def classify(self, block: RecordBlock) -> ClassifiedRecords:
        """The records of a block under each model."""
        checked, encoded = encode_records(block, self.settings, self._numbering)
        log10_probs, scores = self._scorer.score_each(encoded)
        scored = ScoredRecords(checked, encoded, scores[0])
        of_each = of_each_part(log10_probs, self._parts)
        sums = np.array([scored.sums(each) for each in of_each], np.float64).T
        return ClassifiedRecords(checked, self.names, self.priors, sums, scored.tokens)


def checked_priors(names: Sequence[str], priors: Mapping[str, float] | None) -> tuple[float, ...]:
    """The prior of each class: as given, or equal. UsageError unless they are one for each, above 0, and sum to 1."""
    if priors is None:
        return (1.0 / len(names),) * len(names)
    if set(priors) != set(names):
        raise UsageError(
            f"there are priors for {', '.join(priors)}, and the classes are {', '.join(names)}.",
            "Give one for each class.",
        )
    if not all(prior > 0 for prior in priors.values()) or not math.isclose(sum(priors.values()), 1.0, abs_tol=1e-6):
        listed = " ".join(f"{prior:g}" for prior in priors.values())
        raise UsageError(f"the priors {listed} sum to {sum(priors.values()):.6g}; they must be above 0 and sum to 1.")
    return tuple(float(priors[name]) / sum(priors.values()) for name in names)


def settings_of(models: Mapping[str, Model]) -> dict[str, TextSettings | None]:
    """How each model reads text, by name; a model of another tool, which does not say, as the first one that does."""
    known = next((model.settings for model in models.values() if model.settings is not None), None)
    return {name: model.settings or known for name, model in models.items()}


def same_settings(settings: Mapping[str, TextSettings]) -> TextSettings:
    """How sentences are found and lines are read for all models, by name. DataError if that is done for one in another way."""
    (first, one), *others = settings.items()
    for name, another in others:
        if one.sentence_marks != another.sentence_marks:
            raise DataError(
                f"of the models {first} and {name}, one reads text without sentence marks (--no-sentence-marks).",
                "Train all of them with the same options.",
            )
        for each, own, other in one.differences(another, Role.SENTENCES, Role.READING):
            raise DataError(
                f"models {first} and {name} read text in different ways: {each.option} is {own} and {other}.",
                f"Say how it is to be read, as with --{each.option} {own}.",
            )
    return one


def map_classified(
    classifier: Classifier,
    texts: Texts,
    use: Callable[[ClassifiedRecords], Result],
    *,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> Iterator[Result]:
    """What `use` makes of each block of the records of the texts, in order; it is called in threads."""

    def work(block: RecordBlock) -> Result:
        found = classifier.classify(block)
        tokens(int(found.tokens.sum()))
        return use(found)

    blocks = read_records(texts, classifier.settings, reading)
    yield from map_in_order(work, blocks, resources.workers if classifier.independent_blocks else 1)


def classify_records(
    models: Mapping[str, Model],
    texts: Texts,
    *,
    priors: Mapping[str, float] | None = None,
    settings: TextSettings | None = None,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> Iterator[ClassifiedRecords]:
    """The records of the texts, block by block, with the probability of each class, and the most probable one.

    models: by the names of the classes. priors, settings, errors: see `Classifier`. reading, resources: see `map_scores`.

    >>> models = {"fr": lmkit.load("fr.safetensors"), "en": lmkit.load("en.safetensors")}
    >>> for found in lmkit.classify_records(models, "corpus.txt"):
    ...     print(found.classes, found.posteriors)
    """
    classifier = Classifier(models, priors, settings)
    yield from map_classified(classifier, texts, lambda found: found, reading=reading, resources=resources)
