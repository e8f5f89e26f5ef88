"""What is in a file of a neural model, as figures."""

from typing import Any

from lmkit.neural.architectures.table import choices_of
from lmkit.neural.model import NeuralModel
from lmkit.text.vocabulary import FIRST_WORD


def describe_neural(model: NeuralModel) -> dict[str, Any]:
    """The architecture, its sizes, its parameters, the vocabulary without the marks, how it was trained, and the signature; JSON values only."""
    return {
        "kind": "neural model",
        "architecture": model.method,
        "title": model.shape.title,
        **choices_of(model.shape),
        "parameters": len(model.parameters),
        "vocabulary": len(model.vocabulary) - FIRST_WORD,
        "training": dict(model.details),
        "signature": model.signature(),
    }
