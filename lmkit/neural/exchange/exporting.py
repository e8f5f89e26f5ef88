"""A transformer as a folder that `transformers` opens by AutoModelForCausalLM and AutoTokenizer: GPT-2's names and shapes."""

import hashlib
import json
import os
from typing import Any

from lmkit.engine.files.outputs import whole_file, whole_folder
from lmkit.engine.files.own_files import FORMAT_VERSION
from lmkit.engine.files.tensors import write_tensors
from lmkit.errors import DataError
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.exchange.config import config_of, generation_of
from lmkit.neural.exchange.tokenizer_files import tokenizer_of, tokenizer_settings
from lmkit.neural.files import said_of
from lmkit.neural.model import NeuralModel
from lmkit.neural.parameters import Parameters
from lmkit.text.settings import refuse_without_marks
from lmkit.version import __version__

WEIGHTS, CONFIG, TOKENIZER = "model.safetensors", "config.json", "tokenizer.json"
OWN = "lmkit.json"  # what lmkit says of the model, and transformers does not look at
PREFIX = "transformer."  # of the names of parameters


def export_gpt2(model: NeuralModel, folder: str | os.PathLike[str]) -> None:
    """Write a transformer as a folder of GPT-2's shape: parameters, settings, and a tokenizer that gives the same ids.

    The folder appears whole or not at all; one written before is replaced. Logits are those of lmkit; its softmax leaves <s> out, which
    is never predicted, and that of GPT-2 does not: the folder tells `generate` so. DataError for a model of another architecture, and
    for a tokenizer that tokenizer.json cannot hold; a ModelWarning for text that has to be cut first.
    """
    shape = model.shape
    if not isinstance(shape, TransformerShape):
        raise DataError(
            f"the model is a {model.shape.title}, and transformers has no such model: only transformers have the shape of GPT-2.",
            "Train one with --architecture transformer.",
        )
    refuse_without_marks(model.settings, "a folder of GPT-2's shape needs")
    texts = {
        TOKENIZER: tokenizer_of(model.vocabulary, model.settings),
        "tokenizer_config.json": tokenizer_settings(model.vocabulary, model.settings, shape.context),
        CONFIG: config_of(shape, len(model.vocabulary)),
        "generation_config.json": generation_of(),
        OWN: {"format_version": FORMAT_VERSION, "version": __version__}
        | {"parameters": digest_of(model.parameters)}
        | said_of(model),
    }
    with whole_folder(folder, {WEIGHTS, *texts}) as place:
        for name, content in texts.items():
            with whole_file(place / name) as stream:
                stream.write(as_text(content))
        with whole_file(place / WEIGHTS) as stream:
            arrays = {PREFIX + name: view for name, view in model.parameters.views.items()}
            write_tensors(arrays, {"format": "pt"}, stream)


def digest_of(parameters: Parameters) -> str:
    """What tells parameters that lmkit wrote from those that have learned elsewhere since."""
    return hashlib.sha256(parameters.vector.data).hexdigest()


def as_text(content: Any) -> bytes:
    """A JSON file for people, too."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
