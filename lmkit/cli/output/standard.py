"""Standard output as bytes, for as long as somebody reads it.

A closed pipe ends the printing, not the work: what is printed afterwards goes nowhere, files are written all the same,
and exit codes stay. Only what does nothing but print ends early, see `while_read`.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from io import RawIOBase, TextIOWrapper
from typing import Any, BinaryIO, TypeVar, cast

from lmkit.cli.output.bus_errors import tell_bus_errors
from lmkit.cli.output.terminal import consoles, on_screen
from lmkit.engine.files import in_use
from lmkit.engine.system.errors import is_closed_pipe
from lmkit.errors import DataError
from lmkit.escaping import visible_lines
from lmkit.locales import said

Item = TypeVar("Item")

_IS_READ: ContextVar[bool] = ContextVar("whether somebody reads standard output", default=True)


def stream(*, text: bool = False) -> BinaryIO:
    """Stdout for bytes. text: for lines of texts, of which a terminal is to obey none (see `visible_lines`).

    DataError if it was closed from the start, or if a file that what is printed follows from was changed meanwhile.
    """
    if sys.stdout is None:
        raise DataError("standard output is closed.", "Let it go to a terminal, a file or a pipe.")
    in_use.refuse_changed()
    raw: Any = sys.stdout.buffer
    if is_terminal() and not consoles.is_unicode(sys.stdout.encoding):
        raw = consoles.InItsLetters(WholeWrites(raw), sys.stdout.encoding)
    return cast(BinaryIO, (VisibleLines if text and is_terminal() else WholeWrites)(raw))


def is_terminal() -> bool:
    """Whether people see what is printed, as it is printed."""
    return sys.stdout is not None and sys.stdout.isatty()


class WholeWrites:
    """Stdout, or another pipe, which takes all it is given: a raw stream, as it is under python -u, may take only a part.

    Once nobody reads any more, it takes all, too, and drops it.
    """

    def __init__(self, raw: Any, is_stdout: bool = True) -> None:
        self._stream, self._unread = raw, nobody_reads if is_stdout else lambda: None

    def write(self, data: Any) -> int:
        """Write all bytes of the data."""
        left = memoryview(data).cast("B") if len(data) else memoryview(b"")
        size = len(left)
        try:
            if on_screen.is_in_use() and is_terminal():
                with on_screen.cleared():
                    self._write_all(left)
                    self._stream.flush()  # before anything stands there again
            else:
                self._write_all(left)
        except OSError as error:
            self._ended(error)
        return size

    def _write_all(self, left: memoryview) -> None:
        """Write all bytes, however many the stream takes at a time."""
        while left:
            left = left[self._stream.write(left) :]

    def writelines(self, pieces: Iterable[Any]) -> None:
        """Write all pieces; those that nobody would read are not even made."""
        for piece in while_read(pieces):
            self.write(piece)

    def flush(self) -> None:
        """Let all that was written go out."""
        try:
            self._stream.flush()
        except OSError as error:
            self._ended(error)

    def _ended(self, error: OSError) -> None:
        """Nobody reads any more. OSError if that is not what the error is of."""
        if not is_closed_pipe(error):
            raise OSError(error.errno, error.strerror, said("standard output")) from None
        self._unread()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class VisibleLines(WholeWrites):
    """The same for texts on a terminal."""

    def write(self, data: Any) -> int:
        """Write all lines of the data, with what a terminal would obey written out."""
        super().write(visible_lines(data))
        return len(data)


def start() -> None:
    """A command begins: somebody reads, as far as is known."""
    _IS_READ.set(True)
    consoles.start()
    in_use.begin(tell_bus_errors)


def write_whole() -> None:
    """From here on, what is printed is written whole also under python -u, whose streams may take only a part (see `WholeWrites`)."""
    out: Any = sys.stdout
    if out is not None and isinstance(out.buffer, RawIOBase):
        whole: Any = WholeWrites(out.buffer)
        sys.stdout = TextIOWrapper(whole, out.encoding, out.errors, write_through=True)


def nobody_reads() -> None:
    """The pipe is closed: end the printing."""
    _IS_READ.set(False)
    silence()


def is_read() -> bool:
    """Whether somebody reads, as far as is known: a closed pipe shows when something is written to it."""
    return _IS_READ.get()


def while_read(items: Iterable[Item]) -> Iterator[Item]:
    """The items of a command that does nothing but print them; it ends early when nobody reads any more."""
    for item in items:
        yield item
        if not is_read():
            return


def end() -> None:
    """A command ends: let all that was printed go out. DataError if a file that it follows from was changed meanwhile; OSError as for `flush`."""
    try:
        in_use.refuse_changed()
    finally:
        in_use.end()
        flush()


def flush() -> None:
    """Let all that was printed go out. OSError where it cannot, as on a full disk."""
    if sys.stdout is not None:
        WholeWrites(sys.stdout).flush()


def silence() -> None:
    """Let what is still buffered, and all that is printed from now on, go nowhere."""
    if sys.stdout is not None:
        lead_nowhere(sys.stdout.fileno())


def lead_nowhere(descriptor: int) -> None:
    """Let all that is written to an open file go nowhere."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:  # there are as many open files as there may be: one less has to do
        os.close(descriptor)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
