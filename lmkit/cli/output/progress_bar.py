"""Progress on stderr, if that is a terminal: the stage, how far it is, tokens a second, memory, time left."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lmkit.engine.progress import Watcher, watched_by

if TYPE_CHECKING:
    from rich.progress import Progress

    from lmkit.engine.progress import Advance
    from lmkit.text.sources.names import TextFile


@contextmanager
def progress(
    quiet: bool, texts: "Sequence[TextFile | str]" = (), reading: str = "reading", *, one_stage: bool = False
) -> Iterator[None]:
    """Show the stages of the work within this block; transient: nothing of it stays.

    To read the texts is a stage of this name. one_stage: it is the only one that is shown, as of work on many things at once.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield
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
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bars:
        bar = (OneStageBar if one_stage else Bar)(bars)
        if texts:
            bar.read(reading, bytes_to_read(texts))
        with watched_by(bar):
            yield


class Bar(Watcher):
    """One line that shows the stage under way."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._task = bars.add_task("", figures="", visible=False)
        self._tokens = 0
        self._start = time.monotonic()
        self._advance_reading: Advance | None = None  # while texts are read

    def read(self, name: str, total: int | None) -> None:
        """Begin to show a stage that is advanced by the bytes that are read."""
        self._advance_reading = self._begin(name, total)

    def stage(self, name: str, total: int | None) -> "Advance":
        """Begin to show a stage."""
        self._advance_reading = None
        return self._begin(name, total)

    def _begin(self, name: str, total: int | None) -> "Advance":
        self._bars.reset(self._task, description=name, total=total, visible=True)
        self._start, self._tokens = time.monotonic(), 0

        def advance(done: int) -> None:
            self._bars.update(self._task, advance=done, figures=self._figures())

        return advance

    def tokens(self, number: int) -> None:
        """So many more running words have been read."""
        self._tokens += number

    def bytes_read(self, number: int) -> None:
        """So many more bytes of texts have been read."""
        if self._advance_reading is not None:
            self._advance_reading(number)

    def _figures(self) -> str:
        """Tokens a second, and memory."""
        from lmkit.engine.memory import megabytes
        from lmkit.engine.system.resident import resident_bytes

        rate = self._tokens / max(time.monotonic() - self._start, 1e-3)
        resident = resident_bytes()
        figures = [f"{rate / 1e6:.1f} M tokens/s"] if self._tokens else []
        return ", ".join([*figures, megabytes(resident)] if resident < 1 << 60 else figures)


class OneStageBar(Bar):
    """Shows how far the reading is, and no other stage."""

    def stage(self, name: str, total: int | None) -> "Advance":
        """Show nothing of it."""
        return Watcher.stage(self, name, total)
