"""Text that is read again after a kill: what was worked on is looked at byte by byte, and not worked on again."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lmkit.errors import DataError
from lmkit.text.sources.blocks import Block


class ReadAgain:
    """The blocks of a text, of which the first were worked on before."""

    def __init__(self, ends: Mapping[int, str], folder: str | Path = "") -> None:
        """ends: digests of the text up to the end of so many blocks; those up to the last were worked on. folder: of the job, if there is one."""
        self._ends, self._folder = ends, folder
        self.blocks = max(ends, default=0)  # how many were worked on, so far
        self._digests: deque[str] = deque()  # up to the end of each that was given, and is not passed over

    def rest(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks that were not worked on. DataError if those that were have changed."""
        seen, done = hashlib.sha256(), self.blocks
        sources: list[str] = []
        number = 0
        for number, block in enumerate(blocks, 1):
            seen.update(block.data)
            if number > done:
                self._digests.append(seen.hexdigest())
                yield block
                continue
            if block.source not in sources:
                sources.append(block.source)
            if number in self._ends and seen.hexdigest() != self._ends[number]:
                raise self._changed(sources)
            sources = [block.source] if number in self._ends else sources
        if number < done:
            raise self._changed(sources)

    def pass_over(self, blocks: int) -> str:
        """The digest of the text up to the end of so many blocks more, at least one, which are worked on from now on."""
        for _ in range(blocks):
            digest = self._digests.popleft()
        self.blocks += blocks
        return digest

    def _changed(self, sources: list[str]) -> DataError:
        """The error for text that is no longer what was counted."""
        return DataError(
            f"{', '.join(sources) or 'the text'}: changed since it was counted.",
            f"Bring it back, or remove {self._folder} to begin anew.",
        )
