"""config.json of GPT-2: what shape a transformer has, and the little of it that lmkit's can be."""

from typing import Any

from lmkit.errors import DataError
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.functions.layer_norm import EPSILON
from lmkit.text.vocabulary import BOS, EOS

Fields = dict[str, Any]

CLASS = "GPT2LMHeadModel"
GELU = ("gelu_new", "gelu_pytorch_tanh")  # names of the one with tanh
ALLOWED: dict[str, tuple[Any, ...]] = {  # what else may stand in a config, the default first
    "activation_function": GELU,
    "layer_norm_epsilon": (EPSILON,),
    "tie_word_embeddings": (True,),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
}


def config_of(shape: TransformerShape, types: int) -> Fields:
    """The content of config.json."""
    return {
        "model_type": "gpt2",
        "architectures": [CLASS],
        "vocab_size": types,
        "n_positions": shape.context,
        "n_ctx": shape.context,
        "n_embd": shape.dimensions,
        "n_layer": shape.layers,
        "n_head": shape.heads,
        "n_inner": 4 * shape.dimensions,
        **{name: values[0] for name, values in ALLOWED.items()},
        **dict.fromkeys(("attn_pdrop", "embd_pdrop", "resid_pdrop"), 0.0),
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "pad_token_id": EOS,
        "dtype": "float32",
    }


def generation_of() -> Fields:
    """The content of generation_config.json: <s> is never said, as lmkit's softmax leaves it out."""
    return {"bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": EOS, "suppress_tokens": [BOS]}


def shape_in(config: Fields, name: str) -> TransformerShape:
    """The shape that a config.json (name) describes. DataError for what lmkit's transformer is not; KeyError and the like for none."""
    kind = config["model_type"]
    if kind != "gpt2":
        raise DataError(
            f"{name}: the model is of the type {kind}, and lmkit's transformer has the shape of GPT-2 (gpt2).",
            "Other architectures stay in the library that they are from.",
        )
    width, inner = config["n_embd"], config.get("n_inner")
    wrong = [
        f"{key} is {config[key]!r}, where lmkit has {values[0]!r}"
        for key, values in ALLOWED.items()
        if config.get(key, values[0]) not in values
    ]
    if inner not in (None, 4 * width):
        wrong.append(f"n_inner is {inner}, where lmkit has 4 · n_embd = {4 * width}")
    if wrong:
        raise DataError(
            f"{name}: {'; '.join(wrong)}.",
            "A model of GPT-2's shape with other settings is not the same function: train one with these.",
        )
    return TransformerShape(width, config["n_layer"], config["n_head"], config["n_positions"])
