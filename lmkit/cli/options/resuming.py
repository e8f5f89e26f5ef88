"""--resume and --keep-runs: commands that go on after a kill."""

import inspect
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.declared import RESOURCES, Option
from lmkit.cli.output import rendering
from lmkit.engine.remote.names import is_remote
from lmkit.engine.shards.places import standing_for
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.journal.journal import Job

Resume = Annotated[
    bool,
    Option(
        "--resume",
        help="Keep in --tmp what is finished, and go on from there if this command was broken off: same bytes.",
        panel=RESOURCES,
    ),
]
KeepRuns = Annotated[
    bool,
    Option("--keep-runs", help="With --resume: what is finished stays in --tmp when all is done.", panel=RESOURCES),
]
HOW = ("output", "quiet", "verbose", "workers", "memory", "tmp", "json", "as_")  # options that no result depends on


def resumable(
    command: str,
    files: str,
    *,
    texts: bool = True,
    alone: Mapping[str, str] | None = None,
    also: Collection[str] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options --resume and --keep-runs. files: the parameter that names its inputs; texts: these are texts, which are looked at once more as they are read.

    alone: parameters that cannot be given beside, and how they are written. also: parameters that this result depends on, of those that no
    other does.
    """

    def declare(work: Callable[..., None]) -> Callable[..., None]:
        def run(*, resume: bool, keep_runs: bool, **values: Any) -> None:
            if not resume:
                if keep_runs:
                    raise UsageError("--keep-runs is for --resume.", "Give both.")
                work(**values)
                return
            told = spread(values)
            for name, written in (alone or {}).items():
                if told.get(name):
                    raise UsageError(f"--resume does not go with {written}.", "Leave one of them out.")
            with kept(job_of(command, told, files, also, texts=texts), told, keep=keep_runs):
                work(**values)

        update_wrapper(run, work)
        added = {"resume": Resume, "keep_runs": KeepRuns}
        own = inspect.signature(work).parameters
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
            for name, kind in added.items()
        ]
        run.__signature__ = inspect.Signature([each.replace(kind=each.KEYWORD_ONLY) for each in own.values()] + more)  # type: ignore[attr-defined]
        run.__annotations__ = inspect.get_annotations(work) | added
        return run

    return declare


def spread(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a command by name, those in groups among them."""
    told: dict[str, Any] = {}
    for name, value in values.items():
        if is_dataclass(value):
            told |= {field.name: getattr(value, field.name) for field in fields(value)}
        else:
            told[name] = value
    return told


def job_of(command: str, told: Mapping[str, Any], files: str, also: Collection[str] = (), *, texts: bool) -> "Job":
    """The job that a command line asks for. UsageError where its inputs can be read only once."""
    from lmkit.engine.journal.inputs import input_by_ends, whole_input
    from lmkit.engine.journal.journal import Job

    named = told[files] or ["-"]
    named = [named] if isinstance(named, str) else named
    settings = {name: value for name, value in told.items() if name != files and (name in also or name not in HOW)}
    inputs = {path: input_by_ends(path) for path in read_again(named) if texts}
    whole = [value for value in (*settings.values(), *(() if texts else named)) if is_file(value)]
    inputs |= {value: whole_input(standing_for(value)) for value in whole}
    made_with = {name: as_json(value) for name, value in settings.items()} | {files: list(named)}
    return Job(command, place_of(told["output"] or "-"), made_with, inputs, named)


def read_again(named: Collection[str]) -> list[str]:
    """The files here that are named, those in folders and of patterns among them; of corpora there are none. UsageError for what is read only once."""
    from lmkit.text.sources.names import is_special, sources

    for name in named:
        if name == "-" or is_special(name):
            raise read_once(name)
    here = [name for name in named if not is_remote(name)]
    found = sources(here) if here else []  # of no name, standard input
    return [str(text.source) for text in found if Path(str(text.source)).is_file()]


def read_once(name: str) -> UsageError:
    """The error for an input that is not there any more once it was read."""
    what = "standard input" if name == "-" else name
    return UsageError(
        f"--resume reads its files again, and {what} can be read only once.",
        "Write the text to a file first, or leave --resume out.",
    )


def place_of(output: str) -> str:
    """Where a result goes, the same whatever the folder that the command is given in; - is standard output, or another pipe or device."""
    from lmkit.text.sources.names import is_special

    if output == "-" or is_remote(output):
        return output
    return "-" if is_special(output) else os.path.realpath(output)


def is_file(value: Any) -> bool:
    """Whether the value of an option is the name of a file here. Errors as for `check_here`."""
    if not isinstance(value, str):
        return False
    check_here(value)
    return Path(standing_for(value)).is_file()


def check_here(name: str) -> None:
    """UsageError for the name of a file elsewhere, or of what can be read only once."""
    from lmkit.text.sources.names import is_special

    if is_remote(name):
        raise UsageError(
            f"--resume knows files by their bytes, and {name} is not on this machine.",
            "Copy it first, or leave --resume out.",
        )
    if name == "-" or is_special(name):
        raise read_once(name)


def as_json(value: Any) -> Any:
    """A value of an option as JSON would have it after it was read again."""
    return [as_json(each) for each in value] if isinstance(value, list | tuple) else value


@contextmanager
def kept(job: "Job", told: Mapping[str, Any], *, keep: bool) -> Iterator[None]:
    """Within this block, what is finished is kept, and told where, whatever ends the work."""
    from lmkit.cli.options.groups import resources
    from lmkit.engine.journal import journal

    quiet = bool(told.get("quiet"))
    with journal.kept(job, resources(tmp=told["tmp"]).folder, keep=keep) as found:
        if len(found):
            rendering.narrate(quiet, f"going on from {found.folder}")
        try:
            yield
        except BaseException:
            if len(found):
                rendering.narrate(
                    quiet, f"{found.folder} has what is finished: the same command goes on from there with --resume"
                )
            raise
