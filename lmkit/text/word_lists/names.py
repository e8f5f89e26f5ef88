"""What may be named as a list of words, and the formats of such lists."""

from dataclasses import dataclass
from typing import Literal, get_args

from lmkit.errors import UsageError
from lmkit.one_line import one_line
from lmkit.text.sources.names import TextFile

ListFormat = Literal["auto", "lines", "word-number", "number-word", "vectors", "csv", "json"]


@one_line
@dataclass(frozen=True)
class WordFile(TextFile):
    """A list of words and its format; it may stand wherever a path to a vocabulary may, whose format is found out by its lines."""

    list_format: ListFormat = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.list_format not in get_args(ListFormat):
            allowed = ", ".join(get_args(ListFormat))
            raise UsageError(f"list_format is {self.list_format!r}; it must be one of: {allowed}.")
