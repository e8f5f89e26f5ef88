"""What GitHub Actions shows of a command that fails there: annotations beside lines of files, and the summary of the job.

Formats: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

import os
from pathlib import Path

from lmkit.cli.output import rendering
from lmkit.errors import LmkitError, Place
from lmkit.escaping import visible

IN_MESSAGES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
IN_PROPERTIES = IN_MESSAGES | {":": "%3A", ",": "%2C"}


def is_at_work() -> bool:
    """Whether the command runs there."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotate(error: LmkitError) -> None:
    """Say on stderr, as GitHub Actions reads it, what is wrong at which lines, or, where none are known, at all."""
    if not is_at_work():
        return
    for place in error.places or [Place("", 0, str(error))]:
        message = escaped(visible(place.message, keep="\n"), IN_MESSAGES)
        rendering.tell(f"::error {properties_of(place)}::{message}")


def properties_of(place: Place) -> str:
    """Where an annotation stands: no file where there is none, as of standard input."""
    told = {"title": "lmkit"}
    if Path(place.file).is_file():
        told = {"file": in_repository(place.file), **({"line": str(place.line)} if place.line else {}), **told}
    return ",".join(f"{name}={escaped(value, IN_PROPERTIES)}" for name, value in told.items())


def in_repository(file: str) -> str:
    """The path of a file as GitHub knows it: from the top of the repository, if it is in there."""
    workspace, path = os.environ.get("GITHUB_WORKSPACE"), Path(os.path.realpath(file))
    if not workspace or not path.is_relative_to(os.path.realpath(workspace)):
        return file
    return path.relative_to(os.path.realpath(workspace)).as_posix()


def escaped(text: str, written: dict[str, str]) -> str:
    """A text in which nothing ends a command, or a property of it."""
    return "".join(written.get(character, character) for character in text)


def summarize(markdown: str) -> None:
    """Add Markdown to the summary of the job; if that cannot be, the work goes on all the same."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if not place or not is_at_work():
        return
    try:
        with Path(place).open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{markdown}\n")
    except OSError as error:
        rendering.tell(f"lmkit: the summary of the job could not be written: {error.strerror or error} ({place}).")
