"""Recipes as files: JSON that people read and edit, told by its first key, which holds the version of the format.

JSON, because every program reads it, floats come back to the last bit, and names of files in any script need no rules of their own; the name
ends in .recipe.json, so that editors color it, and no other JSON file is taken for one. Unknown keys are refused, not passed over:
a key that a later lmkit writes may change the figures.

    {
      "lmkit_recipe": 1,
      "lmkit_version": "0.2.0",
      "tuned_on": {"text": "dev.txt", "perplexity": 87.3, "tokens": 10412},
      "components": [
        {"file": "kn.safetensors", "weight": 0.6, "sha256": "…", "bytes": 81234, "method": "kneser-ney"},
        {"file": "/models/news.bin", "weight": 0.4, "sha256": "…", "bytes": 99120, "method": "kenlm-probing"}
      ]
    }

Format 2 has components that are in no file of a model, and weights that depend on the history, before the components; it is written where they are:

        {"cache": 1000, "weight": 0.08, "decay": 0.0}
        {"classes": "c300.tsv", "weight": 0.3, "sha256": "…", "bytes": 81234}
        {"uniform": true, "weight": 0.001}

      "weights_by": {"kind": "length", "buckets": {"0": {"weights": [0.3, 0.7], "tokens": 812}, …}}
"""

import json
import math
import mmap
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

from lmkit.errors import DataError
from lmkit.recipes.components import COMPONENTS as COMPONENT_TYPES
from lmkit.recipes.components import Component, ComponentType, FileComponent, UniformComponent
from lmkit.recipes.recipe import FilePath, Recipe, RecipeMixture, TunedOn, check_files
from lmkit.scoring.bucketing.buckets import BucketWeights
from lmkit.scoring.bucketing.kinds import KINDS
from lmkit.text.sources.recognition import RECIPE_KEY
from lmkit.version import __version__

KIND = "recipe"  # among what files hold
FORMAT_VERSION = 2  # the latest
ENCODING = "utf-8", "surrogateescape"  # names of files need not be UTF-8
TUNED_ON, COMPONENTS, VERSION = "tuned_on", "components", "lmkit_version"
WEIGHTS_BY, BUCKETS = "weights_by", "buckets"
IN_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list"}
REMEDY = "Write it again with `lmkit ngram mix --to recipe`, or correct it by hand: it is JSON."


@dataclass(frozen=True)
class BucketRow:
    """What is said of a bucket."""

    weights: list  # type: ignore[type-arg]  # the type itself is looked at
    tokens: int


