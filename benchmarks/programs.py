"""The programs that are timed: this lmkit, those of other checkouts, and where peers are found."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Command

ROOT = Path(__file__).parents[1]
PEERS = "LMKIT_PEERS"  # folders with programs, as in PATH
LAUNCHER = "#!{python}\nimport sys\n{before}from lmkit.__main__ import main\nsys.exit(main())\n"
HIDING = """
class Hiding:
    @staticmethod
    def find_spec(name, path, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hiding)  # pandas is as if it were not installed; pyarrow stumbles over None in sys.modules
"""
LAUNCHERS = {"lmkit": "", "lmkit-without-pandas": HIDING}


@dataclass(frozen=True)
class Lmkit:
    """An lmkit that is timed, and the folder in which it works: models of one need not be readable by another."""

    name: str  # lmkit, or lmkit REVISION
    checkout: Path
    revision: str
    folder: Path

    def command(self, line: str) -> Command:
        """A shell command in which `lmkit` is this one."""
        places = [str(self.checkout), os.environ.get("PYTHONPATH", "")]
        return Command(line, self.folder, {"PYTHONPATH": os.pathsep.join(place for place in places if place)})


def find_peers(given: list[str]) -> None:
    """Put folders given, and those of the environment's LMKIT_PEERS, in front of PATH."""
    folders = [*given, *os.environ.get(PEERS, "").split(os.pathsep), os.environ["PATH"]]
    os.environ["PATH"] = os.pathsep.join(folder for folder in folders if folder)


def available(name: str) -> bool:
    """Whether a program is on PATH, or a Python module (module:NAME) can be imported."""
    if name.startswith("module:"):
        return importlib.util.find_spec(name.removeprefix("module:")) is not None
    return shutil.which(name) is not None


def lmkits(others: list[Path], folder: Path) -> list[Lmkit]:
    """The lmkit of this checkout, then those of others, each with a folder of its own and its modules compiled."""
    for name, before in LAUNCHERS.items():
        launcher = folder / "bin" / name
        launcher.parent.mkdir(exist_ok=True)
        launcher.write_text(LAUNCHER.format(python=sys.executable, before=before), encoding="utf-8")
        launcher.chmod(0o755)
    os.environ["PATH"] = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    found: list[Lmkit] = []
    for number, checkout in enumerate([ROOT, *(other.resolve() for other in others)]):
        if not (checkout / "lmkit" / "__main__.py").exists():
            sys.exit(f"--lmkit {checkout}: there is no lmkit/__main__.py in it; give the folder that holds the package")
        place, revision = folder / f"lmkit{number}", revision_of(checkout)
        place.mkdir()
        name = f"lmkit {revision}" if number else "lmkit"
        if name in [one.name for one in found]:
            sys.exit(f"--lmkit {checkout}: revision {revision} is given twice")
        subprocess.run([sys.executable, "-m", "compileall", "-q", checkout / "lmkit"], check=False)
        found.append(Lmkit(name, checkout, revision, place))
    return found


def revision_of(checkout: Path) -> str:
    """The version and, of a git repository, the revision of a checkout, with + after it if files were changed."""
    (version,) = re.findall(
        r'^__version__ = "(.*)"', (checkout / "lmkit" / "version.py").read_text("utf-8"), re.MULTILINE
    )
    command = ["git", "-C", str(checkout), "describe", "--always", "--exclude=*", "--dirty=+"]
    if not (checkout / ".git").exists() or not available("git"):
        return str(version)
    described = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return f"{version} {described}".strip()
