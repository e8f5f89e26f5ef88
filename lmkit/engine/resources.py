"""What work may take of the machine: threads, memory, and room for temporary files."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lmkit.engine import machine
from lmkit.engine.memory import default_memory, free_room, megabytes
from lmkit.engine.wording import numbered
from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line

if TYPE_CHECKING:
    from lmkit.engine.scratch import DiskScratch

PROCESS_MEMORY = 256 << 20  # bytes for each process, half of which its program takes


@one_line
@dataclass(frozen=True)
class Resources:
    """How much work may take of the machine; no result depends on it.

    UsageError for what makes no sense, DataError for a folder that is none.
    """

    workers: int | None = None  # threads (default: as many as cores that it may use)
    memory: int | None = None  # bytes beyond which temporary files are used (default: half of the machine's)
    tmp: str | Path | None = None  # the folder for them (default: the system's)
    processes: bool = (
        False  # workers are processes, each with its share of the memory, where the work can be shared out so
    )

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"there are {self.workers} workers; it must be 1 or more.")
        if self.memory is not None and self.memory < 1:
            raise UsageError(f"the memory to keep to is {self.memory} bytes; it must be 1 or more.")
        if self.tmp is not None and not Path(self.tmp).is_dir():
            raise DataError(
                f"the folder for temporary files, {self.tmp}, does not exist.", "Make it, or name another with --tmp."
            )

    @property
    def threads(self) -> int:
        """The number of threads."""
        return self.workers or machine.number_of_cores()

    @property
    def memory_limit(self) -> int:
        """The bytes to keep to."""
        return self.memory or default_memory()

    @property
    def folder(self) -> str | Path:
        """The folder for temporary files."""
        import tempfile

        return self.tmp or tempfile.gettempdir()

    def in_words(self) -> str:
        """What the work takes, and of what: for people."""
        there, cores, room = machine.memory(), machine.cores(), free_room(self.folder)
        workers = numbered(self.shared()[0], "process") if self.processes else numbered(self.threads, "thread")
        return (
            f"{workers}, of {cores.in_cores()}; {megabytes(self.memory_limit)} of memory to keep to, "
            f"of {megabytes(int(there.amount))} ({there.said_by}); temporary files in {self.folder}, where {room} are free."
        )

    def threads_holding(self, size: int) -> int:
        """The number of threads, so many that the memory has room for this many bytes of each."""
        return min(self.threads, max(self.memory_limit // size, 1))

    def shared(self) -> "tuple[int, Resources]":
        """How many processes share this, and what each of them may take: as many as workers, if memory has room for them."""
        number = self.threads_holding(PROCESS_MEMORY)
        return number, replace(self, workers=1, memory=max(self.memory_limit // number, 1), processes=False)

    def on_disk(self) -> "DiskScratch":
        """Room in temporary files, whose pages take up to half of the memory."""
        from lmkit.engine.scratch import DiskScratch

        return DiskScratch(self.tmp, self.memory_limit // 2)
