"""How far the work is, in one line: the part of a command, its stage, tokens a second, memory, time gone and left."""

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TextIO

from lmkit.cli.output.terminal import on_screen
from lmkit.engine.progress import Watcher
from lmkit.locales import said

if TYPE_CHECKING:
    from lmkit.engine.progress import Advance

NOT_BEFORE = 0.5  # seconds: shorter work shows nothing
SURE_AFTER = 1.0  # seconds of a stage after which it is said how long it takes
A_LOT = 1e5  # tokens a second, from which on they are told in millions
LEAST_BAR, LONGEST_BAR = 8, 30  # columns
LEAST_NAME = 8  # characters of the name of a stage, however narrow the terminal is
GAP = "  "
IN_ASCII = str.maketrans("━─…", "#-.")
Clock = Callable[[], float]


class State(Watcher):
    """Notes what is told of the work."""

    def __init__(self, parts: int = 1, clock: Clock = time.monotonic, *, one_stage: bool = False) -> None:
        """parts: how many the work has; one_stage: only the reading of texts is shown, as of work on many things at once."""
        self.clock, self.parts, self._one_stage = clock, parts, one_stage
        self.part_number, self.name = 1, ""
        self.begun = self.stage_begun = clock()
        self.done, self.total, self.running_words = 0, None, 0
        self._reads = False  # whether bytes that are read are the work of this stage

    total: int | None

    def read(self, name: str, total: int | None) -> None:
        """A stage begins that is advanced by the bytes that are read."""
        self._begin(name, total)
        self._reads = True

    def stage(self, name: str, total: int | None) -> "Advance":
        """A stage begins."""
        if self._one_stage:
            return Watcher.stage(self, name, total)
        self._begin(name, total)

        def advance(done: int) -> None:
            if self.name == name:
                self.done += done

        return advance

    def _begin(self, name: str, total: int | None) -> None:
        self.name, self.total, self.done, self._reads = name, total, 0, False
        self.stage_begun, self.running_words = self.clock(), 0

    def part(self) -> None:
        """The next part of the work begins."""
        self.part_number = min(self.part_number + 1, self.parts)

    def tokens(self, number: int) -> None:
        """So many more running words have been read."""
        self.running_words += number

    def bytes_read(self, number: int) -> None:
        """So many more bytes of texts have been read."""
        if self._reads:
            self.done += number

    @property
    def share(self) -> float | None:
        """How much of the stage is done, from 0 to 1; None where nobody knows how much there is."""
        return min(self.done / self.total, 1.0) if self.total else None

    def times(self) -> str:
        """How long all of it has taken, and how long the stage will still take, as far as that can be told."""
        now = self.clock()
        gone, elapsed = now - self.stage_begun, f"{in_minutes(now - self.begun)} {said('elapsed')}"
        if not self.share or gone < SURE_AFTER:
            return elapsed
        left = in_minutes(round(gone * (1 - self.share) / self.share))
        return f"{elapsed}, {left} {said('left of stage' if self.parts > 1 else 'left')}"

    def figures(self) -> str:
        """Tokens a second, and memory."""
        from lmkit.engine.memory import megabytes
        from lmkit.engine.system.resident import UNKNOWN, resident_bytes

        rate = self.running_words / max(self.clock() - self.stage_begun, 1e-3)
        resident = resident_bytes()
        figures = [f"{rate / 1e6:.1f} M tokens/s" if rate >= A_LOT else f"{rate / 1e3:.1f} k tokens/s"]
        figures *= bool(self.running_words)
        return ", ".join([*figures, said(megabytes(resident))] if resident < UNKNOWN else figures)

    def laid_out(self, width: int) -> "Line":
        """What a line of at most so many columns has room for: where there is little, first the bar goes, then figures, then the end of the name."""
        part = f"{self.part_number}/{self.parts} " if self.parts > 1 else ""
        percent = [] if self.share is None else [f"{self.share:4.0%}"]
        name, figures, times = part + said(self.name), self.figures(), self.times()
        for shown in ([*percent, figures, times], [*percent, times], [times], percent):
            ends = GAP.join(filter(None, shown))
            room = width - len(ends) - len(GAP)
            if room >= min(len(name), LEAST_NAME + len(part)) and (room >= len(name) or figures not in shown):
                break
        bar = min(room - len(name) - len(GAP), LONGEST_BAR)
        return Line(shortened(name, room), bar if self.share is not None and bar >= LEAST_BAR else 0, ends)


class Line(NamedTuple):
    """What stands in a line."""

    name: str
    bar: int  # its columns; 0: there is none
    ends: str  # what stands behind it

    @property
    def columns(self) -> int:
        """All that it takes."""
        return len(self.name) + (len(GAP) + self.bar if self.bar else 0) + len(GAP) + len(self.ends)


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: max(most - 1, 0)] + "…"


def in_minutes(seconds: float) -> str:
    """A time as it is read on a clock.

    >>> in_minutes(75), in_minutes(3700)
    ('1:15', '1:01:40')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class TerminalLine:
    """The line at the bottom of a terminal, drawn over and over; it never fills the last column, and leaves nothing behind."""

    def __init__(self, state: State, stream: TextIO) -> None:
        self._state, self._stream, self._drawn = state, stream, 0

    def draw(self) -> None:
        """Show how far the work is by now; nothing at first."""
        state = self._state
        if state.clock() - state.begun < NOT_BEFORE or not state.name:
            return
        with on_screen.cleared():
            self.hide()
            line = state.laid_out(self._columns() - 1)
            self._write(self._in_letters(line))
            self._drawn = line.columns

    def _in_letters(self, line: Line) -> str:
        """A line in the colours and the letters that the terminal has."""
        from rich.console import Console
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        console = Console(file=self._stream, width=line.columns + 1)
        share = self._state.share or 0.0
        full = round(line.bar * share)
        plain = Text("━" * full + "─" * (line.bar - full))
        with console.capture() as shown:
            console.print(Text(line.name), end="")
            if line.bar:
                console.print(Text(GAP), end="")
                colored = console.color_system is not None and not console.no_color
                console.print(ProgressBar(1.0, share, line.bar) if colored else plain, end="")
            console.print(Text(GAP + line.ends), end="")
        letters = shown.get()
        return letters.translate(IN_ASCII) if console.options.ascii_only else letters

    def hide(self) -> None:
        """Take the line away."""
        if not self._drawn:
            return
        columns, drawn, self._drawn = self._columns(), self._drawn, 0
        if drawn < columns:
            self._write("\r" + " " * drawn + "\r")
        else:  # the terminal has become narrower, and shows what was one line as several
            self._write(f"\r\x1b[{drawn // columns}A\x1b[J")

    def _columns(self) -> int:
        """How wide the terminal is by now."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def _write(self, text: str) -> None:
        """Write as much as the terminal takes; where it is gone, the work goes on all the same."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._drawn = 0


def in_log(state: State) -> str:
    """The same as a line of a log."""
    share = "" if state.share is None else f", {state.share:.0%}"
    part = said(f" (part {state.part_number} of {state.parts})") if state.parts > 1 else ""
    return f"{said(state.name or 'working')}{part}{share}, {state.times()}"


def is_logged() -> bool:
    """Whether what is told on stderr goes to the log of a CI, where a job that says nothing may be taken for dead."""
    return any(os.environ.get(name, "").lower() in ("true", "1") for name in ("CI", "GITHUB_ACTIONS"))


def is_terminal() -> bool:
    """Whether people see stderr as it is written."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
