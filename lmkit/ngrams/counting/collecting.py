"""Runs collected within a budget of memory, and written to disk beyond it."""

import numpy as np

from lmkit.engine.memory import give_back_memory
from lmkit.engine.resources import Resources
from lmkit.engine.scratch import DiskScratch, Scratch
from lmkit.ngrams.counting.run_merging import merge_runs
from lmkit.ngrams.counting.runs import Run, count_block


class RunCollector:
    """Collects runs within a budget of memory: merges them when they fill it, and writes them out when that does not help.

    So the memory needed depends on the number of distinct n-grams, not on the length of the text.
    """

    def __init__(self, resources: Resources, room: int) -> None:
        """resources: of the whole program; room: bytes of its memory for runs and their merging."""
        self._room = room
        self._disk = resources.on_disk()
        self._workers = resources.workers
        self._spilled: list[Run] = []
        self._runs: list[Run] = []
        self.held = 0  # bytes of the runs in memory

    def add(self, run: Run, types: int) -> None:
        """Take in the run of the next piece of text; `types` is the number of words so far."""
        self._runs.append(run)
        self.held += run.nbytes()
        if 9 * self.held > 4 * self._room:  # merging needs as much again, and a little for its parts
            merged = merge_runs(self._runs, types, workers=self._workers)
            if 5 * merged.nbytes() > self._room:
                self._spilled.append(spill(merged, self._disk))
            else:
                self._runs.append(merged)
            self.held = sum(held.nbytes() for held in self._runs)
            give_back_memory()

    def finish(self, order: int, types: int) -> tuple[Run, Scratch]:
        """One run with everything, and where to keep what is made of it: on disk if it fills the memory."""
        on_disk = bool(self._spilled) or 5 * self.held > self._room
        scratch = self._disk if on_disk else Scratch()
        runs = [*self._spilled, *self._runs]
        self._spilled, self._runs = [], []
        if len(runs) == 1 and runs[0].types == types:
            return runs[0], scratch
        runs = runs or [count_block(np.zeros(0, np.int32), order, types)]
        return merge_runs(runs, types, scratch, self._workers), scratch


def spill(run: Run, disk: DiskScratch) -> Run:
    """The run, written to disk."""
    kept = disk.keep([*run.starts, *run.suffixes, *run.counts])
    length = len(run.counts)
    return Run(tuple(kept[:length]), tuple(kept[length : 2 * length]), tuple(kept[2 * length :]))
