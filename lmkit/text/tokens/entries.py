"""What a block of text is split into: running entries, which are integers from here on; Python looks at the distinct ones only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Entries:
    """The running entries of a block: a word, or nothing between two separators; or a unit (see units.py)."""

    words: list[bytes]  # distinct entries without their separator, as they stand in the text; of units their names
    lengths: NDArray[np.int32]  # (distinct,) of these in bytes
    ends_line: NDArray[np.bool_]  # (distinct,) whether the separator is a newline
    running: NDArray[np.int32]  # (entries,) distinct entry of each running entry
    shaped: bool = False  # whether the words have been shaped as the settings want them
