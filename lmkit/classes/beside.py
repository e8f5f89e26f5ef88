"""The class model beside a model of words: of the same counts, and smoothed alike."""

from collections.abc import Callable
from typing import Any

from lmkit.classes.counting import class_counts
from lmkit.classes.model import ClassModel
from lmkit.classes.word_classes import WordClasses
from lmkit.engine.resources import Resources
from lmkit.errors import DataError
from lmkit.ngrams.backoff.family import is_of_ngrams
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.recounting import counts_in
from lmkit.signature import stated
from lmkit.smoothing.registry import smoothing_called, smoothings

DEFAULT = "kneser-ney"  # where counts are given, and no smoothing with them
REMEDY = "Give a model that lmkit made of text, and that keeps its counts, or make the class model of the text: lmkit ngram train --classes."


def class_model_beside(
    model: NgramModel | NgramCounts, classes: WordClasses, resources: Resources = Resources()
) -> ClassModel:
    """The class model of the counts that a model of words keeps, with the smoothing of that model; of counts, with Kneser–Ney smoothing.

    Discounts and weights that depend on counts are estimated anew. Words without a class are <unk>. DataError for a model that keeps no counts.
    """
    if not is_of_ngrams(model):
        raise DataError(f"a class model is made of counts of words, and {model.method} models keep none.", REMEDY)
    if isinstance(model, NgramCounts):
        return smoothed(DEFAULT, model, classes, {}, resources)
    made = smoothing_called(model.smoothing)
    try:
        counts = counts_in(model, "the model")
    except DataError as error:
        raise DataError(error.message, REMEDY) from None
    if made is None:
        return smoothed(DEFAULT, counts, classes, {}, resources)
    row = made[0]  # in its first form: others keep no counts
    told: dict[str, Any] = {option.field: stated(model.details, option.field) for option in row.flags.values()}
    told = {name: value for name, value in told.items() if type(value) in (int, float)}
    return smoothed(row.name, counts, classes, told, resources)


def smoothed(
    name: str, counts: NgramCounts, classes: WordClasses, told: dict[str, Any], resources: Resources
) -> ClassModel:
    """The class model of counts of words, with a smoothing of this name that is told so."""
    of_classes = class_counts(counts, classes, resources=resources)
    estimate: Callable[..., Any] = smoothings()[name].estimate
    model: ClassModel = estimate(of_classes, **told, resources=resources)
    return model
