"""Commands that are killed at random moments (SIGKILL), and go on with --resume: same bytes, and how much was done again.

python -m benchmarks.killed_jobs corpora/en.train.tok --kills 50

How much was done again is told in shares of the work without --resume, start-up left out. That of less than some 10 seconds of work (50 MB of text) is noise.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

FEW = 300
# Commands by name; {text} is the text, {counts} and {other} are counts of it, and of its second half.
COMMANDS = {
    "train": "ngram train -n 5 --kneser-ney --memory 100M {text} -o x.safetensors",
    "merge": "ngram merge --memory 100M {counts} {other} -o x.safetensors",
    "smooth": "smooth --kneser-ney --memory 100M {counts} -o x.safetensors",
    "cooc": "cooc --cutoff 2 --memory 200M {text} -o x.npz",
    "svd": "vectors svd --cutoff 5 -d 20 {text} -o x.safetensors",
    "glove": "vectors glove --cutoff 5 -d 20 {text} -o x.safetensors",
    "adagrad": "vectors glove --cutoff 5 -d 20 --optimizer adagrad --sweeps 3 {text} -o x.safetensors",
    "word2vec": "vectors word2vec --cutoff 5 -d 50 --epochs 2 {text} -o x.safetensors",
    "bpe": "tokenizer train {text} -o x.json",
    "unigram": "tokenizer train --algorithm unigram {text} -o x.json",
}


@dataclass(frozen=True)
class Ended:
    """A command that came to an end."""

    code: int
    seconds: float  # of processors
    said: str


def main() -> None:
    """Kill, go on, compare, and tell; exit code 1 where bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("--kills", type=int, default=50, help="of all commands together")
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    asked = parser.parse_args()
    chosen = random.Random(asked.seed)  # noqa: S311 (no secret)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = prepared(folder, asked.text.resolve())
        few = prepared(folder / "few", first_lines(folder / "few", asked.text))
        same = True
        print("command", "killed_at", "same", "cpu_s", "keeping_cpu_s", "done_again", sep="\t")
        for number, command in enumerate(asked.commands):
            kills = len(range(number, asked.kills, len(asked.commands)))
            start = of_command(f"{COMMANDS[command].format(**few)} --quiet", folder / "few").seconds
            done = measured(f"{COMMANDS[command].format(**words)} --quiet", folder)
            for _ in range(kills):
                same &= told(command, done, folder, start, chosen.random())
    sys.exit(not same)


def first_lines(folder: Path, text: Path) -> Path:
    """A file with so few lines of the text that a command does little more with them than to start."""
    folder.mkdir()
    few = folder / "few.tok"
    with text.open("rb") as stream:
        few.write_bytes(b"".join(islice(stream, FEW)))
    return few


def prepared(folder: Path, text: Path) -> dict[str, str]:
    """What commands name: the text, and files made of it."""
    half = folder / "half.tok"
    lines = text.read_bytes().splitlines(keepends=True)
    half.write_bytes(b"".join(lines[len(lines) // 2 :]))
    for source, name in ((text, "counts"), (half, "other")):
        of_command(f"ngram train -n 5 {source} -o {name}.safetensors --quiet", folder)
    return {"text": str(text), "counts": "counts.safetensors", "other": "other.safetensors"}


@dataclass(frozen=True)
class Measured:
    """A command that nobody kills."""

    line: str
    output: Path
    jobs: Path  # folder of what is kept
    wanted: str  # the digest of what it writes
    plain: float  # seconds of processors
    keeping: float  # the same with --resume


def measured(line: str, folder: Path) -> Measured:
    """What comes of a command, without --resume and with it."""
    output, jobs = folder / line.partition(" -o ")[2].split()[0], folder / "tmp"
    jobs.mkdir(exist_ok=True)
    plain = of_command(line, folder)
    wanted = digest(output)
    line += f" --resume --tmp {jobs}"
    return Measured(line, output, jobs, wanted, plain.seconds, of_command(line, folder).seconds)


def told(name: str, command: Measured, folder: Path, start: float, share: float) -> bool:
    """Kill a command after a share of its time, let it go on, and tell what came of it. Returns whether the bytes are the same."""
    command.output.unlink(missing_ok=True)
    broken = of_command(command.line, folder, kill_after=start + share * max(command.keeping - start, 0))
    again = "ended" if command.output.exists() else ""
    ended = of_command(command.line, folder)
    same = (ended.code, digest(command.output), list(command.jobs.iterdir())) == (0, command.wanted, [])
    if not again:
        again = f"{(broken.seconds + ended.seconds - command.keeping - start) / (command.plain - start):.0%}"
    answer = "yes" if same else f"NO: {ended.said}"
    print(name, f"{share:.0%}", answer, f"{command.plain:.1f}", f"{command.keeping:.1f}", again, sep="\t", flush=True)
    return same


def of_command(line: str, folder: Path, kill_after: float | None = None) -> Ended:
    """A command of lmkit in a folder; kill_after: seconds of processors that it may take before it is killed."""
    return ended([sys.executable, "-m", "lmkit", *line.split()], folder, kill_after)


def ended(command: Sequence[str], folder: Path, kill_after: float | None) -> Ended:
    """A command that has come to an end, or was killed."""
    with tempfile.TemporaryFile() as said:
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        while kill_after is not None and process_seconds(process.pid) < kill_after:
            time.sleep(0.002)
            if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
        if kill_after is not None:
            os.kill(
                process.pid, signal.SIGKILL
            )  # `Popen.kill` would wait for one that has ended, whose time is asked for below
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return Ended(process.returncode, used.ru_utime + used.ru_stime, said.read().decode())


def process_seconds(process: int) -> float:
    """The processor time that a process has taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def digest(file: Path) -> str:
    """The SHA-256 of a file; empty if there is none."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


if __name__ == "__main__":
    main()
