"""Folders for the temporary files of a run, which end with it; what killed runs have left is removed by the next one."""

import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lmkit.engine.files.unfinished import UNFINISHED, dead, left_in, machine, new_folder, remove, vanishing

RUN = "lmkit-run-"


@contextlib.contextmanager
def run_folder(tmp: str | Path | None = None, mode: int = 0o700) -> Iterator[Path]:
    """A folder of its own, of this mode, in the one for temporary files (default: the system's); it is removed when the block ends."""
    parent = Path(tmp or tempfile.gettempdir())
    for path in left_in(parent, RUN):
        with dead(path) as is_dead:
            if is_dead:
                remove(path)
    with (
        vanishing(parent / f"{RUN}{machine()}-{secrets.token_hex(4)}{UNFINISHED}") as folder,
        new_folder(folder, mode),
    ):
        yield folder
