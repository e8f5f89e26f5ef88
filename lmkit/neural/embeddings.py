"""The embeddings of a model as rows of words."""

from typing import Any

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.errors import DataError
from lmkit.neural.architectures.table import choices_of
from lmkit.neural.model import NeuralModel
from lmkit.text.vocabulary import FIRST_WORD, Vocabulary

TABLE = "wte.weight"


def word_embeddings(model: NeuralModel) -> tuple[Vocabulary, FloatArray]:
    """The words without marks, in the order of the vocabulary, and (words, d) their rows. DataError for a model without embeddings or words."""
    if TABLE not in model.parameters:
        raise DataError(
            f"the model is a {model.shape.title}, which has no embeddings.",
            "Take a feed-forward model or a transformer; `lmkit vectors successors` makes vectors of what follows each word.",
        )
    if len(model.vocabulary) == FIRST_WORD:
        raise DataError("the model knows no word but the marks <s>, </s> and <unk>.", "Train it on a text.")
    return model.vocabulary.taken(np.arange(FIRST_WORD, len(model.vocabulary))), model.parameters[TABLE][FIRST_WORD:]


def made_by(model: NeuralModel) -> dict[str, Any]:
    """The settings that made them, for signatures: those of the model."""
    choices = {name: value for name, value in choices_of(model.shape).items() if name != "dimensions"}
    return choices | dict(model.details) | model.settings.for_signature()
