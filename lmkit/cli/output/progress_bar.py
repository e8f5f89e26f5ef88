"""Progress on stderr, if that is a terminal: the stage, how far it is, tokens a second, memory, time left."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lmkit.engine.progress import Watcher, watched_by

if TYPE_CHECKING:
    from rich.progress import Progress

    from lmkit.engine.progress import Advance
    from lmkit.text.sources.names import TextFile


@contextmanager
def progress(
    quiet: bool, texts: "Sequence[TextFile | str]" = (), reading: str = "reading"
) -> Iterator[Callable[[int], None] | None]:
    """Show the stages of the work within this block; transient: nothing of it stays.

    Yields a callback for the bytes that were read of the texts, which is a stage of this name; None where nothing is shown.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from lmkit.text.sources.names import bytes_to_read

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bars:
        bar = Bar(bars)
        with watched_by(bar):
            yield bar.stage(reading, bytes_to_read(texts)) if texts else None


class Bar(Watcher):
    """One line that shows the stage under way."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._task = bars.add_task("", figures="", visible=False)
        self._tokens = 0
        self._start = time.monotonic()

    def stage(self, name: str, total: int | None) -> "Advance":
        """Begin to show a stage."""
        self._bars.reset(self._task, description=name, total=total, visible=True)
        self._start, self._tokens = time.monotonic(), 0

        def advance(done: int) -> None:
            self._bars.update(self._task, advance=done, figures=self._figures())

        return advance

    def tokens(self, number: int) -> None:
        """So many more running words have been read."""
        self._tokens += number

    def _figures(self) -> str:
        """Tokens a second, and memory."""
        from lmkit.engine.memory import megabytes, resident_bytes

        rate = self._tokens / max(time.monotonic() - self._start, 1e-3)
        resident = resident_bytes()
        figures = [f"{rate / 1e6:.1f} M tokens/s"] if self._tokens else []
        return ", ".join([*figures, megabytes(resident)] if resident < 1 << 60 else figures)
