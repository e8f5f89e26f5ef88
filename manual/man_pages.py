"""Pages for `man`: ASCII alone, in the macros that all its readers know."""

import re
from pathlib import Path

from lmkit.cli.declared import Parameter
from lmkit.cli.help.page import ASKED
from lmkit.version import __version__
from manual.commands import Command, explained, program

SPECIAL = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}


def write_man_pages(folder: Path) -> list[Path]:
    """Write the page of the program, and one for each command and group; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = program()
    files = []
    for each in whole.walk():
        files.append(folder / f"{name_of(each)}.1")
        files[-1].write_text(man_page(each, whole), encoding="ascii", newline="\n")
    return files


def name_of(command: Command) -> str:
    """What `man` knows a page by."""
    return command.called.replace(" ", "-")


def man_page(command: Command, whole: Command) -> str:
    """The page of a command."""
    name = name_of(command)
    version = f"lmkit {__version__}"
    lines = [f'.TH {escaped(name.upper())} 1 "" "{version}" "lmkit"', ".nh", ".ad l"]  # options are not to be broken
    lines += [".SH NAME", f"{escaped(name)} \\- {escaped(command.told.short.removesuffix('.'))}"]
    lines += [
        ".SH SYNOPSIS",
        f".B {escaped(command.called)}",
        escaped(command.usage.removeprefix(command.called).strip()),
    ]
    lines += [".SH DESCRIPTION", *described(command.paragraphs)]
    for panel, listed in command.panels.items():
        lines += [f".SH {escaped(panel.upper())}", *(line for each in listed for line in listed_as(each))]
    if command.commands:
        lines += [".SH COMMANDS"]
        below = [each for each in command.walk() if not each.commands]
        lines += [
            line for each in below for line in (".TP", f".BR {escaped(name_of(each))} (1)", text(each.told.short))
        ]
    if not command.name:
        lines += [".PP", text(f"Each command has {ASKED[0]}: {ASKED[1][0].lower()}{ASKED[1][1:]}")]
    beside = [each for each in [whole, *around(command, whole)] if each.name != command.name]
    if beside:
        lines += [".SH SEE ALSO"]
        commas = [" ,"] * (len(beside) - 1) + [""]
        lines += [f".BR {escaped(name_of(each))} (1){comma}" for each, comma in zip(beside, commas, strict=True)]
    return "\n".join(lines) + "\n"


def around(command: Command, whole: Command) -> list[Command]:
    """The other commands of the group that a command is in, and the group."""
    groups = [each for each in whole.commands if command in each.commands]
    return [found for group in groups for found in (group, *group.commands)]


def described(paragraphs: list[tuple[bool, list[str]]]) -> list[str]:
    """Paragraphs of help; examples stay as they are."""
    lines: list[str] = []
    for is_example, told in paragraphs:
        if is_example:
            lines += [".PP", ".nf", ".RS 4", *map(text, told), ".RE", ".fi"]
        else:
            lines += [".PP", text(" ".join(told))]
    return lines[1:] if lines[:1] == [".PP"] else lines


def listed_as(parameter: Parameter) -> list[str]:
    """An option or an argument, and what is said of it."""
    if parameter.is_argument:
        return [".TP", rf"\fB{escaped(parameter.metavar)}\fR", text(explained(parameter))]
    names = ", ".join(rf"\fB{escaped(name)}\fR" for name in parameter.names)
    value = "" if parameter.is_flag else rf" \fI{escaped(parameter.metavar)}\fR"
    return [".TP", names + value, text(explained(parameter))]


def text(told: str) -> str:
    """A line that is no request, whatever it begins with."""
    return rf"\&{escaped(told)}" if told[:1] in (".", "'") else escaped(told)


def escaped(told: str) -> str:
    """A text in which no character means anything, and none is outside of ASCII."""
    plain = "".join(SPECIAL.get(character, character) for character in told)
    return re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", plain)
