"""A folder of GPT-2's shape as a model of lmkit: one that lmkit wrote comes back as it was, others with the tokenizer that they have."""

import os
from pathlib import Path

import numpy as np

from lmkit.engine.files.mapped import Buffer
from lmkit.engine.files.own_files import Fields, check_version, damage_told
from lmkit.engine.files.tensors import array_of, parse_json, tensors_listed
from lmkit.errors import DataError, UsageError
from lmkit.neural.architectures.table import choices_of
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.embeddings import TABLE
from lmkit.neural.exchange.config import shape_in
from lmkit.neural.exchange.exporting import CONFIG, OWN, PREFIX, TOKENIZER, WEIGHTS, digest_of
from lmkit.neural.exchange.foreign import Rows, foreign_rows
from lmkit.neural.exchange.token_names import words_of
from lmkit.neural.files import model_in, parameters_in
from lmkit.neural.model import NeuralModel
from lmkit.neural.parameters import Parameters
from lmkit.text.settings import TextSettings
from lmkit.text.stored_words import stored_words
from lmkit.text.vocabulary import Vocabulary

TIED = "lm_head.weight"
ELSEWHERE = {"imported": "gpt2"}  # what is known of how a model was trained that another program wrote
NEEDS_WEIGHTS = 'In transformers: model.save_pretrained(folder, max_shard_size="100GB") writes it, as one file.'
NEEDS_TOKENIZER = "AutoTokenizer.from_pretrained(…).save_pretrained(…) writes it for most tokenizers."


def import_gpt2(folder: str | os.PathLike[str]) -> NeuralModel:
    """The model in a folder of GPT-2's shape: config.json, model.safetensors (32 bits), tokenizer.json.

    Of a folder that `export_gpt2` wrote, the model as it was. Of others: the row of the token that ends a text is that of </s>, the row
    of the token that begins one that of <s> (often one and the same), and that of the unknown token that of <unk>. DataError for
    what is missing, damaged, or of another shape; a ModelWarning for rows that have no token, and for <unk> where the folder has none.
    """
    place = Path(folder)
    if not place.is_dir():
        raise DataError(
            f"{place}: {'this is a file, and a folder is needed' if place.exists() else 'there is no such folder'}.",
            "Name a folder with config.json, model.safetensors and tokenizer.json.",
        )
    config = json_in(place, CONFIG)
    with damage_told(str(place / CONFIG)):
        shape = shape_in(config, str(place / CONFIG))
        types = int(config["vocab_size"])
    data = bytes_in(place, WEIGHTS, NEEDS_WEIGHTS)
    parameters = gpt2_parameters(data, shape, types, str(place / WEIGHTS))
    if (place / OWN).exists():
        return own_model(place, parameters, shape)
    rows = foreign_rows(
        config, bytes_in(place, TOKENIZER, NEEDS_TOKENIZER).decode("utf-8", "replace"), types, str(place)
    )
    return NeuralModel(rows.vocabulary, rows.settings, shape, taken(parameters, shape, rows), ELSEWHERE)


def own_model(place: Path, parameters: Parameters, shape: TransformerShape) -> NeuralModel:
    """The model in a folder that lmkit wrote. DataError if its other files are not those that lmkit wrote."""
    said = json_in(place, OWN)
    with damage_told(str(place / OWN)):
        check_version(said, str(place / OWN))
        settings = TextSettings.from_dict(said["settings"])
    words = words_of(numbered_tokens(json_in(place, TOKENIZER), place), settings)
    try:
        model = model_in(dict(parameters.views) | stored_words(Vocabulary.from_words(words)), said)
        check_heads(model, shape.heads)
        same = said["parameters"] == digest_of(parameters)
    except (LookupError, ValueError, TypeError, UsageError) as error:
        raise DataError(
            f"{place}: {OWN} and the other files do not belong together ({error}).",
            f"Without {OWN}, the folder is read as any other of GPT-2's shape.",
        ) from None
    return model if same else NeuralModel(model.vocabulary, settings, model.shape, model.parameters, ELSEWHERE)


def check_heads(model: NeuralModel, heads: int) -> None:
    """ValueError unless a model has so many heads, which its parameters do not show."""
    if choices_of(model.shape)["heads"] != heads:
        raise ValueError(f"{heads} heads are those of another model")


def numbered_tokens(tokenizer: Fields, place: Path) -> list[str]:
    """(types,) the tokens of tokenizer.json by number."""
    with damage_told(str(place / TOKENIZER)):
        listed = tokenizer["model"]["vocab"]
        numbers = listed if isinstance(listed, dict) else {token: n for n, (token, _) in enumerate(listed)}
        return sorted(numbers, key=numbers.__getitem__)


def gpt2_parameters(data: Buffer, shape: TransformerShape, types: int, name: str) -> Parameters:
    """The parameters of this shape in the bytes of a safetensors file. DataError for those of other shapes, or not of 32 bits."""
    with damage_told(name):
        start, entries, _ = tensors_listed(data)
        prefix = PREFIX if f"{PREFIX}{TABLE}" in entries else ""
        shapes = shape.shapes(types)
        missing = [key for key in shapes if prefix + key not in entries]
        others = sorted({str(entries[prefix + key]["dtype"]) for key in shapes if key not in missing} - {"F32"})
    if missing:
        raise DataError(
            f"{name}: {len(missing)} of {len(shapes)} arrays of GPT-2 are missing, the first is {prefix}{missing[0]}.",
            "Is it a model of several files, an adapter, or of another architecture? A whole model in one file is needed.",
        )
    if others:
        raise DataError(
            f"{name}: the parameters are of the type {', '.join(others)}, and lmkit's are of 32 bits (F32).",
            "In transformers: model.float().save_pretrained(folder).",
        )
    with damage_told(name):
        arrays = {key: array_of(data, start, key, entries[prefix + key]) for key in shapes}
        if TIED in entries:
            head = array_of(data, start, TIED, entries[TIED])
            if not np.array_equal(head, arrays[TABLE]):
                raise ValueError(f"{TIED} is not {TABLE}, and config.json says that they are tied")
        return parameters_in(arrays, shapes)


def taken(parameters: Parameters, shape: TransformerShape, rows: Rows) -> Parameters:
    """The parameters with the rows of the embeddings in the order of the vocabulary."""
    found = Parameters(shape.shapes(len(rows.vocabulary)))
    for name, view in found.views.items():
        if name != TABLE:
            view[...] = parameters[name]
    found[TABLE][...] = parameters[TABLE][rows.places]
    rows.give_unknown(found)
    return found


def json_in(place: Path, name: str) -> Fields:
    """The JSON object in a file of the folder. DataError if there is none."""
    data = bytes_in(
        place, name, "It is a folder as save_pretrained of transformers, or `lmkit neural export`, writes it."
    )
    with damage_told(str(place / name)):
        return dict(parse_json(data.decode()).items())  # of an object; nothing else has items


def bytes_in(place: Path, name: str, remedy: str) -> bytes:
    """The bytes of a file of the folder. DataError if there is no such file."""
    try:
        return (place / name).read_bytes()
    except OSError as error:
        raise DataError(f"{place}: cannot read {name} ({error.strerror or error}).", remedy) from None
