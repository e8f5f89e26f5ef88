"""The folder of a job: what it was begun with, who is at work on it, and what is finished.

Work looks for the journal of its context; where there is none, nothing is kept, and nothing costs anything.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lmkit.engine.files.outputs import UNFINISHED, remove_unfinished, whole_file
from lmkit.engine.journal.differences import differences
from lmkit.engine.journal.inputs import Input, input_differences
from lmkit.engine.journal.locking import locked
from lmkit.engine.journal.pieces import FORMAT, SUFFIX, Pieces
from lmkit.errors import DataError, UsageError
from lmkit.version import __version__

MANIFEST = "job.json"


@dataclass(frozen=True)
class Job:
    """What work is to be done."""

    command: str
    output: str  # where the result goes; one job at a time writes there
    made_with: Mapping[str, Any]  # what has to be the same for the same result; JSON values
    inputs: Mapping[str, Input]  # by name

    @property
    def folder(self) -> str:
        """The name of its folder: the same for the same command and output, so that what else differs can be told."""
        told = json.dumps([self.command, self.output, sorted(self.inputs) if self.output == "-" else []])
        return f"lmkit-job-{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def as_dict(self) -> dict[str, Any]:
        """What its folder says of it, as JSON values."""
        inputs = {name: asdict(found) for name, found in self.inputs.items()}
        settings = {"lmkit": __version__, **self.made_with}
        return {"format": FORMAT, "command": self.command, "made_with": settings, "inputs": inputs}


class Journal:
    """What is finished of a job."""

    def __init__(self, folder: Path, inputs: Iterable[str] = ()) -> None:
        self.folder = folder
        self._inputs = ", ".join(inputs)
        self._parts = 0

    def part(self, name: str) -> Pieces:
        """The pieces of the next part of the work. Parts come in the same order whenever the job is done."""
        self._parts += 1
        return Pieces(self.folder, f"{self._parts}-{name}-", self._inputs)

    def __len__(self) -> int:
        """How many pieces there are."""
        return len(list(self.folder.glob(f"*{SUFFIX}")))


_JOURNAL: ContextVar[Journal | None] = ContextVar("what is finished of the job under way", default=None)


def part_of_job(name: str) -> Pieces | None:
    """The pieces of the next part of the job under way; None where nothing is kept."""
    journal = _JOURNAL.get()
    return None if journal is None else journal.part(name)


def room_taken() -> int:
    """The bytes of what is finished of the job under way, which count as free where room is asked for: they are a part of what is to be there."""
    journal = _JOURNAL.get()
    return 0 if journal is None else sum(path.stat().st_size for path in journal.folder.glob(f"*{SUFFIX}"))


@contextmanager
def kept(job: Job, tmp: str | Path, *, keep: bool = False) -> Iterator[Journal]:
    """Within this block, what is finished of the job is kept in a folder within `tmp`; once it ends well, not any more, unless it is to be.

    UsageError for a job that was begun otherwise; DataError for a folder that is not this user's, is damaged or of another format, or that
    another process works in.
    """
    folder = Path(tmp) / job.folder
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot make {folder}: {error.strerror}.", "Name another folder with --tmp.") from None
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise DataError(f"{folder} belongs to another user.", "Name a folder of your own with --tmp.")
    with locked(folder):
        # Without a manifest, the job has ended, and its folder was being removed.
        for left in folder.glob(f"*{UNFINISHED}" if (folder / MANIFEST).exists() else f"*{SUFFIX}"):
            left.unlink()
        check_manifest(job, folder)
        if job.output != "-":
            remove_unfinished(job.output)
        journal = Journal(folder, job.inputs)
        before = _JOURNAL.set(journal)
        try:
            yield journal
        except BaseException:
            keep = bool(len(journal))  # there is nothing to go on from
            raise
        finally:
            _JOURNAL.reset(before)
            if not keep:
                (folder / MANIFEST).unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)


def check_manifest(job: Job, folder: Path) -> None:
    """Write down what the job is, or see that it is what the folder was begun with; errors as for `kept`."""
    path = folder / MANIFEST
    anew = f"remove {folder} to begin anew"
    if not path.exists():
        with whole_file(path) as stream:
            stream.write(json.dumps(job.as_dict(), indent=1).encode())
        return
    try:
        told = json.loads(path.read_bytes())
        number, made_with = int(told["format"]), dict(told["made_with"])
        if number != FORMAT:  # first: another format may say the rest otherwise
            raise DataError(
                f"{folder}: lmkit {made_with.get('lmkit')} began this job, in format {number}, and this lmkit goes on from format {FORMAT}.",
                f"Use the lmkit that began it, or {anew}.",
            )
        inputs = {name: Input(**found) for name, found in told["inputs"].items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        raise DataError(f"{path} is damaged.", f"{anew.capitalize()}.") from None
    different = differences(made_with, job.as_dict()["made_with"], {}) + input_differences(inputs, job.inputs)
    if different:
        raise UsageError(
            f"the job of {folder} was begun otherwise: {'; '.join(different)}.",
            f"Go on with the same files and options, or {anew}.",
        )
