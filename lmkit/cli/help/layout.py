"""Lines of help: paragraphs, rows of two columns, examples that can be copied at any width."""

import os
import re
import sys
from collections.abc import Iterator, Sequence

HELP = ("-h", "--help")  # options of all commands: one screen, or all
SCREEN = 45  # lines of a page that is short, at most
NARROWEST, USUAL, WIDEST = 50, 80, 120
BLANKS = re.compile(r"[ \n\t]+")  # where lines may end: not at those that do not break, as French has them
MARK = "\b"  # a line of its own before lines that stay as they are: examples
CLAUSE_ENDS = ".:,"
JOINING = ("|", "&&")  # commands
STOPS = " \u00a0,;:.[("  # what no line ends with that goes on
GAP = 2  # columns between what is explained and what it is


def width_of_terminal() -> int:
    """Columns of help: $COLUMNS, or those of the terminal."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told):
        return min(max(int(told), NARROWEST), WIDEST)
    try:
        columns = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else 0
    except (OSError, ValueError):  # a pipe, a file
        columns = 0
    return min(max(columns or USUAL, NARROWEST), WIDEST)


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """The lines of a text. first, rest: what stands before the first line, and the others."""
    lines, line = list[str](), first
    before = first
    for word in BLANKS.split(text.strip(" \n\t")):
        if line != before and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = before = rest
        line += word if line == before else f" {word}"
    return [*lines, line.rstrip()]


def paragraphs_of(told: str) -> Iterator[tuple[bool, list[str]]]:
    """The paragraphs of the help of a command: whether they stay as they are, and their lines."""
    for paragraph in told.split("\n\n"):
        lines = paragraph.split("\n")
        yield (True, lines[1:]) if lines[0] == MARK else (False, lines)


def examples_of(told: str) -> list[str]:
    """The command lines in the help of a command."""
    return [
        line for stays, lines in paragraphs_of(told) if stays for line in lines if line.startswith(("lmkit ", "cat "))
    ]


def as_example(line: str, width: int, indent: str = "  ") -> list[str]:
    """A command line, cut with a backslash where it is too long; what is said of it stands before it then."""
    if len(indent) + len(line) <= width:
        return [indent + line]
    command, _, remark = line.partition("  #")
    said = wrapped(remark.strip(), width, f"{indent}# ", f"{indent}# ") if remark else []
    lines, current = list[str](), indent
    for part in parts_of(words_of(command.strip())):
        if current.strip() and len(current) + len(part) + 2 > width:
            lines.append(f"{current.rstrip()} \\")
            current = f"{indent}    "
        current += f"{part} "
    return [*said, *lines, current.rstrip()]


def parts_of(words: Sequence[str]) -> list[str]:
    """The words of a command line, those together that a line should not part: an option and its value, a pipe and its command."""
    parts: list[str] = []
    is_open = False  # whether the last part wants a word
    for word in words:
        is_option = word.startswith("-") and word != "-"
        if is_open and not is_option and word not in JOINING:
            parts[-1] += f" {word}"
            is_open = word == "lmkit"
        else:
            parts.append(word)
            is_open = is_option or word in (*JOINING, "lmkit")
    return parts


def words_of(command: str) -> list[str]:
    """The words of a command line, those in quotes in one."""
    words = [""]
    quote = ""
    for character in command:
        if character == " " and not quote:
            words.append("")
            continue
        if character in "'\"":
            quote = "" if quote == character else quote or character
        words[-1] += character
    return [word for word in words if word]


def rows(pairs: Sequence[tuple[str, str]], width: int, indent: str = "  ") -> list[str]:
    """Rows of what is explained, and what it is, over as many lines as they need."""
    column = column_of([left for left, _ in pairs], width, len(indent))
    lines: list[str] = []
    for left, right in pairs:
        start = f"{indent}{left}"
        if len(start) + GAP > column:
            breakable = left if len(start) <= width else left.replace("|", " |")
            lines += wrapped(breakable, width, indent, f"{indent}    ")
            start = ""
        lines += wrapped(right, width, start.ljust(column), " " * column) if right else [start] * bool(start)
    return lines


def one_line_rows(pairs: Sequence[tuple[str, str]], width: int, indent: str = "  ") -> list[str]:
    """The same in one line each: what does not fit is left out, and … stands for it."""
    column = column_of([left for left, _ in pairs], width, len(indent))
    return [shortened(f"{f'{indent}{left}'.ljust(column - GAP)}  {right}".rstrip(), width) for left, right in pairs]


def column_of(lefts: Sequence[str], width: int, indent: int) -> int:
    """Where the second column begins: behind the longest that is explained, of those that leave it room."""
    most = min(width * 2 // 5, 34)
    wide = [indent + len(left) + GAP for left in lefts]
    return max((each for each in wide if each <= most), default=most)


def shortened(line: str, width: int) -> str:
    """A line, cut at the end of a word where it is too long, or of a clause that ends near there."""
    if len(line) <= width:
        return line
    cut = line[: width - 1]
    clauses = max(cut.rfind(f"{mark} ", width * 3 // 4) for mark in CLAUSE_ENDS)
    whole = cut[: clauses if clauses > 0 else max(cut.rfind(" "), 0)].rstrip(STOPS)
    return f"{whole} …" if whole else f"{cut}…"
