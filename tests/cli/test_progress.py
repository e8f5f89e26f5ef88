"""What is told to whoever watches, and what the bar makes of it."""

import io
import os
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import lmkit
from lmkit.cli.output import progress_bar
from lmkit.cli.output.terminal import on_screen
from lmkit.cli.output.terminal.progress_line import State, TerminalLine, in_log
from lmkit.engine import progress
from lmkit.engine.threads import map_in_order
from lmkit.statistics.word_list import word_list
from lmkit.text.lines.words import tokenized_lines
from tests.conftest import TOY, Run, text_file

fcntl = pytest.importorskip("fcntl", reason="Windows has no pseudo-terminals")
pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
termios = pytest.importorskip("termios", reason="Windows has no pseudo-terminals")


class Notes(progress.Watcher):
    """Adds up what it is told."""

    def __init__(self) -> None:
        self.words: list[int] = []
        self.bytes = 0

    def tokens(self, number: int) -> None:
        """Note them."""
        self.words.append(number)

    def bytes_read(self, number: int) -> None:
        """Add them."""
        self.bytes += number


def test_threads_tell_the_watcher_of_whoever_gave_them_work() -> None:
    notes = Notes()
    with progress.watched_by(notes):
        list(map_in_order(progress.tokens, [1, 2, 3], 2))
    progress.tokens(4)
    assert sorted(notes.words) == [1, 2, 3]


READERS: dict[str, Callable[[Path], Any]] = {
    "counting": lambda text: lmkit.count_ngrams(text, 2, resources=lmkit.Resources(workers=2)),
    "listing": lambda text: word_list(text, resources=lmkit.Resources(workers=2)),
    "tokenizing": lambda text: list(tokenized_lines(text, lmkit.TextSettings(), resources=lmkit.Resources(workers=2))),
    "growth": lmkit.vocabulary_growth,
    "entropy": lmkit.entropy,
}


@pytest.mark.parametrize("reader", READERS)
def test_whatever_reads_a_text_tells_of_all_its_bytes(reader: str) -> None:
    notes = Notes()
    with progress.watched_by(notes):
        READERS[reader](TOY)
    assert notes.bytes == TOY.stat().st_size


def test_a_list_of_words_is_no_part_of_the_text_that_is_read(tmp_path: Path) -> None:
    notes = Notes()
    with progress.watched_by(notes):
        lmkit.count_ngrams(TOY, 2, vocabulary=text_file(tmp_path, "le\nchat\n"))
    assert notes.bytes == TOY.stat().st_size


class Hands:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def at_work(clock: Hands, parts: int = 1, *, one_stage: bool = False) -> State:
    """Work that begins."""
    return State(parts, clock, one_stage=one_stage)


def test_a_stage_moves_with_the_bytes_only_while_texts_are_read() -> None:
    stages, one = at_work(Hands()), at_work(Hands(), one_stage=True)
    for state in (stages, one):
        state.read("reading", 100)
        state.bytes_read(40)
        advance = state.stage("smoothing", 7)
        advance(1)
        state.bytes_read(50)
    assert [(state.name, state.done, state.total) for state in (stages, one)] == [
        ("smoothing", 1, 7),
        ("reading", 90, 100),
    ]


def test_a_stage_that_is_over_moves_no_other_one() -> None:
    state = at_work(Hands())
    late = state.stage("first", 10)
    state.stage("second", 10)
    late(5)
    assert state.done == 0


def counting(clock: Hands) -> State:
    """Counting that has come to 40 % after 4 seconds, in the second of three parts."""
    state = at_work(clock, 3)
    state.part()
    clock.now = 6.0
    state.stage("adjusting the counts of 2-grams", 100)(40)
    clock.now = 10.0
    return state


def test_time_gone_is_that_of_all_work_and_time_left_that_of_the_stage() -> None:
    # 40 % took 4 s, so that 60 % will take 6.
    assert counting(Hands()).times() == "0:10 elapsed, 0:06 left of stage"


def test_nothing_is_said_of_the_time_left_at_the_beginning_of_a_stage() -> None:
    clock = Hands()
    state = at_work(clock)
    state.stage("counting", 100)(1)
    clock.now = 0.9
    assert state.times() == "0:00 elapsed"


@pytest.mark.parametrize("width", [20, 30, 49, 79, 119, 200])
def test_a_line_is_never_wider_than_the_terminal(width: int) -> None:
    assert counting(Hands()).laid_out(width).columns <= width


def test_a_wide_terminal_shows_all_of_it_and_a_narrow_one_what_matters() -> None:
    state, name = counting(Hands()), "2/3 adjusting the counts of 2-grams"
    times = "0:10 elapsed, 0:06 left of stage"
    wide = state.laid_out(119)
    assert (wide.name, wide.bar, re.sub(r"[\d.]+ [MG]B", "MEMORY", wide.ends)) == (name, 30, f" 40%  MEMORY  {times}")
    assert state.laid_out(79) == (name, 0, f" 40%  {times}")
    assert state.laid_out(49) == ("2/3 adjusting …", 0, times)


