"""lmkit beside other programs, job by job: the solver, GloVe, analogies, text files; and what large files of vectors take."""

import shlex
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import lmkit
from benchmarks.measuring import run
from benchmarks.programs import Lmkit, available
from benchmarks.vectors.peers import SINGULAR_VALUES
from benchmarks.vectors.tables import ADD, TOTAL
from benchmarks.vectors.trained import json_in

Row = dict[str, Any]  # cpu_s, wall_s, maybe peak_mb, and what is told beside
WIDE = 300  # dimensions
FILE_WORDS, LARGE_WORDS = 20_000, 400_000
PASSES, CHECKPOINTS = 15, 5  # of Stanford's program: in all, and after how many its parameters are kept
QUERIES = (1, 100)  # words whose neighbours are asked for in one call


@dataclass(frozen=True)
class Bench:
    """What the jobs share."""

    program: Lmkit
    matrix: Path  # of counts
    questions: list[Path]  # analogies
    dimensions: int
    runs: int

    def command(self, line: str, told: Row | None = None) -> Row:
        """A whole command line, start-up and files included."""
        print(line, file=sys.stderr, flush=True)
        measured = [run(self.program.command(line)) for _ in range(self.runs)]
        figures = {name: statistics.median(getattr(one, name) for one in measured) for name in ("cpu_s", "wall_s")}
        return figures | {"peak_mb": max(one.peak_mb for one in measured), "told": told or {}}

    def trial(self, *arguments: object) -> Row:
        """The work of a trial alone, in a process of its own."""
        python = f"{shlex.quote(sys.executable)} -m benchmarks.vectors.peers"
        line = f"{python} {' '.join(shlex.quote(str(argument)) for argument in arguments)} --runs {self.runs}"
        print(line, file=sys.stderr, flush=True)
        measured = run(self.program.command(line))
        found = json_in(measured.printed)
        taken = found.pop("runs")
        times = {what: statistics.median(each[what] for each in taken) for what in ("cpu_s", "wall_s")}
        return times | {"peak_mb": measured.peak_mb, "told": found}

    def accuracy(self, vectors: str) -> Row:
        """3CosAdd of vectors in a file on the questions, in percent."""
        if not self.questions:
            return {}
        sets = " ".join(shlex.quote(str(path)) for path in self.questions)
        printed = run(self.program.command(f"lmkit vectors evaluate -q --json {vectors} {sets}")).printed
        shares = [
            figure["value"]
            for figure in json_in(printed)["figures"]
            if (figure.get("section"), figure["figure"]) == (TOTAL, ADD)
        ]
        return {"3CosAdd %": 100 * shares[0]}


def solver(bench: Bench) -> dict[str, Row]:
    """Singular vectors of the same matrix, without what is made before: time, energy beside that of ARPACK, analogies; and lmkit's whole command."""
    rows: dict[str, Row] = {}
    for dimensions in dict.fromkeys((bench.dimensions, WIDE)):
        files = {name: f"{name}{dimensions}.safetensors" for name in ("lmkit", "propack", "arpack")}
        found = {name: bench.trial("svd", bench.matrix, dimensions, name, file) for name, file in files.items()}
        energies = {name: energy(bench.program.folder / file) for name, file in files.items()}
        for name, row in found.items():
            row["told"] |= {"energy": energies[name] / energies["arpack"]} | bench.accuracy(files[name])
            rows[f"{name}, {dimensions} dimensions"] = row
        line = f"lmkit vectors svd -q {bench.matrix} -d {dimensions} -o whole.safetensors"
        rows[f"lmkit vectors svd, the command, {dimensions} dimensions"] = bench.command(line)
    return rows


def energy(file: Path) -> float:
    """Σ σ² of the singular values that vectors in a file were made with."""
    return float(np.square(lmkit.load_vectors(file).state[SINGULAR_VALUES], dtype=np.float64).sum())


def glove(bench: Bench) -> dict[str, Row]:
    """J on all cells, of vectors as they are after sweeps and passes, and the time until then."""
    rows: dict[str, Row] = {}
    for dimensions in dict.fromkeys((bench.dimensions, WIDE)):
        for sweeps in (1, 2, 3):
            file = f"glove{dimensions}.{sweeps}.safetensors"
            row = bench.command(f"lmkit vectors glove -q {bench.matrix} -d {dimensions} --sweeps {sweeps} -o {file}")
            row["told"] = {**bench.trial("glove-cost", bench.matrix, file)["told"], **bench.accuracy(file)}
            rows[f"lmkit, {dimensions} dimensions, {sweeps} sweeps"] = row
        rows |= stanford(bench, dimensions) if available("glove") else {}
    return rows


