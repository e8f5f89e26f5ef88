"""From components to the models that are mixed, and from a recipe to its mixture: each file is there, is the one that was meant, and holds a model."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from lmkit.classes.beside import class_model_beside
from lmkit.classes.files.reading import read_classes
from lmkit.engine.remote.names import is_remote
from lmkit.engine.resources import Resources
from lmkit.engine.shards.places import is_folder_of_shards, standing_for
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.recipes.components import CACHE, CLASSES, FILE, UNIFORM, ClassesComponent, FileComponent, Part
from lmkit.recipes.recipe import Recipe, RecipeMixture, size_and_digest
from lmkit.scoring.caching import WORDS, CacheModel
from lmkit.scoring.mixture import mixture
from lmkit.scoring.protocol import Model
from lmkit.scoring.uniform import UniformModel
from lmkit.scoring.word_maps import union
from lmkit.text.sources.names import is_file, source_name
from lmkit.text.sources.opening import HEAD_BYTES, open_source, read_bytes
from lmkit.text.sources.recognition import looks_like_model

Reader = Callable[[Path], Model | Recipe]  # of the file of a model, or of a recipe, which is not opened
SHOWN_DIGITS = 12  # of a digest, in messages
MOST_MODELS = 256  # of a mixture, with those of the recipes in it: each recipe that names another twice doubles them
SIZES = (200, 500, 1000, 2000, 5000)  # words of caches whose size is tuned


def opened_models(
    parts: Sequence[Part],
    read: Callable[[str], Model],
    *,
    first: Model | None = None,
    resources: Resources = Resources(),
) -> list[Model]:
    """The models of the parts of a mixture, the first of which is in a file. read: opens the file of a model; first: that of the first, if it is open.

    Classes are those of words that the counts of the first model have. Caches and `uniform` are over the words of all others together, and
    read text as these do: in a larger mixture, they keep the words that they have here, so that nothing changes in the scores of this one.
    """
    models = {0: read(parts[0].file) if first is None else first}
    models |= {place: read(part.file) for place, part in enumerate(parts) if part.kind == FILE and place}
    for place, part in enumerate(parts):
        if part.kind == CLASSES:
            models[place] = class_model(part.file, models[0], read, resources)
    others = [models[place] for place in sorted(models)]
    vocabulary, closed = union(others), all(model.closed for model in others)
    settings = next((model.settings for model in others if model.settings is not None), None)
    for place, part in enumerate(parts):
        if part.kind == CACHE:
            models[place] = CacheModel(
                vocabulary, WORDS if part.size is None else part.size, part.decay or 0.0, settings, closed
            )
        elif part.kind == UNIFORM:
            models[place] = UniformModel(vocabulary, settings, closed)
    return [models[place] for place in range(len(parts))]


def candidates(part: Part, model: Model) -> list[Model]:
    """What the model of a part may become when weights are tuned: caches of several sizes if its own is not said."""
    if isinstance(model, CacheModel) and part.size is None:
        return [replace(model, size=size) for size in SIZES]
    return [model]


def sized(part: Part, model: Model) -> Part:
    """A part with the size that a cache has."""
    return replace(part, size=model.size) if isinstance(model, CacheModel) and part.kind == CACHE else part


def class_model(file: str, first: Model, read: Callable[[str], Model], resources: Resources) -> Model:
    """The class model in a file, or the one that classes in a file make of the counts that the first model keeps. DataError if it keeps none."""
    if is_folder_of_shards(file):
        return read(file)
    with open_source(file) as source:
        if looks_like_model(read_bytes(source, HEAD_BYTES, source_name(file))):
            return read(file)
    try:
        classes = read_classes(file)
    except DataError as error:
        raise DataError(
            f"{CLASSES}:{error.message}",
            "In a mixture, nothing but its lines says what the file is: begin it with a line `word TAB class`, or write it anew as --class-format reads it.",
        ) from None
    try:
        return class_model_beside(cast(NgramModel, first), classes, resources)  # which refuses other models
    except DataError as error:
        raise DataError(f"{CLASSES}:{source_name(file)}: {error.message}", error.remedy) from None


def opened_mixture(recipe: Recipe, read: Reader, within: tuple[Path, ...] = ()) -> RecipeMixture:
    """The mixture of a recipe, and of the recipes in it. read: opens the files. within: the recipes that it is a part of.

    DataError for files that are missing, have changed, or cannot be mixed, for recipes that contain themselves, and for too many models.
    All files are looked at before the first is opened.
    """
    within = within if recipe.place is None else (*within, recipe.place)
    models = sum(part.kind != FILE for part in recipe.parts)
    refuse_many(recipe, len(recipe.parts))
    check_components(recipe, within)

    def opened(file: str) -> Model:
        nonlocal models
        value = read(Path(file))
        model = opened_mixture(value, read, within) if isinstance(value, Recipe) else value
        models += len(model.models) if isinstance(model, RecipeMixture) else 1
        refuse_many(recipe, models)
        return model

    try:
        weights = [component.weight for component in recipe.components]
        mixed = mixture(opened_models(recipe.parts, opened), weights, by=recipe.weights_by)
    except UsageError as error:  # of weights, which nobody has given now
        raise DataError(f"{recipe.name}: {error.message}", "Correct them: they stand in the recipe.") from None
    return RecipeMixture(mixed.models, mixed.weights, recipe, by=mixed.by)


def refuse_many(recipe: Recipe, models: int) -> None:
    """DataError if a recipe mixes more models than a mixture may have."""
    if models > MOST_MODELS:
        raise DataError(
            f"{recipe.name}: more than {MOST_MODELS} models are mixed.",
            "Mix fewer; a recipe that is named twice counts twice.",
        )


def check_components(recipe: Recipe, within: tuple[Path, ...]) -> None:
    """DataError if the first component of a recipe is in no file, and for files that are missing, are recipes that are being opened, or are not what they were."""
    if recipe.parts[0].kind != FILE:
        raise DataError(
            f"{recipe.name}: component 1 is {recipe.components[0].part.name}, and the first component is to be the file of a model.",
            "Put one of the others first.",
        )
    for number, (part, component) in enumerate(zip(recipe.parts, recipe.components, strict=True), start=1):
        if isinstance(component, FileComponent | ClassesComponent):
            title = f"component {number}, {source_name(component.part.file)},"
            if is_remote(part.file):
                raise DataError(
                    f"{recipe.name}: {title} lies elsewhere, and a recipe names files that are here.",
                    "Copy it here, and name the copy in the recipe.",
                )
            check_file(recipe, Path(part.file), (component.bytes, component.sha256), title, within)


def check_file(recipe: Recipe, path: Path, expected: tuple[int, str], title: str, within: tuple[Path, ...]) -> None:
    """DataError if the file of a component is missing, is a recipe that is being opened, or is not what it was. expected: its size and digest."""
    if not is_file(standing_for(path)):
        raise DataError(
            f"{recipe.name}: {title} is missing: there is no file {source_name(path.absolute())}.",
            "Put it there, or correct its path in the recipe: paths are absolute, or start from the folder of the recipe (of one from standard input, a pipe or elsewhere, from the working directory).",
        )
    if any(path.resolve() == other.resolve() for other in within):
        listed = " -> ".join(map(source_name, (*within, path)))
        raise DataError(
            f"{recipe.name}: {title} is a recipe that it is itself a part of: {listed}.",
            "Take it out of one of them.",
        )
    size, digest = size_and_digest(path)
    if (size, digest) != expected:
        raise DataError(
            f"{recipe.name}: {title} has changed since the recipe was written: {source_name(path.absolute())} has {size:,} bytes and "
            f"the SHA-256 {digest[:SHOWN_DIGITS]}…, and not {expected[0]:,} and {expected[1][:SHOWN_DIGITS]}….",
            "Put the file back as it was; or make the recipe again, of the models as they are now: lmkit ngram mix.",
        )
