"""All pictures, by the names of their chapters."""

from collections.abc import Callable

from docs.course.drawing import counting, learning, networks, vectors
from docs.course.drawing.language import LANGUAGES, Language, numbers_said

__all__ = ["FIGURES", "LANGUAGES"]

Draw = Callable[[Language], str]


def with_numbers(draw: Draw) -> Draw:
    """A picture whose numbers are written as its language writes them."""
    return lambda language: numbers_said(language, draw(language))


FIGURES: dict[str, Draw] = {
    name.replace("_", "-"): with_numbers(getattr(module, name))
    for module in (counting, learning, vectors, networks)
    for name in module.__all__
}
