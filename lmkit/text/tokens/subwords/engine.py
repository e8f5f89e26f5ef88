"""What a library has to give lmkit to cut text into subwords."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from lmkit.errors import DataError

PANICS = "pyo3_runtime"  # the module of what a library in Rust raises when it gives up, which is no Exception


class Engine(Protocol):
    """A tokenizer of a library."""

    def cut(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text, by id."""

    def join(self, tokens: Sequence[str]) -> str:
        """The text of tokens; what is no token stays as it is, and bytes that are no UTF-8 become U+FFFD."""

    def is_whole(self, token: str) -> bool:
        """Whether a token is made of whole characters, and not a byte of one, or a part of its bytes."""


@dataclass(frozen=True)
class Cutting:
    """What cuts text, and what is known of its tokens."""

    engine: Engine
    tokens: list[str]  # (ids,) as the library has them; "" where there is none
    unknown: str | None  # the token for what is not known, if there is one
    never: Collection[int] = ()  # ids of tokens that no text has, such as <pad>
    by_words: bool = False  # whether text may be cut before spaces
    shaping: dict[str, Any] = field(default_factory=dict)  # text settings that its own normalizer amounts to
    defaults: dict[str, Any] = field(default_factory=dict)  # text settings, if nothing else is asked for


@contextmanager
def refused_in_words(what: str, remedy: str) -> Iterator[None]:
    """Within this block, in which a library is called, whatever it raises is a DataError that says what happens."""
    try:
        yield
    except (MemoryError, DataError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__module__ != PANICS:
            raise  # nothing of the library: the command is to end
        raise DataError(f"{what}: {error}.", remedy) from None
