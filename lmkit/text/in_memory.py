"""Text in memory, which may stand wherever a name of a file may."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, cast

from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line

AT_ONCE = 1 << 16  # characters of sentences that are joined before they are read
WHITE = tuple(" \t\n\v\f\r")
NAME = "<lines>"


@one_line
class Lines:
    """Sentences in memory, each of which is a line of text: texts, or lists of words.

    They may stand wherever a path to a text may. What has white space in it is no word, and what has a line break in it no line: DataError.
    Words that are empty or None are left out. An iterator, such as a generator, can be read once; a list, a column of a table, as often as needed.

    >>> count_ngrams(Lines(["le chat dort", ["le", "chien", "mange"]]), order=2)["le chat"]  # doctest: +SKIP
    1
    """

    def __init__(self, sentences: Iterable[str | Sequence[str | None]], name: str = NAME) -> None:
        """name: what messages and results call the text."""
        if isinstance(sentences, str | bytes) or not hasattr(sentences, "__iter__"):
            raise UsageError(
                f"the lines are {article(sentences)}, and not texts or lists of words, one after the other.",
                "Put a sentence into a list; a text of several lines is split by its method splitlines(), or read as io.StringIO(text).",
            )
        self.sentences, self.name = sentences, name
        self._is_read = False

    def in_brief(self) -> str:
        """What it is, in a line."""
        found: Any = self.sentences
        size = f"{len(found):,} sentences" if hasattr(found, "__len__") else type(found).__name__
        return size if self.name == NAME else f"{self.name}: {size}"

    def open(self) -> BinaryIO:
        """The text from its beginning, as UTF-8. UsageError where it was read before, and an iterator cannot go back."""
        if self._is_read and iter(self.sentences) is self.sentences:
            raise UsageError(
                f"{self.name} comes from {article(self.sentences)}, which was read to its end, and is to be read again.",
                "Give a list, list(…), which can be read as often as needed.",
            )
        self._is_read = True
        return cast(BinaryIO, io.BufferedReader(Pieces(self._pieces()), AT_ONCE))

    def _pieces(self) -> Iterator[bytes]:
        """The text in pieces of whole lines."""
        lines: list[str] = []
        size = 0
        for number, sentence in enumerate(self.sentences, start=1):
            lines.append(line_of(sentence, f"{self.name}:{number}"))
            size += len(lines[-1]) + 1
            if size > AT_ONCE:
                yield encoded(lines)
                lines, size = [], 0
        if lines:
            yield encoded(lines)


class Pieces(io.RawIOBase):
    """Bytes that come in pieces, none of them empty."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._piece = pieces, memoryview(b"")

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes of a piece."""
        if not self._piece:
            self._piece = memoryview(next(self._pieces, b""))
        size = min(len(buffer), len(self._piece))
        buffer[:size], self._piece = self._piece[:size], self._piece[size:]
        return size


def encoded(lines: list[str]) -> bytes:
    """Lines as UTF-8; halves of pairs become bytes that are none, and are refused as such where text is read."""
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def line_of(sentence: object, where: str) -> str:
    """A sentence as a line, without its end. DataError for what is no sentence, or no line."""
    if isinstance(sentence, str):
        line = sentence.removesuffix("\n").removesuffix("\r")  # as iterating over a file gives them
        if "\n" in line:
            raise DataError(
                f"{where}: the sentence has a line break in it, and each is a line.",
                "Give its lines one by one, as its method splitlines() makes them; or a whole text as io.StringIO(text).",
            )
        return line
    if isinstance(sentence, bytes) or not isinstance(sentence, Iterable):
        raise DataError(f"{where}: here is {article(sentence)}, and not a text or a list of words.")
    words = [word for word in sentence if word is not None and word != ""]
    for word in words:
        if not isinstance(word, str):
            raise DataError(f"{where}: here is {article(word)} in a list of words, and not a text.")
        if any(white in word for white in WHITE):
            raise DataError(
                f"{where}: the word {word!r} has white space in it, which would cut it.",
                "Put another character, such as _, in its place; a sentence that is not cut into words is given as a text, not in a list.",
            )
    return " ".join(words)


def article(value: object) -> str:
    """A value by its type, as messages have it.

    >>> article(7), article(None)
    ('an int', 'None')
    """
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
