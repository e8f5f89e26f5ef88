"""lmkit's networks beside PyTorch's: `step` times a step of training, `score` how many tokens a second a text is scored at.

    python -m benchmarks.neural step [--torch PYTHON] [--types 100,8000] [--threads 1,2] [--runs 10] [-o FOLDER]
    python -m benchmarks.neural score [--types 10000] [--threads 1,2]

A step is gradients, clipping and Adam; the two programs take theirs in turn, each in a process of its own, so that what else the machine does falls on
both. PyTorch is that of the Python given with --torch, or found in the folders of the environment's LMKIT_PEERS, or of this one; without it, lmkit is timed alone.
Ratios are how many times faster lmkit is, round by round.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from benchmarks.measuring import machine, spread
from benchmarks.neural.stepping import Work
from benchmarks.programs import PEERS, ROOT, revision_of
from benchmarks.reports import keep, load_before

LMKIT, TORCH = "lmkit", "PyTorch"
STEPS = 5  # of each program before it is the other's turn
TIMES = ("cpu_ms", "wall_ms")


def main() -> None:
    """Measure what is asked for, print the table, keep the figures."""
    options = parsed_options()
    before = load_before()
    works = [Work(types, threads) for types in numbers(options.types) for threads in numbers(options.threads)]
    report: dict[str, Any] = {"machine": machine(), "revision": revision_of(ROOT), "load": before, "job": options.job}
    if options.job == "step":
        torch = python_with_torch() if options.torch is None else options.torch
        report["rows"] = [beside(work, torch, options.runs) for work in works]
        table = steps_table(report["rows"])
    else:
        report["rows"] = [scoring(work, options.runs) for work in works]
        table = scores_table(report["rows"])
    keep(report, table, options.output, options.job)
    print(table)


def parsed_options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=("step", "score"))
    parser.add_argument(
        "--torch", metavar="PYTHON", help=f"none if empty [default: in the folders of the environment's {PEERS}]"
    )
    parser.add_argument("--types", default="100,8000", help="sizes of the vocabulary [default: 100,8000]")
    parser.add_argument("--threads", default="1,2", help="[default: 1,2]")
    parser.add_argument("--runs", type=int, default=10, help=f"rounds, each of {STEPS} steps of each program")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where figures and table are kept")
    return parser.parse_args()


def numbers(given: str) -> list[int]:
    """Numbers separated by commas."""
    return [int(number) for number in given.split(",")]


def python_with_torch() -> str | None:
    """A Python that can import PyTorch: in the folders of peers, or this one."""
    folders = [folder for folder in os.environ.get(PEERS, "").split(os.pathsep) if folder]
    for python in [*(shutil.which("python", path=folder) for folder in folders), sys.executable]:
        if python and not subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode:
            return python
    return None


def beside(work: Work, torch: str | None, runs: int) -> dict[str, Any]:
    """The times of a step by each program, and the ratios of rounds."""
    print(f"{work}", file=sys.stderr, flush=True)
    programs = {LMKIT: Program(sys.executable, "lmkit_steps", work)}
    if torch:
        programs[TORCH] = Program(torch, "torch_steps", work)
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in programs}
    for number in range(runs + 1):
        for name, program in programs.items():
            taken = program.steps(STEPS)
            if number:  # the first round makes arrays
                rounds[name].append(taken)
    for program in programs.values():
        program.end()
    row: dict[str, Any] = {"types": work.types, "threads": work.threads}
    for name, each in rounds.items():
        row[name] = {what: spread([one[what] for one in each]) for what in TIMES}
    if torch:
        pairs = list(zip(rounds[LMKIT], rounds[TORCH], strict=True))
        row["ratio"] = {what: spread([theirs[what] / ours[what] for ours, theirs in pairs]) for what in TIMES}
    return row


class Program:
    """A process that takes steps when it is told."""

    def __init__(self, python: str, module: str, work: Work) -> None:
        one = {name: str(work.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        self._process = subprocess.Popen(
            [python, "-m", f"benchmarks.neural.{module}", work.as_argument()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | one | {"PYTHONPATH": str(ROOT)},
        )

    def steps(self, number: int) -> dict[str, float]:
        """The median of what so many steps took."""
        to, found = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        to.write(f"{number}\n")
        to.flush()
        taken = json.loads(found.readline())
        return {what: statistics.median(each[place] for each in taken) for place, what in enumerate(TIMES)}

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()


def scoring(work: Work, runs: int) -> dict[str, Any]:
    """Tokens a second of perplexity, start-up and files left out, by a model with random parameters."""
    import lmkit
    from lmkit.engine.resources import Resources
    from lmkit.neural.architectures.transformer import TransformerShape
    from lmkit.neural.model import NeuralModel
    from lmkit.text.settings import TextSettings
    from lmkit.text.vocabulary import MARKS, Vocabulary

    shape = TransformerShape(work.dimensions, work.layers, work.heads, work.context)
    words = [*MARKS, *(f"w{number}".encode() for number in range(len(MARKS), work.types))]
    parameters = shape.initial(work.types, 1)
    model = NeuralModel(Vocabulary.from_words(words), TextSettings(), shape, parameters)
    tokens = work.text()
    lines = (
        b" ".join(words[token] for token in line[1:-1]) for line in np.split(tokens, np.flatnonzero(tokens == 0) + 1)
    )
    found: dict[str, list[float]] = {"cpu": [], "wall": []}
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text"
        text.write_bytes(b"\n".join(line for line in lines if line) + b"\n")
        for _ in range(runs):
            wall, cpu = time.perf_counter(), time.process_time()
            measured = lmkit.perplexity(model, text, resources=Resources(work.threads)).tokens
            found["cpu"].append(measured / (time.process_time() - cpu))
            found["wall"].append(measured / (time.perf_counter() - wall))
    return {"types": work.types, "threads": work.threads} | {name: spread(rates) for name, rates in found.items()}


def steps_table(rows: list[dict[str, Any]]) -> str:
    """Times of steps, medians of rounds; ratios with their range."""
    lines = [
        "| types | threads | lmkit, CPU ms | PyTorch, CPU ms | times faster | lmkit, wall ms | PyTorch, wall ms | times faster |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [f"{row['types']:,}", str(row["threads"])]
        for what in TIMES:
            cells += [f"{row[name][what]['median']:.1f}" if name in row else "–" for name in (LMKIT, TORCH)]
            ratio = row["ratio"][what] if "ratio" in row else None
            cells.append(f"{ratio['median']:.2f} ({ratio['min']:.2f} to {ratio['max']:.2f})" if ratio else "–")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def scores_table(rows: list[dict[str, Any]]) -> str:
    """Tokens a second."""
    lines = ["| types | threads | tokens a CPU second | tokens a second |", "|---|---|---|---|"]
    for row in rows:
        rates = " | ".join(f"{row[name]['median']:,.0f}" for name in ("cpu", "wall"))
        lines.append(f"| {row['types']:,} | {row['threads']} | {rates} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
