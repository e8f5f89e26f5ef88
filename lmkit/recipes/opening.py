"""From a recipe to the mixture of its models: each file is there, is the one that was meant, and holds a model."""

from collections.abc import Callable
from pathlib import Path

from lmkit.errors import DataError, UsageError
from lmkit.recipes.recipe import FileComponent, Recipe, RecipeMixture, size_and_digest
from lmkit.scoring.mixture import mixture
from lmkit.scoring.protocol import Model
from lmkit.text.sources.names import is_file, source_name

Reader = Callable[[Path], Model | Recipe]  # of the file of a model, or of a recipe, which is not opened
SHOWN_DIGITS = 12  # of a digest, in messages


def opened_mixture(recipe: Recipe, read: Reader, within: tuple[Path, ...] = ()) -> RecipeMixture:
    """The mixture of a recipe, and of the recipes in it. read: opens the files. within: the recipes that it is a part of.

    DataError for files that are missing, have changed, or cannot be mixed, and for recipes that contain themselves. All files are looked
    at before the first is opened.
    """
    within = within if recipe.place is None else (*within, recipe.place)
    for number, component in enumerate(recipe.components, start=1):
        check_component(recipe, component, f"component {number}, {component.file},", within)
    models = []
    for component in recipe.components:
        value = read(recipe.path_of(component))
        models.append(opened_mixture(value, read, within) if isinstance(value, Recipe) else value)
    try:
        mixed = mixture(models, [component.weight for component in recipe.components], by=recipe.weights_by)
    except UsageError as error:  # of weights, which nobody has given now
        raise DataError(f"{recipe.name}: {error}", "Correct them: they stand in the recipe.") from None
    return RecipeMixture(mixed.models, mixed.weights, recipe, by=mixed.by)


def check_component(recipe: Recipe, component: FileComponent, title: str, within: tuple[Path, ...]) -> None:
    """DataError if the file of a component is missing, is a recipe that is being opened, or is not what it was."""
    path = recipe.path_of(component)
    if not is_file(path):
        raise DataError(
            f"{recipe.name}: {title} is missing: there is no file {source_name(path.absolute())}.",
            "Put it there, or correct its path in the recipe: paths are absolute, or start from the folder of the recipe (of one from standard input or a pipe, from the working directory).",
        )
    if any(path.resolve() == other.resolve() for other in within):
        listed = " -> ".join(map(source_name, (*within, path)))
        raise DataError(
            f"{recipe.name}: {title} is a recipe that it is itself a part of: {listed}.",
            "Take it out of one of them.",
        )
    size, digest = size_and_digest(path)
    if (size, digest) != (component.bytes, component.sha256):
        raise DataError(
            f"{recipe.name}: {title} has changed since the recipe was written: {source_name(path.absolute())} has {size:,} bytes and "
            f"the SHA-256 {digest[:SHOWN_DIGITS]}…, and not {component.bytes:,} and {component.sha256[:SHOWN_DIGITS]}….",
            "Put the file back as it was; or make the recipe again, of the models as they are now: lmkit ngram mix.",
        )
