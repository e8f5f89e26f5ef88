"""Times lmkit beside every peer that is found, and writes down what came out.

    python -m benchmarks [TEXT [SECOND]] [--quick] [--runs 3] [--jobs train,score] [--lmkit CHECKOUT] [--peers FOLDER] [--keep]

TEXT: a tokenised text, plain; without one, a text of --tokens words is generated. SECOND: another, for the job within a
budget of memory. Peers are what is on PATH, in FOLDERs given with --peers, or in those that the environment's LMKIT_PEERS
names; others are reported as absent. The lmkit of another CHECKOUT is timed beside this one. All programs of a job run
in turn, several times; ratios are taken run by run. The programs' results must agree.
"""

import argparse
import datetime as dt
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.core import measure_core
from benchmarks.history import history_line
from benchmarks.jobs import all_jobs
from benchmarks.measuring import machine
from benchmarks.programs import PEERS, find_peers, lmkits
from benchmarks.running import measure_curve, measure_job
from benchmarks.tables import core_table, curve_table, job_table, markdown
from benchmarks.texts import prepare_texts

RESULTS = Path(__file__).parent / "results"
CURVES = ["growth", "threads", "memory"]
QUICK_TOKENS, TOKENS = 600_000, 4_000_000
QUICK_DOCUMENTS, DOCUMENTS = 2_000, 200_000


def main() -> None:
    """Measure what is asked for, print a table, keep the figures."""
    options = parsed_options()
    find_peers(options.peers)
    jobs = all_jobs(options.order, options.memory, QUICK_DOCUMENTS if options.quick else DOCUMENTS)
    wanted = options.jobs.split(",") if options.jobs else ["core", *jobs, *([] if options.quick else CURVES)]
    if unknown := set(wanted) - {"core", *jobs, *CURVES}:
        sys.exit(
            f"--jobs {options.jobs}: there are no jobs {', '.join(sorted(unknown))}; there are core, {', '.join([*jobs, *CURVES])}"
        )
    report: dict[str, Any] = {
        "date": str(dt.datetime.now(tz=dt.UTC).date()),
        "machine": machine(),
        "order": options.order,
    }
    report |= {"jobs": {}, "curves": {}}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        programs = lmkits(options.lmkit, folder)
        report["text"] = prepare_texts(folder, options.text, options.second, options.tokens, cut=options.quick)
        report["revisions"] = [program.revision for program in programs]
        for program in programs:
            print(f"{program.name}: {program.checkout} ({program.revision})", file=sys.stderr)
            for text in folder.glob("*.tok"):
                (program.folder / text.name).hardlink_to(text)
        for wish in wanted:
            print(f"== {wish}", file=sys.stderr, flush=True)
            if wish == "core":
                report["core"] = measure_core([10**n for n in range(4, 7 if options.quick else 8)], options.runs)
                print(core_table(report["core"]))
            elif wish in jobs:
                report["jobs"][wish] = measure_job(jobs[wish], programs, folder, options.runs)
                print(job_table(report["jobs"][wish]), flush=True)
            else:
                report["curves"][wish] = measure_curve(wish, programs[0], options.order, options.runs, options.growth)
                print(curve_table(wish, report["curves"][wish]), flush=True)
            if options.keep:  # after each, lest an interruption lose all
                keep(report)
    if not options.quick:
        print("\n".join(["\nfor HISTORY.md:", *(history_line(report, program) for program in programs)]))


def parsed_options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, nargs="?")
    parser.add_argument("second", type=Path, nargs="?")
    parser.add_argument(
        "--quick", action="store_true", help="about two minutes: a short text, one run of each job, no curves"
    )
    parser.add_argument(
        "--tokens",
        type=int,
        help=f"of a generated text, or one that --quick cuts [default: {TOKENS}; quick: {QUICK_TOKENS}]",
    )
    parser.add_argument("--order", type=int, default=5)
    parser.add_argument("--runs", type=int, help="[default: 3; quick: 1]")
    parser.add_argument("--memory", default="600M", help="for the job within a budget")
    parser.add_argument("--jobs", help="names, separated by commas: core, those of jobs.py, growth, threads, memory")
    parser.add_argument(
        "--growth", type=int, default=16, help="largest generated text of the growth curve, in millions of tokens"
    )
    parser.add_argument(
        "--lmkit",
        type=Path,
        action="append",
        default=[],
        metavar="CHECKOUT",
        help="a folder with another lmkit, timed beside this one",
    )
    parser.add_argument(
        "--peers",
        action="append",
        default=[],
        metavar="FOLDER",
        help=f"a folder with programs; the environment's {PEERS} names several",
    )
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--keep", action="store_true", help=f"write to {RESULTS}/DATE-MACHINE")
    options = parser.parse_args()
    options.tokens = options.tokens or (QUICK_TOKENS if options.quick else TOKENS)
    options.runs = options.runs or (1 if options.quick else 3)
    return options


def keep(report: dict[str, Any]) -> None:
    """Write the figures as JSON and as a table, and their curves as a picture."""
    where = RESULTS / f"{report['date']}-{platform.machine()}-{os.cpu_count()}cores"
    where.mkdir(parents=True, exist_ok=True)
    (where / "figures.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (where / "figures.md").write_text(f"{markdown(report)}\n", encoding="utf-8")
    if report["curves"]:
        from benchmarks.picture import draw

        draw(report, where / "curves.svg")


if __name__ == "__main__":
    main()
