"""Networks so small that checking them takes a moment."""

from typing import TYPE_CHECKING, Any

from lmkit.neural.architectures.choices import told

if TYPE_CHECKING:
    from lmkit.neural.architectures.network import Shape

SMALL: dict[str, dict[str, Any]] = {
    "bigram": {},
    "feed-forward": {"order": 4, "dimensions": 4, "hidden": 6},
    "transformer": {"dimensions": 8, "layers": 2, "heads": 2, "context": 6},
}
TYPES, DIRECTIONS = 13, 10


def small_shape(architecture: str, **choices: Any) -> "Shape":
    """A small network with these choices (None: as `SMALL` has it). UsageError for choices that the architecture does not have."""
    wanted = told(architecture, choices)
    from lmkit.neural.architectures.table import ARCHITECTURES

    return ARCHITECTURES[architecture].shape(**(SMALL[architecture] | wanted))
