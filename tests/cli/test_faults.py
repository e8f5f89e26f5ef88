"""Commands that write, under faults of the system: the old file or the new one, whole; a clear message; nothing left after the next run."""

import errno
import os
import random
import re
import signal
from pathlib import Path
from typing import Any

import pytest

import lmkit
from tests.conftest import train_text
from tests.faults import COMPILER, KINDS_IN_C, Fault, Outcome, run_faulty

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
FAULTS = 42 if THOROUGH else 1  # of each kind, for each command
SEED = 17
STEP = 1 << (12 if THOROUGH else 16)  # bytes of room on a disk
MOST_ROOM = 1 << 23
FULL = re.compile(r"No space left on device|[\d.]+ .?B are free")  # says a message where a disk is full
KINDS = ("killed", "refused", "short", *KINDS_IN_C)
DIED = (
    -signal.SIGSEGV,
    -signal.SIGABRT,
)  # as NumPy and Arrow do in threads of theirs, where an allocation of their own fails
ERRORS = [errno.EIO, errno.EMFILE, errno.ENOSPC, errno.EACCES]


def commands(folder: Path) -> dict[str, list[Any]]:
    """Commands that write, by what they write to."""
    text, counts, model = train_text("en"), folder / "counts.safetensors", folder / "model.safetensors"
    counted = lmkit.count_ngrams(text, 3)
    lmkit.save(counted, counts)
    lmkit.save(lmkit.kneser_ney(counted), model)
    return {
        "counts.safetensors": ["ngram", "train", "-n", 3, text],
        "resumed.safetensors": ["ngram", "train", "--kneser-ney", "--resume", text],
        "merged.safetensors": ["ngram", "merge", counts, counts],
        "model.arpa": ["smooth", "--witten-bell", counts],
        "model.arpa.gz": ["smooth", "--witten-bell", "--backed-off", counts],
        "small.arpa": ["ngram", "prune", "--keep", 1000, "--history", "self", model],
        "pairs.npz": ["cooc", text],
        "words.tsv": ["vocabulary", "list", text],
        "table.parquet": ["count", "-n", 2, text],
        "good.txt": ["filter", model, text, "--keep", "50%"],
        "vectors.safetensors": ["vectors", "svd", "-d", 4, text],
        "checked.arpa": ["ngram", "check", "--repair", model],
    }


def refused(outcome: Outcome) -> bool:
    """Whether a command ended with a clear message: also where the new file is there, and its folder cannot be synced."""
    return (
        outcome.code == 1
        and "Traceback" not in outcome.told
        and any(line.startswith("lmkit: ") for line in outcome.told.splitlines())
    )


IN_C = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler, and Linux")


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=IN_C if kind in KINDS_IN_C else ()) for kind in KINDS])
def test_under_faults_a_file_is_the_old_one_or_the_new_one_and_nothing_is_left(tmp_path: Path, kind: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 (no secret)
    listed = commands(tmp_path)
    if not THOROUGH:  # each command meets one kind
        listed = dict(list(listed.items())[KINDS.index(kind) :: len(KINDS)])
    faults = [
        [Fault(kind, chance.random(), chance.choice(ERRORS)) for _ in range(FAULTS)] for _ in listed
    ]  # in the order of the commands
    found = run_faulty(list(listed.values()), list(listed), faults)
    for name, of_one, each in zip(listed, found, faults, strict=True):
        for outcome, fault in zip(of_one, each, strict=True):
            where = (name, fault, outcome)
            assert outcome.left == [], where
            assert outcome.made in ("old", "whole"), where
            if kind == "killed":
                assert outcome.code in (-9, 0), where
            elif kind in ("parts", "interrupted"):
                assert (outcome.code, outcome.made) == (0, "whole"), where
            elif kind == "memory" and outcome.code in DIED:
                assert outcome.made == "old", where
            else:
                assert (outcome.code, outcome.made) == (0, "whole") or refused(outcome), where


def test_on_a_disk_with_little_room_a_file_is_the_old_one_or_the_new_one_and_nothing_is_left(tmp_path: Path) -> None:
    """The disk is that of the temporary files, too; its room grows until there is enough."""
    (tmp_path / "disk").mkdir()
    listed = commands(tmp_path)
    if not THOROUGH:
        listed = dict(list(listed.items())[:1])
    rooms = [[Fault("full", 0, room) for room in range(0, MOST_ROOM, STEP)]] * len(listed)
    try:
        found = run_faulty(list(listed.values()), list(listed), rooms, tmp_path / "disk")
    except OSError:
        pytest.skip(reason="no disks can be mounted here")
    for name, of_one in zip(listed, found, strict=True):
        *without_room, with_room = of_one
        print(f"{name}: {len(without_room)} disks were full")  # noqa: T201 (shown by pytest -rP)
        assert without_room, name
        for outcome in without_room:
            assert refused(outcome), (name, outcome)
            assert (outcome.made, outcome.left) == ("old", []), (name, outcome)
            assert len(FULL.findall(outcome.told)) == 1, (name, outcome)
        assert (with_room.code, with_room.made, with_room.left) == (0, "whole", []), (name, with_room)
