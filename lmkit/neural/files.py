"""Neural models as files of lmkit's own: parameters by name, words, and what was chosen."""

from typing import BinaryIO

import numpy as np

from lmkit.engine.files.mapped import Buffer
from lmkit.engine.files.own_files import Fields, Tensors, damage_told, described, write_own_file
from lmkit.neural.architectures.table import ARCHITECTURES, choices_of
from lmkit.neural.model import NeuralModel
from lmkit.neural.parameters import Parameters, Shapes
from lmkit.text.settings import TextSettings
from lmkit.text.stored_words import stored_words, vocabulary_in

KIND = "neural"
LARGEST = 1e4  # parameter: trained ones are below 100, and products of larger ones leave single precision
CHECKPOINT = "a checkpoint of training"  # what lies beside it meanwhile


def write_neural(model: NeuralModel, stream: BinaryIO) -> None:
    """Write a model, whatever the stream is."""
    write_own_file(
        dict(model.parameters.views) | stored_words(model.vocabulary), {"kind": KIND} | said_of(model), stream
    )


def said_of(model: NeuralModel) -> Fields:
    """What is said of a model in files; JSON values."""
    return {
        "architecture": model.method,
        "shape": choices_of(model.shape),
        "settings": model.settings.as_dict(),
        "details": dict(model.details),
    }


def read_neural(data: Buffer, name: str) -> NeuralModel:
    """The model in the bytes of a file; the words stay in the buffer. DataError for a file that is damaged, or of a newer format."""
    with damage_told(name):
        return model_in(*described(data, name))


def model_in(tensors: Tensors, said: Fields) -> NeuralModel:
    """The model in the arrays of a file, and what is said of it. LookupError, ValueError or UsageError for what does not fit."""
    vocabulary = vocabulary_in(tensors)
    shape = ARCHITECTURES[said["architecture"]].shape(**said["shape"])
    parameters = parameters_in(tensors, shape.shapes(len(vocabulary)))
    settings = TextSettings.from_dict(said["settings"])
    return NeuralModel(vocabulary, settings, shape, parameters, dict(said["details"]))


def parameters_in(tensors: Tensors, shapes: Shapes) -> Parameters:
    """The parameters of these shapes, by name, in the arrays of a file. LookupError or ValueError for others."""
    for name, shape in shapes.items():
        if tensors[name].shape != shape or tensors[name].dtype != np.float32:
            raise ValueError(f"{name} is not {shape} numbers of 32 bits")
    parameters = Parameters(shapes)
    for name, view in parameters.views.items():
        view[...] = tensors[name]
    if not np.isfinite(parameters.vector).all():
        raise ValueError("there are parameters that are no finite numbers")
    if len(parameters) and max(parameters.vector.max(), -parameters.vector.min()) > LARGEST:
        raise ValueError(f"there are parameters beyond {LARGEST:,.0f}, which no training gives")
    return parameters
