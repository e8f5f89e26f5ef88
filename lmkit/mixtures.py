"""Mixtures by the names of their components (grammar: lmkit/recipes/grammar.py): each is opened, told by what it is."""

from collections.abc import Callable, Sequence
from pathlib import Path

from lmkit.engine.resources import Resources
from lmkit.errors import DataError
from lmkit.recipes.grammar import KEYWORD, Named, given_weights
from lmkit.recipes.opening import opened_models
from lmkit.scoring.mixture import Mixture, mixture
from lmkit.scoring.protocol import Model
from lmkit.storage import load_scoring


def load_mixture(named: Sequence[Named], *, first: Model | None = None, unknown_word: str | None = None) -> Mixture:
    """The mixture of named components, with the weights that their names say. first: the model of the first, if that is open.

    UsageError for weights, DataError for files and models, that make no mixture.
    """
    weights = given_weights(named)
    return mixture(load_components(named, first=first, unknown_word=unknown_word), weights)


def load_components(
    named: Sequence[Named],
    *,
    first: Model | None = None,
    unknown_word: str | None = None,
    resources: Resources = Resources(),
) -> list[Model]:
    """The models of named components, in order (first: see `load_mixture`; unknown_word: see `lmkit.load`)."""
    return opened_models([each.part for each in named], reader(unknown_word), first=first, resources=resources)


def reader(unknown_word: str | None) -> Callable[[str], Model]:
    """What opens the files of components. DataError for what is no model; of a file that hides a component, that says so."""

    def read(file: str) -> Model:
        try:
            return load_scoring(file, unknown_word)
        except DataError as error:
            if not (keyword := KEYWORD.match(Path(file).name)):
                raise
            raise DataError(
                error.message,
                f"A file of that name comes before the component {keyword[1]}: give the file another name, or go elsewhere.",
            ) from None

    return read