@pytest.mark.parametrize(("colors", "bar"), [("1", "━" * 12 + "─" * 18), (None, "\x1b[91m" + "━" * 12 + "\x1b[0m")])
def test_a_bar_is_as_full_as_the_stage_is_done_with_colors_and_without(
    colors: str | None, bar: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR" if colors else "FORCE_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR" if colors else "NO_COLOR", raising=False)
    terminal = Terminal(120)
    TerminalLine(counting(Hands()), terminal.stream).draw()
    terminal.lines()
    assert bar in terminal.raw
    terminal.close()


class Terminal:
    """A terminal of some columns, and what stands on it."""

    def __init__(self, columns: int) -> None:
        self._main, self._side = pty.openpty()
        self.stream = os.fdopen(self._side, "w", encoding="utf-8")
        self.resize(columns)
        self.raw = ""

    def resize(self, columns: int) -> None:
        """Make it wider or narrower."""
        fcntl.ioctl(self._side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def close(self) -> None:
        """Turn it off."""
        self.stream.close()
        os.close(self._main)

    def lines(self) -> list[str]:
        """The lines on it, as far as they were written by going back and forth in one line."""
        self.stream.flush()
        os.set_blocking(self._main, False)
        with suppress(BlockingIOError):
            while piece := os.read(self._main, 1 << 16):
                self.raw += piece.decode()
        found: list[str] = []
        for text in self.raw.split("\n"):
            line = ""
            for written in text.split("\r"):
                line = written + line[len(written) :]
            found.append(line.rstrip())
        return found


@pytest.fixture(params=[50, 80])
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """A narrow one, and one as most are."""
    found = Terminal(request.param)
    yield found
    found.close()


def test_work_of_less_than_half_a_second_shows_nothing(terminal: Terminal) -> None:
    clock = Hands()
    state = at_work(clock)
    state.stage("counting", 100)
    line = TerminalLine(state, terminal.stream)
    clock.now = 0.49
    line.draw()
    assert terminal.lines() == [""]
    clock.now = 0.5
    line.draw()
    assert terminal.lines()[0].startswith("counting")


def test_a_terminal_shows_one_line_which_is_gone_before_a_message(terminal: Terminal) -> None:
    line = TerminalLine(counting(Hands()), terminal.stream)
    with on_screen.shown_until_hidden(line.hide):
        line.draw()
        line.draw()
        (shown,) = terminal.lines()
        assert shown.startswith("2/3 adjusting")
        with on_screen.cleared():
            terminal.stream.write("lmkit: a message\n")
        assert terminal.lines() == ["lmkit: a message", ""]
        line.draw()
    assert terminal.lines() == ["lmkit: a message", ""]
    assert "\x1b" not in terminal.raw


def test_a_line_that_wraps_because_the_terminal_became_narrower_is_taken_away_whole() -> None:
    terminal = Terminal(80)
    line = TerminalLine(counting(Hands()), terminal.stream)
    line.draw()
    terminal.resize(30)
    line.draw()  # 64 columns were three rows of 30: two rows up, and all below goes
    terminal.lines()
    assert "\r\x1b[2A\x1b[J2/3 " in terminal.raw
    assert len(terminal.raw.rpartition("\x1b[J")[2]) < 30
    terminal.close()


def test_a_terminal_without_those_letters_has_others() -> None:
    written = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    TerminalLine(counting(Hands()), written).draw()
    written.flush()
    assert written.buffer.getvalue().isascii()


def test_a_log_has_whole_lines() -> None:
    assert in_log(counting(Hands())) == (
        "adjusting the counts of 2-grams (part 2 of 3), 40%, 0:10 elapsed, 0:06 left of stage"
    )


@pytest.mark.parametrize(("names", "logged"), [({}, False), ({"CI": "true"}, True), ({"GITHUB_ACTIONS": "true"}, True)])
def test_only_the_log_of_a_ci_has_lines_now_and_then(
    names: dict[str, str], logged: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    assert progress_bar.LOGGED_EVERY == 30
    monkeypatch.setattr(progress_bar, "LOGGED_EVERY", 0.001)
    found = ""
    for quiet in (True, False):
        with progress_bar.progress(quiet, [str(TOY)], "counting"):
            for _ in range(1000 if logged and not quiet else 20):
                found += capsys.readouterr().err
                if found:
                    break
                Event().wait(0.01)
        assert bool(found) == (logged and not quiet)
    assert not found or found.startswith("lmkit: counting, 0%, 0:0")


def test_to_count_to_smooth_and_to_write_are_the_parts_of_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lmkit_run: Run
) -> None:
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    told: list[str] = []

    class Noting(progress.Watcher):
        def part(self) -> None:
            told.append("part")

        def stage(self, name: str, total: int | None) -> progress.Advance:
            told.append(name.split(" ", maxsplit=1)[0])
            return super().stage(name, total)

    with progress.watched_by(Noting()):
        lmkit_run("ngram", "train", "--kneser-ney", "--discount-fallback", "-n", "2", TOY, "-o", tmp_path / "m.arpa")
    assert list(dict.fromkeys(told)) == [
        "numbering",
        "linking",
        "part",
        "adjusting",
        "adding",
        "interpolating",
        "writing",
    ]
    assert told.count("part") == 2
