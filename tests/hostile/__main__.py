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

STUCK = 60  # seconds without a word of a process


@dataclass
class Campaign:
    """What has been tried, and what was found."""

    ends: float
    only: str
    processes: int
    tries: Counter[str] = field(default_factory=Counter)  # commands by subject
    faults: dict[tuple[str, str], dict[str, Any]] = field(
        default_factory=dict
    )  # the first of each kind for each subject

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
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            watch = threading.Timer(STUCK, process.kill)
            watch.start()
            for told in map(json.loads, process.stdout):
                watch.cancel()
                watch = threading.Timer(STUCK, process.kill)
                watch.start()
                if not told:
                    now = {}
                elif "kind" in told:
                    self.faults.setdefault((now["subject"], told["kind"]), now | told)
                else:
                    now = told
                    self.tries[now["subject"]] += 1
            watch.cancel()
        if now:
            kind = f"the process ended ({process.returncode})"
            self.faults.setdefault((now["subject"], kind), now | {"kind": kind, "told": "", "data": ""})
        return now


def main() -> int:
    """Try as many inputs as there is time for; prints what was found; 1 if something was."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--subject", default="", help="only files whose names contain this")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="a folder for inputs that show faults")
    given = parser.parse_args()
    campaign = Campaign(time.time() + 60 * given.minutes, given.subject, given.workers)
    with tempfile.TemporaryDirectory(prefix="lmkit-hostile-", ignore_cleanup_errors=True) as folder:
        seeds = range(given.seed, given.seed + given.workers)
        threads = [threading.Thread(target=campaign.work, args=(f"{folder}/{seed}", seed)) for seed in seeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for (subject, kind), fault in sorted(campaign.faults.items()):
        told = fault["told"].strip().replace("\n", "\n  ")
        sys.stdout.write(f"{subject}: {kind}\n  seed {fault['seed']}: {fault['command']}\n  {told}\n")
        if given.keep:
            given.keep.mkdir(exist_ok=True)
            (given.keep / f"{fault['seed']}-{subject}").write_bytes(base64.b64decode(fault["data"]))
    tried = f"{campaign.tries.total():,} commands on changed files of {len(campaign.tries)} formats"
    sys.stdout.write(f"{tried}: {len(campaign.faults)} faults\n")
    return int(bool(campaign.faults))


if __name__ == "__main__":
    sys.exit(main())
