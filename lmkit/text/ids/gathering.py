"""Blocks taken together, so that many small files are counted like a large one."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from lmkit.text.ids.encoding import NumberedBlock

Tokens = NumberedBlock | NDArray[np.int32]  # of whole padded sentences


def gather_blocks(blocks: Iterable[Tokens], size: int) -> Iterator[list[Tokens]]:
    """Consecutive blocks with at least so many tokens together."""
    gathered: list[Tokens] = []
    held = 0
    for block in blocks:
        gathered.append(block)
        held += len(block)
        if held >= size:
            yield gathered
            gathered, held = [], 0
    if gathered:
        yield gathered


def tokens_of(blocks: list[Tokens]) -> NDArray[np.int32]:
    """The tokens of consecutive blocks. The list is emptied, so that each can be freed once it is encoded."""
    pieces = []
    for place, block in enumerate(blocks):
        pieces.append(block.encode().tokens if isinstance(block, NumberedBlock) else block)
        blocks[place] = pieces[-1]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def count_words(blocks: Iterable[Tokens], types: int) -> NDArray[np.int64]:
    """(types,) how often each word occurs in the blocks."""
    counts = np.zeros(types, np.int64)
    for block in blocks:
        counts += block.count_words(types) if isinstance(block, NumberedBlock) else np.bincount(block, minlength=types)
    return counts
