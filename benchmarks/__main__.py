"""Times lmkit beside every peer that is found, and writes down what came out.

    python -m benchmarks [TEXT [SECOND]] [--runs 3] [--jobs train,score] [--peers FOLDER] [--keep]

TEXT: a tokenised text, plain; without one, a text of --tokens words is generated. SECOND: another, for the job within a
budget of memory. Peers are what is on PATH, or in FOLDERs given with --peers; others are reported as absent. All
programs of a job run in turn, several times; ratios are taken run by run. The programs' results must agree.
"""

import argparse
import datetime as dt
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.core import measure_core
from benchmarks.generating import write_text
from benchmarks.jobs import Job, all_jobs, available
from benchmarks.measuring import lmkit, machine, measure_alternating, ratios, run, summary

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure what is asked for, print a table, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, nargs="?")
    parser.add_argument("second", type=Path, nargs="?")
    parser.add_argument("--tokens", type=int, default=4_000_000, help="of a generated text")
    parser.add_argument("--order", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory", default="600M", help="for the job within a budget")
    parser.add_argument(
        "--jobs", help="names, separated by commas: core, growth, threads, memory, and those of jobs.py"
    )
    parser.add_argument(
        "--growth", type=int, default=16, help="largest generated text of the growth curve, in millions of tokens"
    )
    parser.add_argument("--peers", action="append", default=[], help="a folder with programs")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--keep", action="store_true", help=f"write to {RESULTS}/DATE-MACHINE")
    options = parser.parse_args()
    os.environ["PATH"] = os.pathsep.join([*options.peers, os.environ["PATH"]])
    jobs = all_jobs(options.order, options.memory)
    wanted = options.jobs.split(",") if options.jobs else ["core", *jobs, "growth", "threads", "memory"]
    report: dict[str, Any] = {"machine": machine(), "order": options.order, "jobs": {}, "curves": {}}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        report["text"] = prepare_texts(options, folder)
        for wish in wanted:
            print(f"== {wish}", file=sys.stderr, flush=True)
            if wish == "core":
                report["core"] = measure_core([10**4, 10**5, 10**6, 10**7], options.runs)
                print_core(report["core"])
            elif wish in jobs:
                report["jobs"][wish] = measure_job(jobs[wish], folder, options.runs)
                print_job(report["jobs"][wish])
            else:
                report["curves"][wish] = measure_curve(wish, folder, options)
                print_curve(wish, report["curves"][wish])
            if options.keep:  # after each, lest an interruption lose all
                keep(report)


def prepare_texts(options: argparse.Namespace, folder: Path) -> str:
    """Put the texts into the folder; returns what they are."""
    whole = folder / "all.tok"
    if options.text:
        shutil.copyfile(options.text, whole)
    else:
        write_text(whole, options.tokens)
    with whole.open("rb") as lines:
        half = sum(1 for _ in lines) // 2
    with (
        whole.open("rb") as lines,
        (folder / "first.tok").open("wb") as first,
        (folder / "second.tok").open("wb") as second,
    ):
        for number, line in enumerate(lines):
            (first if number < half else second).write(line)
    words = 0
    with whole.open("rb") as lines, (folder / "small.tok").open("wb") as small:
        for line in lines:
            words += len(line.split())
            if words > 1_000_000:
                break
            small.write(line)
    with (folder / "more.tok").open("wb") as more:
        for path in (whole, options.second or folder / "first.tok"):
            with path.open("rb") as file:
                shutil.copyfileobj(file, more)
    names = [path.name for path in (options.text, options.second) if path]
    return " and ".join(names) or f"generated, {options.tokens:,} words"


def measure_job(job: Job, folder: Path, runs: int) -> dict[str, Any]:
    """The figures of a job, and the ratios of the peers' times to lmkit's."""
    absent = [name for name in job.commands if name in job.needs and not available(job.needs[name])]
    commands = {name: command for name, command in job.commands.items() if name not in absent}
    for command in job.prepare:
        run(command, folder)
    results = measure_alternating(commands, folder, runs)
    job.agree(folder, results)
    ours = [name for name in commands if name.startswith("lmkit")]
    theirs = [name for name in commands if name not in ours]
    return {
        "title": job.title,
        "absent": absent,
        "results": {name: summary(measured) for name, measured in results.items()},
        "times_faster": {f"{our} : {their}": ratios(results[our], results[their]) for our in ours for their in theirs},
    }


def measure_curve(name: str, folder: Path, options: argparse.Namespace) -> list[dict[str, float]]:
    """Seconds and memory of training over sizes of generated texts, numbers of threads, or budgets of memory."""
    text, points = folder / "curve.tok", []
    settings: list[tuple[float, str]] = []
    if name == "growth":
        settings = [(size, "") for size in (1, 4, 16, 64) if size <= options.growth]
    elif name == "threads":
        settings = [(count, f"--workers {count}") for count in (1, 2, 4, 8, 16, 32) if count <= (os.cpu_count() or 1)]
    elif name == "memory":
        settings = [(budget, f"--memory {budget}M") for budget in (300, 450, 600, 900, 1800)]
    else:
        sys.exit(f"there is no job named {name}")
    for x, flags in settings:
        source = folder / ("all.tok" if name != "memory" else "more.tok")
        if name == "growth":
            write_text(text, int(x * 1_000_000))
            source = text
        command = f"{lmkit()} ngram train -q -n {options.order} --kneser-ney {flags} {source} -o curve.safetensors"
        measured = summary([run(command, folder) for _ in range(options.runs)])
        points.append({"x": x, "wall_s": measured["wall_s"]["median"], "peak_mb": measured["peak_mb"]["median"]})
    return points


def print_core(figures: list[dict[str, Any]]) -> None:
    """A table of the counting core."""
    print(f"{'pairs':>12}{'group_pairs ms':>16}{'np.unique ms':>14}{'ratio':>8}")
    for row in figures:
        print(f"{row['pairs']:12,}{row['group_pairs_s'] * 1e3:16.2f}{row['unique_s'] * 1e3:14.2f}{row['ratio']:8.1f}")


def print_job(figures: dict[str, Any]) -> None:
    """A table of a job."""
    print(f"\n{figures['title']}\n{'':40}{'wall s: min':>12}{'median':>8}{'max':>8}{'CPU s':>8}{'peak MB':>9}")
    for name, row in figures["results"].items():
        wall = "".join(f"{row['wall_s'][key]:8.2f}" for key in ("median", "max"))
        print(
            f"{name:40}{row['wall_s']['min']:12.2f}{wall}{row['cpu_s']['median']:8.2f}{row['peak_mb']['median']:9.0f}"
        )
    for name, row in figures["times_faster"].items():
        print(f"    {name}: {row['median']:.2f} times faster ({row['min']:.2f} to {row['max']:.2f})")
    for name in figures["absent"]:
        print(f"    {name}: absent")
    sys.stdout.flush()


def print_curve(name: str, points: list[dict[str, float]]) -> None:
    """A table of a curve."""
    unit = {"growth": "M tokens", "threads": "threads", "memory": "MB allowed"}[name]
    print(f"\n{name}\n{unit:>12}{'wall s':>9}{'peak MB':>9}")
    for point in points:
        per_token = f"{point['wall_s'] / point['x']:9.2f} s a million tokens" if name == "growth" else ""
        print(f"{point['x']:12g}{point['wall_s']:9.2f}{point['peak_mb']:9.0f}{per_token}")
    sys.stdout.flush()


def keep(report: dict[str, Any]) -> None:
    """Write the figures as JSON, and their curves as a picture."""
    where = RESULTS / f"{dt.datetime.now(tz=dt.UTC).date()}-{platform.machine()}-{os.cpu_count()}cores"
    where.mkdir(parents=True, exist_ok=True)
    (where / "figures.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if report["curves"]:
        from benchmarks.picture import draw

        draw(report, where / "curves.svg")


if __name__ == "__main__":
    main()
