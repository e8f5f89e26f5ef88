"""What a decoder holds of a model: the state that a hypothesis is in."""

from dataclasses import dataclass
from typing import Any

from lmkit.kenlm.history import BASE


class State:
    """What the words so far can still tell; a new one is that of no words.

    States are equal where no words to come can tell them apart, as far as the n-grams show it, and then have equal hashes: a dict finds
    hypotheses to recombine. They are ordered: shorter histories first. A state is of use with the model that wrote it only.
    """

    __slots__ = ("history", "walk", "words")

    history: tuple[Any, ...] | None  # as the walk has it; None: of no words, and of no model yet
    walk: object  # that of the model that it is a state of
    words: int  # that stand before, up to n−1, where each that is not in the history costs something, too; else 0

    def __init__(self) -> None:
        self.history, self.walk, self.words = None, None, 0

    @property
    def key(self) -> tuple[int, int]:
        """What tells states apart, and orders them."""
        return (self.history[BASE] if self.history else 0), self.words

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, State) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: "State") -> bool:
        return self.key < other.key

    def __le__(self, other: "State") -> bool:
        return self.key <= other.key

    def __gt__(self, other: "State") -> bool:
        return self.key > other.key

    def __ge__(self, other: "State") -> bool:
        return self.key >= other.key

    def __copy__(self) -> "State":
        copy = State()
        copy.history, copy.walk, copy.words = self.history, self.walk, self.words
        return copy

    def __deepcopy__(self, memo: Any) -> "State":
        return self.__copy__()

    def __reduce__(self) -> Any:
        raise TypeError("a state belongs to a model in memory, and cannot be pickled; keep the words that led to it")


@dataclass(frozen=True, slots=True)
class FullScoreReturn:
    """The score of a word."""

    log_prob: float  # log10
    ngram_length: int  # of the n-gram that gave it
    oov: bool
