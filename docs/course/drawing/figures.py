"""All pictures, by the names of their chapters."""

from collections.abc import Callable

from docs.course.drawing import counting, learning, networks, vectors
from docs.course.drawing.language import LANGUAGES, Language

__all__ = ["FIGURES", "LANGUAGES"]

FIGURES: dict[str, Callable[[Language], str]] = {
    name.replace("_", "-"): getattr(module, name)
    for module in (counting, learning, vectors, networks)
    for name in module.__all__
}
