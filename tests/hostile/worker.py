"""A process of the campaign: tries inputs until the time is over, and tells of each before it is tried, and of each fault, as JSON lines.

One command after another in one process, hundreds a second: what stays as it is from one to the next is looked for once, and most have one
core, as threads that begin and end take more time than what small files give them to do. A file that a command refuses is refused by
the others, which read it likewise; one that a command reads is given to another one, too.
"""

import base64
import faulthandler
import gc
import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from pkgutil import ModuleInfo, iter_modules
from random import Random
from typing import Any

from lmkit.cli import command
from lmkit.engine import machine
from lmkit.text.tokens.subwords.tokenizer import loaded
from tests.hostile.folders import placed
from tests.hostile.subjects import Subject, subjects
from tests.hostile.trying import changed, fault_of

MOST_ADDRESSES = 8 << 30  # bytes: what takes more is told that there are none, and the machine lives
STUCK = 60  # seconds until a process is ended that comes back from no command, though it is told to
WARM = 3  # rounds of all subjects until what the process has imported is looked through no more for what could be forgotten
SPREAD = 16  # of so many inputs, one has all cores
COMMANDS = 2  # for a file that is read
LINES = (".txt", ".tsv", ".csv", ".jsonl", ".gz")
ALL_CORES = machine.cores()


def main(folder: str, first: int, step: int, ends: float, only: str) -> None:
    """Try the inputs of every `step`th seed from the first on, of subjects whose names contain `only`."""
    place = Path(folder)
    place.mkdir(exist_ok=True)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    look_once()
    found = [each for each in subjects(place) if only in each.name]
    found = [each for each in found for _ in range(weight_of(each))]
    seed, known, alive = first, set[int](), 0.0
    while time.time() < ends:
        if time.time() > alive:
            faulthandler.dump_traceback_later(STUCK, exit=True)
            alive = time.time() + 1
        if seed == first + WARM * step * len(found):
            gc.collect()
            gc.freeze()
        try_one(found[seed // step % len(found)], seed, place, known)
        seed += step
    faulthandler.cancel_dump_traceback_later()
    tell({})


def try_one(subject: Subject, seed: int, folder: Path, known: set[int]) -> None:
    """Change a file as a seed says, and give it to commands."""
    data = changed(subject, seed)
    digest = hash((subject.name, data))
    is_new, name = digest not in known, placed(data, folder / f"changed-{subject.name}")
    known.add(digest)
    chance = Random(f"commands {seed}")  # noqa: S311 (no secret); others than those by which the file was changed
    on_cores(1 if chance.randrange(SPREAD) else ALL_CORES.amount)
    order = list(subject.commands)
    chance.shuffle(order)
    for number, line in enumerate(order[:COMMANDS]):
        tell({"seed": seed, "subject": subject.name, "command": line, "number": number, "is_new": is_new})
        code, fault = fault_of(line, name, folder)
        if fault is not None:
            tell({"kind": fault.kind, "told": fault.told, "data": base64.b64encode(data).decode()})
        loaded.cache_clear()  # a tokenizer may end the process where it is taken down
        if code:
            return


def weight_of(subject: Subject) -> int:
    """How often a subject has its turn: those that are more than lines more often."""
    return 1 if subject.name.endswith(LINES) else 3


def look_once() -> None:
    """Look once for what is the same for each command of this process: the files and options of the commands, and how much memory there is."""

    @cache
    def modules(folders: tuple[str, ...], prefix: str) -> list[ModuleInfo]:
        return list(iter_modules(folders, prefix))

    def listed(folders: Iterable[str], prefix: str) -> Iterator[ModuleInfo]:
        return iter(modules(tuple(folders), prefix))

    vars(machine)["memory"] = cache(machine.memory)
    of_functions = {name: cache(vars(command)[name]) for name in ("get_type_hints", "signature", "parameters_of")}
    vars(command).update(of_functions, iter_modules=listed)


def on_cores(number: float) -> None:
    """Have commands find so many cores."""
    vars(machine)["cores"] = lambda: machine.Limit(number, ALL_CORES.said_by)
    machine.number_of_cores.cache_clear()


def tell(what: dict[str, Any]) -> None:
    """Tell the campaign of something."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
