"""A page of the course as a sequence of blocks: prose, formulas, pictures, Python, commands with what they print."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["heading", "prose", "formula", "picture", "python", "console", "answer"]

ANSWER = re.compile(r"<details.*><summary>(.*)</summary>")
END_OF_ANSWER = "</details>"
PICTURE = re.compile(r"!\[(?P<words>.+)\]\((?P<file>\S+)\)")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
ITEM = re.compile(r"- |\d+\. |\|")
FENCES: dict[str, Kind] = {"```python": "python", "```console": "console"}


@dataclass(frozen=True)
class Block:
    """A part of a page."""

    kind: Kind  # answer: the line that an answer is folded under
    text: str  # of a picture: what is to be seen on it
    file: str = ""  # of a picture
    within_answer: bool = False


@dataclass(frozen=True)
class Command:
    """A line of a shell, and what it prints."""

    line: str
    printed: str


def blocks_of(page: str) -> list[Block]:
    """The blocks of a page, in their order: a paragraph, a list or some lines of a formula are one."""
    blocks: list[Block] = []
    lines = iter(page.splitlines())
    goes_on = within = False  # a block goes on until an empty line
    for line in lines:
        if found := ANSWER.fullmatch(line):
            within = True
            blocks.append(Block("answer", found[1], within_answer=True))
        elif line in FENCES:
            blocks.append(Block(FENCES[line], "\n".join(until_fence(lines)), within_answer=within))
        elif line == END_OF_ANSWER:
            within = False
        elif found := PICTURE.fullmatch(line):
            blocks.append(Block("picture", found["words"], found["file"], within))
        elif line:
            kind = kind_of(line)
            if goes_on and blocks[-1].kind == kind:
                blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text}\n{line}")
            else:
                blocks.append(Block(kind, line, within_answer=within))
        goes_on = bool(line) and blocks[-1].kind in ("prose", "formula")
    return blocks


def kind_of(line: str) -> Kind:
    """What a line belongs to that opens no block."""
    if line.startswith("#"):
        return "heading"
    return "formula" if line.startswith("    ") else "prose"


def until_fence(lines: Iterator[str]) -> Iterator[str]:
    """The lines up to the end of a fenced block, which is read, too."""
    for line in lines:
        if line == "```":
            return
        yield line


def commands_of(console: str) -> list[Command]:
    """The commands of a console block."""
    told = re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]
    parted = (each.partition("\n") for each in told)
    return [Command(line, printed.rstrip("\n")) for line, _, printed in parted]


def paragraphs_of(prose: str) -> list[str]:
    """Prose line by line as it is to be set: lines of a paragraph joined, each item of a list and each row of a table by itself."""
    set_lines: list[str] = []
    for line in prose.split("\n"):
        if set_lines and not ITEM.match(line):
            set_lines[-1] += f" {line}"
        else:
            set_lines.append(line)
    return set_lines


def without_links(text: str) -> str:
    """Prose with the words of its links alone."""
    return LINK.sub(r"\1", text)
