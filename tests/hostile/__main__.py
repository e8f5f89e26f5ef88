"""The campaign: `python -m tests.hostile --minutes 60 [--seed 1] [--subject NAME] [--keep FOLDER]`."""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

IN_MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made there)


@dataclass
class Campaign:
    """What has been tried, and what was found."""

    ends: float
    only: str
    processes: int
    keep: Path | None  # where inputs that show faults go
    inputs: Counter[str] = field(default_factory=Counter)  # by subject
    different: Counter[str] = field(default_factory=Counter)  # of them
    tries: Counter[str] = field(default_factory=Counter)  # commands that read them
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)  # by subject and kind

    def work(self, folder: str, seed: int) -> None:
        """Have every so manyth seed tried, by one process, and by another from where that died."""
        while time.time() < self.ends:
            last = self.followed(folder, seed)
            if not last:
                return
            seed = last["seed"] + self.processes

    def followed(self, folder: str, seed: int) -> dict[str, Any]:
        """What a process was at when it died; nothing, if it came to its end."""
        line = [
            sys.executable,
            "-m",
            "tests.hostile.worker",
            folder,
            str(seed),
            str(self.processes),
            str(self.ends),
            self.only,
        ]
        now: dict[str, Any] = {"seed": seed, "subject": "", "command": ""}
        with subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | {"TMPDIR": folder}
        ) as process:
            assert process.stdout is not None
            for told in map(json.loads, process.stdout):
                if not told:
                    now = {}
                elif "kind" in told:
                    self.notice(now | told)
                else:
                    now = told
                    self.count(told)
        if now:
            self.notice(now | {"kind": f"the process ended ({process.returncode})", "told": "", "data": ""})
        return now

    def count(self, told: dict[str, Any]) -> None:
        """One more command."""
        name, is_first = told["subject"], not told["number"]
        self.tries[name] += 1
        self.inputs[name] += is_first
        self.different[name] += is_first and told["is_new"]

    def notice(self, fault: dict[str, Any]) -> None:
        """One more fault, which is told if it is the first of its kind for its subject."""
        subject, kind = fault["subject"], fault["kind"]
        self.faults[subject, kind] += 1
        if self.faults[subject, kind] > 1:
            return
        told = fault["told"].strip().replace("\n", "\n  ")
        sys.stdout.write(f"{subject}: {kind}\n  seed {fault['seed']}: {fault['command']}\n  {told}\n")
        sys.stdout.flush()
        if self.keep:
            self.keep.mkdir(exist_ok=True)
            (self.keep / f"{fault['seed']}-{subject}").write_bytes(base64.b64decode(fault["data"]))


def main() -> int:
    """Try as many inputs as there is time for; prints what was found; 1 if something was."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--subject", default="", help="only files whose names contain this")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="a folder for inputs that show faults")
    given = parser.parse_args()
    campaign = Campaign(time.time() + 60 * given.minutes, given.subject, given.workers, given.keep)
    within = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="lmkit-hostile-", dir=within, ignore_cleanup_errors=True) as folder:
        seeds = range(given.seed, given.seed + given.workers)
        threads = [threading.Thread(target=campaign.work, args=(f"{folder}/{seed}", seed)) for seed in seeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name, number in sorted(campaign.inputs.items()):
        sys.stdout.write(f"{number:>9,} inputs, {campaign.different[name]:>9,} different: {name}\n")
    tried = f"{campaign.inputs.total():,} changed files of {len(campaign.inputs)} formats, {campaign.different.total():,} of them different"
    sys.stdout.write(f"{tried}, {campaign.tries.total():,} commands: {len(campaign.faults)} faults\n")
    return int(bool(campaign.faults))


if __name__ == "__main__":
    sys.exit(main())