def write_recipe(
    recipe: Recipe | RecipeMixture, stream: BinaryIO, _suffix: str = "", *, place: FilePath | None = None
) -> None:
    """Write a recipe, or that of a mixture, into the stream of the file at this place (default: one in the working directory).

    DataError for models that are no files; UsageError if the place is that of one of them.
    """
    recipe = recipe.recipe if isinstance(recipe, RecipeMixture) else recipe
    check_files([part.file for part in recipe.parts if part.file], place)
    folder = Path() if place is None else Path(place).parent
    said = {RECIPE_KEY: recipe.format, VERSION: __version__} | recipe.for_folder(folder).as_dict()
    stream.write((json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode(*ENCODING))


def read_recipe(data: bytes | mmap.mmap, name: str) -> Recipe:
    """The recipe in the bytes of a file. DataError for a newer format, for what is no JSON, and for what lacks something or has too much."""
    try:
        said = json.loads(bytes(data).decode(*ENCODING).removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise wrong(name, f"it is no JSON: {error}") from None
    version = said.pop(RECIPE_KEY)
    if type(version) is not int or version < 1:
        raise wrong(name, f"there is no format {json.dumps(version)}")
    written_by = said.pop(VERSION, "(unknown)")
    if version > FORMAT_VERSION:
        raise DataError(
            f"{name}: written by lmkit {written_by} in format {version} of recipes; lmkit {__version__} reads formats up to {FORMAT_VERSION}.",
            "Upgrade lmkit.",
        )
    tuned_on, components = said.pop(TUNED_ON, None), said.pop(COMPONENTS, None)
    by = said.pop(WEIGHTS_BY, None) if version > 1 else None
    refuse_others(said, name, "it", version)
    if not isinstance(components, list) or not components:
        raise wrong(name, f'"{COMPONENTS}" is no list of models')
    titles = [f"component {number}" for number, _ in enumerate(components, start=1)]
    listed = tuple(component_of(each, name, title, version) for each, title in zip(components, titles, strict=True))
    tuned = None if tuned_on is None else TunedOn(**checked(TunedOn, tuned_on, name, TUNED_ON, version))
    buckets = None if by is None else bucket_weights(by, name, len(listed), version)
    return Recipe(listed, tuned, name=name, lmkit_version=str(written_by), weights_by=buckets)


def component_of(said: Any, name: str, title: str, version: int) -> Component:
    """A component of a recipe of this version of the format. DataError if its weight is none."""
    component = kind_of(said, version)(**checked(kind_of(said, version), said, name, title, version))
    if not 0 < component.weight < math.inf:
        raise wrong(name, f"{title} has the weight {component.weight:g}, which must be above 0")
    if isinstance(component, UniformComponent) and not component.uniform:
        raise wrong(name, f'{title} has "uniform" that is false')
    return component


def kind_of(said: Any, version: int) -> ComponentType:
    """Which kind of component a JSON value is, by the key that only it has; a model in a file, if nothing else."""
    if version > 1 and isinstance(said, dict):
        return next((kind for kind in COMPONENT_TYPES if kind.kind in said), FileComponent)
    return FileComponent


def bucket_weights(said: Any, name: str, models: int, version: int) -> BucketWeights:
    """The weights by bucket of a recipe of so many models. DataError for what is none; whether they sum to 1 is seen when they are mixed."""
    if not isinstance(said, dict) or said.get("kind") not in KINDS or not isinstance(said.get(BUCKETS), dict):
        kinds = ", ".join(map(json.dumps, KINDS))
        raise wrong(name, f'"{WEIGHTS_BY}" is no object with a "kind" ({kinds}) and "{BUCKETS}"')
    others = {key: said[key] for key in said if key not in ("kind", BUCKETS)}
    refuse_others(others, name, f'"{WEIGHTS_BY}"', version)
    weights, tokens = {}, {}
    for bucket, row in said[BUCKETS].items():
        title = f"the bucket {json.dumps(bucket, ensure_ascii=False)}"
        found = checked(BucketRow, row, name, title, version)
        if len(found["weights"]) != models or not all(map(is_weight, found["weights"])):
            listed = json.dumps(found["weights"], ensure_ascii=False)
            raise wrong(name, f"{title} has the weights {listed}, and not {models} numbers above 0")
        weights[bucket], tokens[bucket] = tuple(map(float, found["weights"])), found["tokens"]
    return BucketWeights(said["kind"], weights, tokens)


def is_weight(value: Any) -> bool:
    """Whether a JSON value can be a weight."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


def checked(kind: type, said: Any, name: str, title: str, version: int) -> dict[str, Any]:
    """The values of a JSON object that are the fields of a dataclass. DataError for others, and for some that are missing or of another type."""
    if not isinstance(said, dict):
        raise wrong(name, f"{title} is {json.dumps(said, ensure_ascii=False)}, and no object")
    found = {}
    wanted_fields = dict(typed_fields(kind))
    others = {key: said[key] for key in said if key not in wanted_fields}
    for field_name, wanted in wanted_fields.items():
        if field_name not in said:
            refuse_others(others, name, title, version)
            raise wrong(name, f'{title} has no "{field_name}"')
        value = said[field_name]
        if isinstance(value, bool) != (wanted is bool) or not isinstance(
            value, int | float if wanted is float else wanted
        ):
            raise wrong(
                name,
                f'"{field_name}" of {title} is {json.dumps(value, ensure_ascii=False)}, and not {IN_WORDS[wanted]}',
            )
        try:
            found[field_name] = wanted(value)
        except OverflowError:
            raise wrong(name, f'"{field_name}" of {title} is a number too large') from None
    refuse_others(others, name, title, version)
    return found


def typed_fields(kind: type) -> Iterator[tuple[str, type]]:
    """The fields of a dataclass of texts and numbers, with their types."""
    return ((field.name, field.type) for field in fields(kind) if isinstance(field.type, type))


def refuse_others(others: dict[str, Any], name: str, title: str, version: int) -> None:
    """DataError for keys that no recipe has, as far as this lmkit knows."""
    if others:
        listed = ", ".join(map(json.dumps, others))
        raise DataError(
            f"{name}: {title} has {listed}, which recipes of format {version} have not.",
            "Correct the name, or upgrade lmkit, if a later one wrote it.",
        )


def wrong(name: str, problem: str) -> DataError:
    """The error for a recipe that cannot be read."""
    return DataError(f"{name}: the recipe cannot be read: {problem}.", REMEDY)
