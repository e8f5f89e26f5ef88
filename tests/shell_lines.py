"""Lines of a shell, run with their lmkit commands in this process, which saves most of a second for each.

For claims about what a line prints. Claims about processes, signals, terminals and the ends of pipes need `conftest.shell`;
lines that are more than commands joined by `|` and `&&` go there, too.
"""

import contextlib
import contextvars
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from lmkit.cli.app import run
from tests.conftest import ROOT, shell

Ended = subprocess.CompletedProcess[bytes]

_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.")
_GROUP = re.compile(r"\([^()]*\)")
_BETWEEN = re.compile(r"\||&&")  # between commands
_OTHERWISE = re.compile(r";|\|\||(?<!&)&(?!&)")
_EXPANDED = re.compile(r"[$`*?\[{~(\\]|[<>]{2}|\d>")  # what a shell reads in words that are not quoted
_REDIRECTED = re.compile(r"([<>]) *(\S+)")


@dataclass(frozen=True)
class Command:
    """A command of a line; if it is lmkit's, with what it is given here."""

    text: str
    first: bool  # of a pipe
    arguments: list[str] | None = None  # of lmkit
    variables: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # behind < and >


def run_line(line: str, folder: Path = ROOT) -> Ended:
    """How a line ends in a folder, and what it prints: like `shell`, it fails if any command of a pipe fails."""
    commands = commands_of(line)
    if commands is None:
        return in_shell(line, folder)
    printed, piped, err, code = b"", b"", b"", 0
    for command in commands:
        if command.first:
            if code:
                break
            printed, piped = printed + piped, b""
        ended = (
            in_shell(command.text, folder, piped) if command.arguments is None else run_lmkit(command, piped, folder)
        )
        piped, err, code = ended.stdout, err + ended.stderr, ended.returncode or code
    return Ended(line, code, printed + piped, err)


def commands_of(line: str) -> list[Command] | None:
    """The commands of a line; None if only a shell understands it."""
    shape = blotted(blotted(line, _QUOTED), _GROUP)
    if _OTHERWISE.search(shape):
        return None
    ends = [(found.start(), found.end(), found.group()) for found in _BETWEEN.finditer(shape)]
    starts = [(0, "&&"), *((end, sign) for _, end, sign in ends)]
    stops = [*(start for start, *_ in ends), len(line)]
    texts = [(line[start:end], sign == "&&") for (start, sign), end in zip(starts, stops, strict=True)]
    commands = [command_of(text.strip(), first=first) for text, first in texts]
    return [command for command in commands if command] if all(commands) else None


def blotted(text: str, pattern: re.Pattern[str]) -> str:
    """A text in which what a pattern finds is blotted out, character by character."""
    return pattern.sub(lambda found: "\0" * len(found.group()), text)


def command_of(text: str, *, first: bool) -> Command | None:
    """One command; None if it is lmkit's, but a shell is needed to read its words."""
    shape = blotted(text, _QUOTED)
    if not re.match(r"([A-Z_]+=\S+ +)*lmkit ", shape):
        return Command(text, first)
    if _EXPANDED.search(shape) or re.search(r"[$`\\]", re.sub(r"'[^']*'", "", text)):
        return None
    files, rest = dict[str, str](), text
    for found in reversed([*_REDIRECTED.finditer(shape)]):
        files[found[1]] = shlex.split(text[slice(*found.span(2))])[0]
        rest = rest[: found.start()] + rest[found.end() :]
    words = shlex.split(rest)
    lmkit = words.index("lmkit")
    return Command(text, first, words[lmkit + 1 :], dict(word.split("=", 1) for word in words[:lmkit]), files)


def in_shell(line: str, folder: Path, given: bytes = b"") -> Ended:
    """How a line ends in a folder, and what it prints, in a real shell."""
    return shell(f"cd {shlex.quote(str(folder))}; {line}", input=given)


def run_lmkit(command: Command, given: bytes, folder: Path) -> Ended:
    """How an lmkit command ends in this process."""
    assert command.arguments is not None
    with contextlib.chdir(folder), tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        if "<" in command.files:
            given = Path(command.files["<"]).read_bytes()
        with (
            variables(command.variables),
            pipe_with(given) as source,
            pipe_into(out) as target,
            standard_streams(source, target, err.fileno()),
        ):
            code = run_apart(command.arguments)
        for file in (out, err):
            file.seek(0)
        ended = Ended(command.text, code, out.read(), err.read())
        if ">" in command.files:
            Path(command.files[">"]).write_bytes(ended.stdout)
            ended.stdout = b""
    return ended


def run_apart(arguments: list[str]) -> int:
    """The exit code of lmkit, after which the language that it spoke is forgotten."""
    return contextvars.copy_context().run(run, arguments)


def on_terminal(*arguments: object, **given: str) -> str:
    """What an lmkit command prints on a terminal of 80 columns, where these variables are given."""
    import pty  # not on every system

    ours, theirs = pty.openpty()
    terminal = {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    with tempfile.TemporaryFile() as shown, Path(os.devnull).open("r+b") as nothing:
        with subprocess.Popen(["cat"], stdin=ours, stdout=shown, stderr=subprocess.DEVNULL):
            os.close(ours)
            try:
                with (
                    variables(terminal | given, without=("NO_COLOR", "COLORTERM")),
                    standard_streams(nothing.fileno(), theirs, nothing.fileno()),
                ):
                    assert run_apart([str(argument) for argument in arguments]) == 0
            finally:
                os.close(theirs)  # which ends what reads it
        shown.seek(0)
        return shown.read().decode().replace("\r\n", "\n")


@contextlib.contextmanager
def variables(given: Mapping[str, str], without: Sequence[str] = ()) -> Iterator[None]:
    """Within this block, the environment is the usual one without some of its variables, and with these."""
    usual = dict(os.environ)
    for name in without:
        os.environ.pop(name, None)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(usual)


@contextlib.contextmanager
def pipe_with(given: bytes) -> Iterator[int]:
    """The end of a pipe from which these bytes can be read, as a descriptor."""
    with tempfile.TemporaryFile() as file:
        file.write(given)
        file.seek(0)
        with subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
            assert writer.stdout is not None
            yield writer.stdout.fileno()
            writer.stdout.close()  # here, so that it does not wait for somebody to read the rest


@contextlib.contextmanager
def pipe_into(file: IO[bytes]) -> Iterator[int]:
    """The end of a pipe from which all that is written to it comes into a file, as a descriptor."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file) as reader:
        assert reader.stdin is not None
        yield reader.stdin.fileno()


@contextlib.contextmanager
def standard_streams(*descriptors: int) -> Iterator[None]:
    """Within this block, these three are standard input, output and errors, of Python and of the process."""
    kept = [os.dup(number) for number in range(3)]
    streams = sys.stdin, sys.stdout, sys.stderr
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 (Python's own are not closed either)
            for number, mode in enumerate("rww")
        )
        yield
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
            os.close(descriptor)
