"""Counting that goes on after a kill: runs that are finished, the words numbered so far, and where in the texts they end.

What was counted is read again, which is cheap, and looked at byte by byte; counting it is not repeated.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeVar

from lmkit.engine.journal.journal import part_of_job
from lmkit.engine.journal.pieces import Piece, Pieces
from lmkit.engine.memory import give_back_memory
from lmkit.engine.resources import Resources
from lmkit.engine.scratch import DiskScratch, Scratch
from lmkit.ngrams.counting.collecting import RunCollector
from lmkit.ngrams.counting.kept_orders import kept_merging
from lmkit.ngrams.counting.run_merging import merge_runs
from lmkit.ngrams.counting.runs import Run, run_in
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.read_again import ReadAgain
from lmkit.text.vocabulary import Vocabulary, WordNumbering

SHARE = 16  # at most one in so many of the blocks that were counted is counted again, but for those under way
Batch = TypeVar("Batch", bound=list)  # type: ignore[type-arg] # of whatever blocks


class KeptCounting:
    """What is finished of counting a text."""

    def __init__(self, pieces: Pieces, numbering: WordNumbering, scratch: DiskScratch) -> None:
        """numbering: of the words of the text, which is brought to where they were; scratch: see `Pieces.keep`."""
        self.pieces, self.scratch, self._numbering = pieces, scratch, numbering
        self._finished = finished_runs(pieces, scratch)
        for piece in self._finished if numbering.grows else ():
            words = Vocabulary(piece.arrays["utf8"], piece.arrays["offsets"])
            numbering.number(words.words)
        self._words = len(numbering)  # those that are kept
        self._text = ReadAgain(ends_of(self._finished), pieces.folder)
        self._batches: deque[int] = deque()  # blocks in each that is being counted

    def runs(self) -> list[Run]:
        """The runs that are finished, in the order of the text."""
        return [run_in(piece.arrays) for piece in self._finished]

    @property
    def digest(self) -> str:
        """What tells whether runs are others."""
        found = hashlib.sha256()
        for piece in self._finished:
            found.update(str(piece.checksum).encode())
        return found.hexdigest()

    def uncounted(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks of the text that are not in any run. DataError if those that are have changed."""
        return self._text.rest(blocks)

    def batches(self, gathered: Iterable[Batch]) -> Iterator[Batch]:
        """The batches of blocks, as they go to be counted."""
        for batch in gathered:
            self._batches.append(len(batch))
            yield batch

    def take_batch(self) -> int:
        """The next batch is counted; returns how many blocks it has."""
        return self._batches.popleft()

    @property
    def blocks(self) -> int:
        """How many blocks of the text are in the runs that are finished."""
        return self._text.blocks

    def keep(self, run: Run, types: int, blocks: int) -> Run:
        """The run of the next blocks, kept. types: the number of words at their end."""
        digest = self._text.pass_over(blocks)
        arrays = run.arrays()
        if self._numbering.grows:
            words = Vocabulary.from_words(self._numbering.between(self._words, types))
            arrays |= {"utf8": words.utf8, "offsets": words.offsets}
        said = {"blocks": self._text.blocks, "digest": digest}
        piece = self.pieces.keep(run_name(len(self._finished)), arrays, said, self.scratch)
        self._words = types
        self._finished.append(piece)
        return run_in(piece.arrays)


class KeptRuns(RunCollector):
    """Collects runs, and keeps them: so often that little is counted again, and so seldom that there are not many."""

    def __init__(self, resources: Resources, room: int, kept: KeptCounting) -> None:
        super().__init__(resources, room)
        self._kept = kept
        self._disk = kept.scratch
        self._spilled = kept.runs()
        self._blocks = self._types = 0  # of the runs in memory

    def add(self, run: Run, types: int) -> None:
        """Take in the run of the next piece of text; `types` is the number of words so far."""
        self._runs.append(run)
        self.held += run.nbytes()
        self._blocks += self._kept.take_batch()
        self._types = types
        if SHARE * self._blocks >= self._kept.blocks or 9 * self.held > 4 * self._room:
            self._keep()

    def finish(self, order: int, types: int) -> tuple[Run, Scratch]:
        """One run with everything, and where to keep what is made of it: on disk if it fills the memory."""
        if self._runs:
            self._keep()
        if not self._spilled:
            return super().finish(order, types)
        fits = 5 * sum(run.nbytes() for run in self._spilled) <= self._room
        scratch = Scratch() if fits else self._disk
        runs, self._spilled = self._spilled, []
        if len(runs) == 1 and runs[0].types == types:
            return runs[0], scratch
        finish = kept_merging(self._kept.pieces, order, scratch, self._kept.digest)
        return merge_runs(runs, types, scratch, self._workers, finish), scratch

    def _keep(self) -> None:
        """Keep the runs in memory as one."""
        run = self._runs[0] if len(self._runs) == 1 else merge_runs(self._runs, self._types, workers=self._workers)
        self._runs = []
        self._spilled.append(self._kept.keep(run, self._types, self._blocks))
        self.held = self._blocks = 0
        give_back_memory()


def kept_counting(numbering: WordNumbering, resources: Resources) -> KeptCounting | None:
    """What is finished of counting the text of the job under way; None where nothing is kept."""
    pieces = part_of_job("counting")
    return None if pieces is None else KeptCounting(pieces, numbering, resources.on_disk())


def collector_for(resources: Resources, room: int, kept: KeptCounting | None) -> RunCollector:
    """What collects the runs of a text."""
    return RunCollector(resources, room) if kept is None else KeptRuns(resources, room, kept)


def run_name(number: int) -> str:
    """The name of the piece that holds a run."""
    return f"run-{number:05}"


def finished_runs(pieces: Pieces, scratch: Scratch) -> list[Piece]:
    """The pieces with runs, up to the first that is damaged or missing; those after it are removed, as its text is counted again."""
    found: list[Piece] = []
    names = [name for name in pieces.names() if name.startswith("run-")]
    while (piece := pieces.find(run_name(len(found)), scratch)) is not None:
        found.append(piece)
    pieces.forget(*names[len(found) :])
    return found


def ends_of(finished: list[Piece]) -> dict[int, str]:
    """The digests of the text up to the end of each run, by blocks of the text."""
    return {int(piece.said["blocks"]): piece.said["digest"] for piece in finished}
