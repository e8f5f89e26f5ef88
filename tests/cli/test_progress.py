"""What is told to whoever watches, and what the bar makes of it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.engine import progress
from lmkit.engine.threads import map_in_order
from lmkit.statistics.word_list import word_list
from lmkit.text.lines.words import tokenized_lines
from tests.conftest import TOY, text_file


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


def test_the_bar_moves_with_the_bytes_only_while_texts_are_read() -> None:
    from rich.console import Console
    from rich.progress import Progress

    from lmkit.cli.output.progress_bar import Bar, OneStageBar

    bars = [Progress(console=Console(file=io.StringIO())) for _ in range(2)]
    stages, one = Bar(bars[0]), OneStageBar(bars[1])
    for bar in (stages, one):
        bar.read("reading", 100)
        bar.bytes_read(40)
        advance = bar.stage("smoothing", 7)
        advance(1)
        bar.bytes_read(50)
    shown = [(task.description, task.completed, task.total) for each in bars for task in each.tasks]
    assert shown == [("smoothing", 1, 7), ("reading", 90, 100)]
