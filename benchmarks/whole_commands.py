"""Times the main job as users run it, whole commands on a text, beside KenLM's if its programs are at hand.

    python benchmarks/whole_commands.py TEXT [--order 5] [--runs 3] [--kenlm FOLDER] [--keep]

TEXT: a tokenised text, plain; its last tenth is scored under a model of the rest. FOLDER: where KenLM's lmplz,
build_binary and query are. Each run takes all programs in turn; medians are printed, and all figures are kept with
--keep in benchmarks/results/DATE-MACHINE/. The results are checked: n-gram counts and perplexities must agree.
"""

import argparse
import datetime as dt
import json
import os
import platform
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def timed(command: str, folder: Path) -> dict[str, Any]:
    """Run a shell command; its wall and processor seconds, its peak memory in MB, and what it printed."""
    with (folder / "printed").open("w+b") as printed:
        start = time.perf_counter()
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=folder, stdout=printed, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        printed.seek(0)
        text = printed.read().decode(errors="replace")
    if status:
        sys.exit(f"{command} failed:\n{text}")
    cpu = usage.ru_utime + usage.ru_stime
    return {"wall_s": wall, "cpu_s": cpu, "peak_mb": usage.ru_maxrss / 1024, "printed": text}


def split_text(text: Path, folder: Path) -> None:
    """The first nine tenths of the lines as train.tok, the rest as test.tok.

    Line by line: a child's peak memory, as the system tells it, begins with what its parent held.
    """
    with text.open("rb") as lines:
        cut = sum(1 for _ in lines) * 9 // 10
    with text.open("rb") as lines, (folder / "train.tok").open("wb") as train, (folder / "test.tok").open("wb") as test:
        for place, line in enumerate(lines):
            (train if place < cut else test).write(line)


def stages(order: int, kenlm: Path | None) -> dict[str, str]:
    """The commands, by name, in the order in which they are run."""
    lmkit = f"{shlex.quote(sys.executable)} -m lmkit"
    ours = {
        "lmkit count words": f"{lmkit} count train.tok -o /dev/null",
        "lmkit count bigrams": f"{lmkit} count -n 2 train.tok -o /dev/null",
        "lmkit ngram train": f"{lmkit} ngram train -n {order} train.tok -o counts",
        "lmkit smooth": f"{lmkit} smooth --kneser-ney --compat kenlm counts -o model",
        "lmkit smooth to ARPA": f"{lmkit} smooth --kneser-ney --compat kenlm counts -o model.arpa",
        "lmkit perplexity": f"{lmkit} perplexity model test.tok --json",
        "lmkit cooc": f"{lmkit} cooc --window 10 --cutoff 5 train.tok -o pairs.npz",
    }
    if kenlm is None:
        return ours
    theirs = {
        "KenLM lmplz": f"{kenlm}/lmplz -o {order} -S 8G --text train.tok --arpa kenlm.arpa",
        "KenLM build_binary": f"{kenlm}/build_binary probing kenlm.arpa kenlm.binary",
        "KenLM query": f"{kenlm}/query -v summary kenlm.binary < test.tok",
    }
    return ours | theirs


def announced_ngrams(arpa: Path) -> list[str]:
    """The numbers of n-grams in the head of an ARPA file."""
    with arpa.open(encoding="utf-8") as file:
        return re.findall(r"^ngram \d=\d+$", file.read(4000), re.MULTILINE)


def check(results: dict[str, dict[str, Any]], folder: Path) -> None:
    """Stop unless lmkit and KenLM agree on n-gram counts and perplexities."""
    ours, theirs = (announced_ngrams(folder / name) for name in ("model.arpa", "kenlm.arpa"))
    perplexity = json.loads(results["lmkit perplexity"]["printed"].splitlines()[-1])["perplexity"]
    expected = float(re.findall(r"including OOVs:\s*([\d.]+)", results["KenLM query"]["printed"])[0])
    if ours != theirs or abs(perplexity / expected - 1) > 1e-5:
        sys.exit(f"lmkit and KenLM disagree: {ours} {theirs}, perplexity {perplexity} {expected}")


def main() -> None:
    """Time, check, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--order", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kenlm", type=Path)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    runs: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        split_text(options.text, folder)
        for _ in range(options.runs):
            results = {stage: timed(line, folder) for stage, line in stages(options.order, options.kenlm).items()}
            if options.kenlm:
                check(results, folder)
            for stage, result in results.items():
                del result["printed"]
                runs.setdefault(stage, []).append(result)
    print(f"{'':22}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}   medians of {options.runs} runs")
    for stage, results_of_stage in runs.items():
        medians = [
            statistics.median(result[key] for result in results_of_stage) for key in ("wall_s", "cpu_s", "peak_mb")
        ]
        print(f"{stage:22}{medians[0]:9.2f}{medians[1]:9.2f}{medians[2]:9.0f}")
    if options.keep:
        where = RESULTS / f"{dt.datetime.now(tz=dt.UTC).date()}-{platform.machine()}-{os.cpu_count()}cores"
        where.mkdir(parents=True, exist_ok=True)
        about = {"text": options.text.name, "order": options.order, "python": platform.python_version(), "runs": runs}
        (where / f"{options.text.stem}.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
