"""What a recipe is: the components of a mixture, each with its weight, and what the weights were tuned on.

A mixture of models of several families fits in no file of one of them, and a copy of all would be large and soon out of date. So a
recipe names their files, and the digest of each says which figures are meant.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lmkit.engine.remote.names import is_remote, place_from
from lmkit.engine.shards.places import standing_for
from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line
from lmkit.recipes.components import (
    CACHE,
    CLASSES,
    FILE,
    UNIFORM,
    CacheComponent,
    ClassesComponent,
    Component,
    FileComponent,
    Part,
    UniformComponent,
)
from lmkit.recipes.grammar import parse_component
from lmkit.scoring.bucketing.buckets import BucketWeights
from lmkit.scoring.caching import CacheModel
from lmkit.scoring.mixture import Mixture, checked_weights, mixture
from lmkit.scoring.protocol import Model
from lmkit.scoring.uniform import UniformModel
from lmkit.text.sources.names import is_file, source_name
from lmkit.text.sources.opening import not_opened
from lmkit.version import __version__

FilePath = str | os.PathLike[str]


@one_line
@dataclass(frozen=True)
class TunedOn:
    """The text that the weights of a recipe make most probable."""

    text: str  # its name
    perplexity: float
    tokens: int  # that some component gives a probability


@one_line
@dataclass(frozen=True)
class Recipe:
    """The components of a mixture. `lmkit.load` opens it; `lmkit.save` writes it."""

    components: tuple[Component, ...]
    tuned_on: TunedOn | None = None
    name: str = "the recipe"  # what it is called in messages
    place: Path | None = None  # the file that it was read from; None: paths start from the working directory
    lmkit_version: str = __version__  # that wrote it
    weights_by: BucketWeights | None = None  # one weight for each component, after the histories in some buckets

    @property
    def folder(self) -> Path:
        """Where its paths start from."""
        return Path() if self.place is None else self.place.parent

    @property
    def parts(self) -> list[Part]:
        """What is mixed, with the paths of files from here."""
        return [component.moved(lambda file: place_from(self.folder, file)).part for component in self.components]

    @property
    def format(self) -> int:
        """The first version of the format that has all that it says."""
        plain = self.weights_by is None and all(isinstance(component, FileComponent) for component in self.components)
        return 1 if plain else 2

    def for_folder(self, folder: Path) -> "Recipe":
        """The recipe as it is written in a folder: paths below it are relative to it, all others absolute."""
        moved = (component.moved(lambda file: path_from(folder, self.folder / file)) for component in self.components)
        return replace(self, components=tuple(moved), place=None)

    def as_dict(self) -> dict[str, Any]:
        """The recipe as JSON values, the version of lmkit left out."""
        told = {"tuned_on": asdict(self.tuned_on)} if self.tuned_on else {}
        by = {} if self.weights_by is None else {"weights_by": self.weights_by.as_dict()}
        return told | by | {"components": [asdict(component) for component in self.components]}


@dataclass(frozen=True, eq=False)
class RecipeMixture(Mixture):
    """The mixture of a recipe. A component that is a mixture itself is there with its models."""

    recipe: Recipe

    @property
    def about(self) -> dict[str, Any]:
        """The components, and what their weights were tuned on; JSON values only."""
        told = self.recipe.as_dict()
        numbered = {f"component_{number}": each for number, each in enumerate(told.pop("components"), start=1)}
        by = told.pop("weights_by", None)
        if by is None:
            return numbered | told
        return (
            numbered
            | told
            | {"weights_by": by["kind"]}
            | {f"bucket_{name}": row for name, row in by["buckets"].items()}
        )


def recipe(
    models: Sequence[Model],
    files: Sequence[FilePath],
    weights: Sequence[float] | None = None,
    *,
    by: BucketWeights | None = None,
    tuned_on: TunedOn | None = None,
) -> Recipe:
    """The recipe of the mixture of these models, which the files hold, with equal weights if none are given.

    files: also names of other components, cache, cache:1000,decay=0.005, classes:FILE, uniform, of models that are that. by: other weights, after the
    histories in some buckets. A model may be the mixture of a recipe. UsageError for weights, and DataError for models, that make no mixture (see
    `lmkit.mixture`), and for what is no file.
    """
    if len(files) != len(models):
        raise UsageError(f"there are {len(models)} models and {len(files)} files of them.")
    parts = [named_part(file) for file in files]
    check_files([part.file for part in parts if part.file])
    mixture(models, weights, by=by)  # refuses what cannot be mixed
    shares = checked_weights(len(models), weights)
    components = [component_of(*each) for each in zip(parts, models, shares, strict=True)]
    return Recipe(tuple(components), tuned_on, weights_by=by)


def named_part(file: FilePath) -> Part:
    """What a file is in a mixture, or a name of another component. UsageError for a weight in the name."""
    if not isinstance(file, str):
        return Part(FILE, os.fspath(file))
    named = parse_component(file)
    if named.weight is not None:
        raise UsageError(f"{file} has a weight in its name.", "Weights of recipes are given together, in a list.")
    return named.part


def component_of(part: Part, model: Model, weight: float) -> Component:
    """The component of a model that is this part of a mixture. UsageError for a model that is another one."""
    if part.kind == CACHE:
        if not isinstance(model, CacheModel) or part.size not in (None, model.size):
            raise UsageError(f"{part.name} is the name of a model that is none such ({model.method}).")
        return CacheComponent(model.size, weight, model.decay)
    if part.kind == UNIFORM:
        if not isinstance(model, UniformModel):
            raise UsageError(f"{part.name} is the name of a model that is none such ({model.method}).")
        return UniformComponent(True, weight)
    path = Path(os.path.abspath(part.file))  # noqa: PTH100 (links stay as they are)
    size, digest = size_and_digest(path)
    if part.kind == CLASSES:
        return ClassesComponent(path.as_posix(), weight, digest, size)
    return FileComponent(path.as_posix(), weight, digest, size, model.method)


def check_files(files: Sequence[FilePath], place: FilePath | None = None) -> None:
    """DataError for what no recipe can name: standard input, pipes; UsageError if it is to be written, at this place, over a file that it names."""
    for file in files:
        if is_remote(file):
            raise DataError(
                f"a recipe names the files of its models, and {source_name(file)} lies elsewhere.",
                "Copy it here, and name the copy.",
            )
        if file == "-" or not is_file(standing_for(file)):
            raise DataError(
                f"a recipe names the files of its models, and {source_name(file)} is none.",
                "Write the model to a file first.",
            )
        if place is not None and is_file(place) and Path(file).samefile(place):
            raise UsageError(
                f"the recipe {source_name(place)} would be written over a model that it names.",
                "Give it another name.",
            )


def size_and_digest(path: Path) -> tuple[int, str]:
    """The bytes of a file, and their SHA-256; of shards, those of their manifest, which has the digests of all. DataError if it cannot be read."""
    path = Path(standing_for(path))
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            return stream.tell(), digest
    except OSError as error:
        raise not_opened(path, error) from None


def path_from(folder: Path, path: Path) -> str:
    """A path as a recipe in a folder has it: relative if the file is there or below, else absolute."""
    there, here = (Path(os.path.abspath(each)) for each in (path, folder))  # noqa: PTH100 (links stay as they are)
    return (there.relative_to(here) if there.is_relative_to(here) else there).as_posix()
