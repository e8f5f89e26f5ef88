"""How a text is read, whatever its tokens are: what is done with bytes that are no text, and how much is taken at a time."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

from lmkit.engine.memory import default_memory
from lmkit.errors import UsageError
from lmkit.one_line import one_line

OnInvalid = Literal["strict", "replace"]  # what is done with invalid bytes of a text: an error, or U+FFFD
EncodingErrors = OnInvalid | None  # None: strict, where whoever reads is not offered the choice
LONGEST_LINE = 2**31 - 1  # bytes: offsets within a block are 32-bit
LINE_SHARE = (
    8  # of the memory: work on a line takes up to 16 times its bytes, where each is a word or becomes a longer one
)
BLOCK_BYTES = 4 << 20  # small enough for the caches of a processor, large enough to hide the cost of a block


@one_line
@dataclass(frozen=True)
class Reading:
    """How the bytes of a text are read. What its tokens are, which models remember, is in `TextSettings`.

    encoding_errors: "strict" raises DataError with file, line and byte offset at invalid UTF-8 and at control
    bytes (below 32 but for TAB LF VT FF CR, and DEL); "replace" puts U+FFFD in their place; None is "strict" where
    nobody can ask for the other.
    block_bytes: how much is taken at a time, about (default: as much as caches hold); no result depends on it.
    memory: bytes to keep to (default: half of the machine's); a line that goes beyond an eighth of that is refused.
    """

    encoding_errors: EncodingErrors = "strict"
    block_bytes: int | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        if self.encoding_errors not in (None, *get_args(OnInvalid)):
            listed = " or ".join(get_args(OnInvalid))
            raise UsageError(f"encoding_errors is {self.encoding_errors!r}; it must be {listed}.")
        if self.block_bytes is not None and self.block_bytes < 1:
            raise UsageError(f"block_bytes is {self.block_bytes}; it must be 1 or more.")

    def in_blocks_of(self, block_bytes: int) -> "Reading":
        """The same with so much taken at a time, unless it says how much."""
        return replace(self, block_bytes=self.block_bytes or block_bytes)

    @property
    def bytes_at_a_time(self) -> int:
        """How many bytes are taken at a time, about."""
        return self.block_bytes or BLOCK_BYTES

    @cached_property
    def longest_line(self) -> int:
        """How many bytes a line may have; a block, at least. Asked once: what a machine, or a container, gives stands in several files."""
        most = max((self.memory or default_memory()) // LINE_SHARE, BLOCK_BYTES)
        return min(most, LONGEST_LINE - self.bytes_at_a_time)


WITHOUT_CHOICE = Reading(encoding_errors=None)  # of what offers no choice: its errors name no option
