"""What was measured, in a folder: figures for programs, tables for people."""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.measuring import load, too_busy
from benchmarks.tables import load_line


def keep(report: dict[str, Any], tables: str, folder: Path | None, name: str) -> None:
    """Write the figures as NAME.json and the tables as NAME.md, if a folder was named."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(f"{tables}\n", encoding="utf-8")


def load_before() -> dict[str, float]:
    """What the machine did before a job; that others work on it is told on stderr."""
    found = load()
    if too_busy(found):
        print(f"WARNING: the machine has other work ({load_line(found)}); times will be too long", file=sys.stderr)
    return found
