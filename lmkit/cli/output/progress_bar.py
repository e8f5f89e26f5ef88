"""Progress on stderr: a line that is drawn over on a terminal, a line now and then in the log of a CI, else nothing."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread
from typing import TYPE_CHECKING

from lmkit.cli.output import rendering
from lmkit.cli.output.terminal import on_screen
from lmkit.cli.output.terminal.progress_line import State, TerminalLine, in_log, is_logged, is_terminal
from lmkit.engine.progress import watched_by

if TYPE_CHECKING:
    from lmkit.text.sources.names import TextFile

REDRAWN_EVERY = 0.1  # seconds
LOGGED_EVERY = 30.0


@contextmanager
def progress(
    quiet: bool,
    texts: "Sequence[TextFile | str]" = (),
    reading: str = "reading",
    *,
    one_stage: bool = False,
    parts: int = 1,
) -> Iterator[None]:
    """Show the stages of the work within this block; nothing of it stays on a terminal.

    To read the texts is a stage of this name. one_stage: it is the only one that is shown, as of work on many things at once.
    parts: how many the work has, each of which but the first begins with `engine.progress.part`.
    """
    on_terminal = is_terminal()
    if quiet or sys.stderr is None or not (on_terminal or is_logged()):
        yield
        return
    from lmkit.text.sources.names import bytes_to_read

    state = State(parts, one_stage=one_stage)
    if texts:
        state.read(reading, bytes_to_read(texts))
    with watched_by(state):
        if not on_terminal:
            with now_and_then(LOGGED_EVERY, lambda: rendering.narrate(quiet, in_log(state))):
                yield
            return
        line = TerminalLine(state, sys.stderr)
        with on_screen.shown_until_hidden(line.hide), now_and_then(REDRAWN_EVERY, line.draw):
            yield


@contextmanager
def now_and_then(seconds: float, tell: Callable[[], None]) -> Iterator[None]:
    """Within this block, `tell` is called every so many seconds, by a thread of its own, in the language that is spoken here; where there can be none, it is not."""
    ended = Event()

    def work() -> None:
        while not ended.wait(seconds):
            tell()

    thread = Thread(target=copy_context().run, args=(work,), name="lmkit-progress", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        yield
        return
    try:
        yield
    finally:
        ended.set()
        thread.join()
