"""A process of the campaign: tries inputs until the time is over, and tells of each before it is tried, and of each fault, as JSON lines."""

import base64
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from tests.hostile.subjects import subjects
from tests.hostile.trying import changed, tried

MOST_ADDRESSES = 8 << 30  # bytes: what takes more is told that there are none, and the machine lives


def main(folder: str, first: int, step: int, ends: float, only: str) -> None:
    """Try the inputs of every `step`th seed from the first on, of subjects whose names contain `only`."""
    place = Path(folder)
    place.mkdir(exist_ok=True)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    found = [each for each in subjects(place) if only in each.name]
    seed = first
    while time.time() < ends:
        subject = found[seed // step % len(found)]
        data = changed(subject, seed)
        for command in subject.commands:
            tell({"seed": seed, "subject": subject.name, "command": command})
            fault = tried(subject, command, data, place)
            if fault is not None:
                tell({"kind": fault.kind, "told": fault.told, "data": base64.b64encode(data).decode()})
        seed += step
    tell({})


def tell(what: dict[str, Any]) -> None:
    """Tell the campaign of something."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