def stanford(bench: Bench, dimensions: int) -> dict[str, Row]:
    """GloVe by the program of its authors, on the same cells; passes that are not the last one take their share of the time."""
    if not (bench.program.folder / "cells.bin").is_file():
        bench.trial("glove-cells", bench.matrix, "cells.bin", "cells.txt")
    whole = bench.command(
        f"glove -input-file cells.bin -vocab-file cells.txt -save-file st{dimensions} -vector-size {dimensions} -threads 2 "
        f"-iter {PASSES} -x-max 100 -alpha 0.75 -binary 1 -checkpoint-every {CHECKPOINTS} -seed 1 -verbose 0"
    )
    rows = {}
    for passes in range(CHECKPOINTS, PASSES + 1, CHECKPOINTS):
        part = {what: whole[what] * passes / PASSES for what in ("cpu_s", "wall_s")}
        file, kept = f"st{dimensions}.safetensors", f"st{dimensions}.{passes:03}.bin"
        told = bench.trial("glove-cost", bench.matrix, kept, dimensions, file)["told"]
        rows[f"Stanford, {dimensions} dimensions, {passes} passes"] = {
            **whole, **part, "told": told | bench.accuracy(file),
        }  # fmt: skip
    return rows


def analogies(bench: Bench) -> dict[str, Row]:
    """All questions, by lmkit and by gensim: the same accuracy, and the time without what is read before."""
    bench.command(f"lmkit vectors svd -q {bench.matrix} -d {bench.dimensions} -o asked.safetensors")
    bench.command("lmkit vectors convert -q asked.safetensors -o asked.txt")
    rows = {}
    for path in bench.questions:
        rows[f"lmkit, both methods, {path.name}"] = bench.trial("analogies-lmkit", "asked.safetensors", path)
        if available("module:gensim"):
            rows[f"gensim, 3CosAdd, {path.name}"] = bench.trial("analogies-gensim", "asked.txt", path)
    return rows


def files(bench: Bench) -> dict[str, Row]:
    """Text files of vectors, written and read."""
    size = f"{FILE_WORDS:,} × {WIDE}"
    bench.trial("random-vectors", FILE_WORDS, WIDE, "small.safetensors")
    rows = {
        f"written, {size}, lmkit": bench.trial("write-lmkit", "small.safetensors", "small.txt"),
        f"written, {size}, np.char.mod": bench.trial("write-numpy", "small.safetensors"),
        f"read, {size}, lmkit": bench.trial("read-lmkit", "small.txt"),
    }
    if available("module:gensim"):
        rows[f"written, {size}, gensim"] = bench.trial("write-gensim", "small.safetensors", "gensim.txt")
        rows[f"read, {size}, gensim"] = bench.trial("read-gensim", "small.txt")
    return rows


def large(bench: Bench) -> dict[str, Row]:
    """What a file of many vectors takes: to be opened, and to be asked for neighbours."""
    size = f"{LARGE_WORDS:,} × {WIDE}"
    bench.trial("random-vectors", LARGE_WORDS, WIDE, "large.safetensors")
    rows = {f"opened, {size}": bench.trial("open", "large.safetensors")}
    for number in QUERIES:
        rows[f"neighbours of {number}, {size}"] = bench.trial("neighbours", "large.safetensors", number)
    rows[f"the command, 1 word, {size}"] = bench.command("lmkit vectors neighbours large.safetensors w0")
    return rows


JOBS: dict[str, Callable[[Bench], dict[str, Row]]] = {
    "solver": solver,
    "glove": glove,
    "analogies": analogies,
    "files": files,
    "large": large,
}
NAMES = {
    "solver": "singular value decomposition of a matrix, beside SciPy's svds",
    "glove": "GloVe of a matrix, beside the program of its authors",
    "analogies": "questions answered, beside gensim",
    "files": "text files of vectors",
    "large": "large files of vectors",
}


def measure_jobs(wanted: list[str], bench: Bench) -> Iterator[tuple[str, dict[str, Row]]]:
    """The figures of jobs by their titles, one job after the other."""
    for name in wanted:
        yield NAMES[name], JOBS[name](bench)
