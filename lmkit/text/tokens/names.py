"""What people may give as the name of a tokenizer: a word tokenizer, a unit, the file of a subword tokenizer."""

import os
from collections.abc import Mapping
from typing import Any

from lmkit.engine.remote.names import place_from
from lmkit.errors import UsageError
from lmkit.text.setting_fields import not_among
from lmkit.text.settings import UNITS
from lmkit.text.tokens.registry import TOKENIZERS


def is_tokenizer_file(name: str) -> bool:
    """Whether the name of a tokenizer is that of a file: it ends in .json or .model, or has a folder in it."""
    return name.lower().endswith((".json", ".json.gz", ".model")) or "/" in name or os.sep in name


def without_names(wanted: Mapping[str, Any], folder: str | os.PathLike[str] = "") -> dict[str, Any]:
    """The settings that are wanted (None: not), as `TextSettings` has them: what a tokenizer is called is read, as a file if it is one.

    folder: of relative files. UsageError for a name that is none, and for a unit that is not that of the tokenizer; DataError for a file
    that is no tokenizer.
    """
    asked = {name: value for name, value in wanted.items() if value is not None}
    if "tokenizer" not in asked or asked.get("tokenizer_json"):
        return asked
    found = meaning(asked["tokenizer"], folder)
    if asked.get("unit", found["unit"]) != found["unit"]:
        raise UsageError(
            f"tokenizer {asked['tokenizer']} and unit {asked['unit']} contradict each other.", "Leave one of them out."
        )
    del asked["tokenizer"]
    return found | asked


def meaning(name: object, folder: str | os.PathLike[str]) -> dict[str, Any]:
    """The settings that a name stands for."""
    if isinstance(name, str):
        if name in UNITS:
            return {"unit": name}
        if name in TOKENIZERS:
            return {"unit": "word", "tokenizer": name}
        if is_tokenizer_file(name):
            from lmkit.text.tokens.subwords.tokenizer import read_tokenizer

            read = read_tokenizer(place_from(folder, name))
            return read.defaults | {"unit": "word", "tokenizer": read.name, "tokenizer_json": read.json}
    raise UsageError(not_among("tokenizer", name, (*TOKENIZERS, *UNITS), others=", or a .json or .model file"))
