"""A chapter in the terminal: its words, its commands and its Python, run in a folder that has the texts."""

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.course.chapters import Chapter, chapters
from lmkit.course.folders import copy_texts
from lmkit.course.notebooks import file_name, notebook_of
from lmkit.course.pages import Block, blocks_of, commands_of, paragraphs_of, without_links
from lmkit.engine.files.outputs import whole_file
from lmkit.engine.files.run_folders import run_folder
from lmkit.engine.wording import numbered
from lmkit.locales import said

WIDEST = 100  # columns that are pleasant to read
WITHIN = re.compile(r" (?=[»:;?!])|(?<=«) ")
OURS = 'lmkit() { "$LMKIT_PYTHON" -m lmkit "$@"; }\n'  # this lmkit, whatever the path has


def list_chapters(listed: list[Chapter]) -> None:
    """Print the chapters with their numbers and names."""
    rendering.write_header(["number", "chapter", "title"])
    for each in listed:
        rendering.write_line(f"{each.number}\t{each.name}\t{each.title}")
    if standard_output.is_terminal():
        rendering.write_line("\n" + said("lmkit course NUMBER walks through one."))


def write_notebooks(chosen: list[Chapter], folder: Path) -> None:
    """Write chapters as notebooks into the folder of their language, and tell where they are."""
    for each in chosen:
        file = folder / each.language / file_name(each)
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as written:
            written.write(notebook_of(each).encode())
    number = numbered(len(chosen), "notebook")
    rendering.narrate(quiet=False, message=f"{number} in {folder / chosen[0].language}")


def walk(chapter: Chapter) -> None:
    """Show a chapter block by block for as long as somebody reads; on a terminal, wait between its parts and before its answers."""
    shown = Showing(chapter.language)
    with run_folder() as folder, contextlib.chdir(folder):
        copy_texts(folder)
        blocks = blocks_of(chapter.text())[:-1]  # the last one has the links to other pages
        for place, block in enumerate(standard_output.while_read(blocks)):
            if place and block.kind in ("heading", "answer") and not goes_on():
                return
            shown.show(block)
            rendering.write_line("")
            standard_output.flush()
    for following in chapters(chapter.language)[chapter.number + 1 :][:1]:
        rendering.write_line(said(f"Next: lmkit course {following.number} ({following.title})"))


def goes_on() -> bool:
    """Whether to go on: people at a terminal are asked."""
    if sys.stdin is None or not (sys.stdin.isatty() and standard_output.is_terminal()):
        return True
    rendering.write(said("— Enter: go on · q: end — ").encode())
    standard_output.flush()
    return not sys.stdin.readline().casefold().startswith(("q", "\x1b"))


class Showing:
    """The blocks of a chapter as they are shown, one after the other: its Python goes on where it was."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.names: dict[str, Any] = {}

    def show(self, block: Block) -> None:
        """Show a block."""
        if block.kind == "console":
            show_commands(block, self.language)
        elif block.kind == "python":
            show_python(block, self.names)
        elif block.kind == "picture":
            set_words(said(f"[picture: {block.text}]"))
        elif block.kind == "answer":
            rendering.write_line(block.text + said(":"))
        elif block.kind == "prose":
            show_prose(block)
        else:
            rendering.write_line(block.text)


def show_prose(block: Block) -> None:
    """Set paragraphs and lists in lines that fit the terminal."""
    for paragraph in paragraphs_of(without_links(block.text)):
        set_words(paragraph)


def set_words(text: str) -> None:
    """Print a paragraph in lines that fit the terminal."""
    for line in wrapped(text, min(shutil.get_terminal_size().columns, WIDEST)):
        rendering.write_line(line)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a paragraph. French marks that have a space before them stay with their word."""
    further = "  " if text.startswith("- ") else ""
    kept = WITHIN.sub("\N{NO-BREAK SPACE}", text)
    lines = textwrap.wrap(kept, width, subsequent_indent=further, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def show_commands(block: Block, language: str) -> None:
    """Show each command of a block and what it prints here; without a shell, what it printed for the course."""
    environment = os.environ | {"LMKIT_PYTHON": sys.executable, "LMKIT_LANG": language, "PYTHONIOENCODING": "utf-8"}
    for command in commands_of(block.text):
        rendering.write_line(f"$ {command.line}")
        standard_output.flush()
        shell = shutil.which("sh")
        if shell is None:
            rendering.write_line(command.printed)
            continue
        ended = subprocess.run(  # noqa: S603 (our own commands)
            [shell, "-c", OURS + command.line],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        rendering.write_text(ended.stdout)


def show_python(block: Block, names: dict[str, Any]) -> None:
    """Show each example of a block and what it prints here."""
    for example in doctest.DocTestParser().get_examples(block.text):
        first, *further = example.source.rstrip("\n").split("\n")
        for mark, line in ((">>>", first), *(("...", line) for line in further)):
            rendering.write_line(f"{mark} {line}")
        rendering.write_text(printed(example.source, names).encode())


def printed(source: str, names: dict[str, Any]) -> str:
    """What a statement prints where these names are known."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(source, "<lmkit course>", "single"), names)  # noqa: S102 (our own examples)
    return shown.getvalue()
