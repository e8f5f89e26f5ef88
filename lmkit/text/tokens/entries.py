"""What a block of text is split into: running entries, which are integers from here on; Python looks at the distinct ones only."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Entries:
    """The running entries of a block: a word, or nothing between two separators; or a unit (see units.py)."""

    # Without their separator, as they stand in the text; of units their names. An array is one of large_binary.
    distinct: "list[bytes] | pa.Array[Any]"
    lengths: NDArray[np.int32]  # (distinct,) of these in bytes
    ends_line: NDArray[np.bool_]  # (distinct,) whether the separator is a newline
    running: NDArray[np.int32]  # (entries,) distinct entry of each running entry
    shaped: bool = False  # whether the words have been shaped as the settings want them

    @cached_property
    def words(self) -> list[bytes]:
        """The distinct entries, for Python to look at."""
        return self.distinct if isinstance(self.distinct, list) else self.distinct.to_pylist()
