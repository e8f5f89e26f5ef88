"""Methods of word vectors side by side: what they are worth, and what they cost. One command makes the tables of docs/topics/vectors-compared.md.

    python -m benchmarks.vectors --english TEXT --french TEXT [-o FOLDER] [--jobs table] [--method "PPMI-SVD"]…

Texts are tokenized, one sentence a line. `table`: each method makes vectors of each text by one command line of lmkit, counting included, in a process
of its own; they are measured by WordSim-353, SimLex-999 and Google's analogies (English; in gensim's package, or in the folder that --sets names) and by
corpora/fr.analogies.txt (French), and answer man : king = woman : ? and homme : roi = femme : ?.

The other jobs are lmkit beside other programs, on the first text: `solver`, `glove` (glove of its authors on PATH, in a folder given with --peers, or in one that the environment's
LMKIT_PEERS names), `analogies`, `files`, `large`. What is not there is left out.
"""

import argparse
import datetime as dt
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import machine, run
from benchmarks.programs import PEERS, Lmkit, find_peers, lmkits
from benchmarks.reports import keep, load_before
from benchmarks.vectors.against import JOBS, Bench, measure_jobs
from benchmarks.vectors.methods import Language, Training, english, french
from benchmarks.vectors.tables import against_table, answers_table, methods_table, sections_table
from benchmarks.vectors.trained import measure_methods

TABLE = "table"


def main() -> None:
    """Measure what is asked for, print the tables, keep the figures."""
    options = parsed_options()
    find_peers(options.peers)
    languages = languages_of(options)
    wanted = options.jobs.split(",")
    if unknown := set(wanted) - {TABLE, *JOBS}:
        sys.exit(
            f"--jobs {options.jobs}: there are no {', '.join(sorted(unknown))}; there are {TABLE}, {', '.join(JOBS)}"
        )
    training = Training(options.dimensions, options.cutoff, options.window, options.epochs)
    before = load_before()
    report: dict[str, Any] = {
        "date": str(dt.datetime.now(tz=dt.UTC).date()),
        "machine": machine(),
        "load": before,
        "training": vars(training),
        "languages": {},
        "jobs": {},
    }
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        (program,) = lmkits([], Path(folder))
        report["revision"] = program.revision
        for language in languages if TABLE in wanted else []:
            methods = measure_methods(language, training, options.methods, program, options.runs)
            report["languages"][language.name] = {
                "text": language.text.name, "answer": language.answer, "methods": methods,
            }  # fmt: skip
            keep(report, markdown(report), options.output, "vectors")
        others = [name for name in wanted if name != TABLE]
        if others:
            for title, rows in measure_jobs(others, bench_of(languages[0], training, program, options.runs)):
                report["jobs"][title] = rows
                keep(report, markdown(report), options.output, "vectors")  # after each, lest an interruption lose all
    keep(report, markdown(report), options.output, "vectors")
    print(markdown(report))


def bench_of(language: Language, training: Training, program: Lmkit, runs: int) -> Bench:
    """What the jobs beside other programs work on: the matrix of a text, which is counted here."""
    matrix = program.folder / "counts.npz"
    run(
        program.command(
            f"lmkit cooc -q --cutoff {training.cutoff} --window {training.window} '{language.text}' -o {matrix.name}"
        )
    )
    questions = [path for path in language.sets if path.name in ("questions-words.txt", "fr.analogies.txt")]
    return Bench(program, matrix, questions, training.dimensions, runs)


def languages_of(options: argparse.Namespace) -> list[Language]:
    """The languages whose texts were given."""
    found = []
    if options.english:
        found.append(english(options.english.resolve(), options.sets))
    if options.french:
        found.append(french(options.french.resolve()))
    if not found:
        sys.exit("no text was given: name one with --english or --french")
    return found


def parsed_options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--english", type=Path, metavar="TEXT")
    parser.add_argument("--french", type=Path, metavar="TEXT")
    parser.add_argument(
        "--sets", type=Path, metavar="FOLDER", help="with the English sets [default: in gensim's package]"
    )
    parser.add_argument(
        "--jobs", default=TABLE, help=f"names, separated by commas: {TABLE}, {', '.join(JOBS)} [default: {TABLE}]"
    )
    parser.add_argument(
        "--method",
        action="append",
        default=[],
        dest="methods",
        metavar="NAME",
        help="only this one; may be given again",
    )
    parser.add_argument("-d", "--dimensions", type=int, default=100)
    parser.add_argument("--cutoff", type=int, default=5)
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5, help="of Word2Vec")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument(
        "--peers",
        action="append",
        default=[],
        metavar="FOLDER",
        help=f"with programs; the environment's {PEERS} names several",
    )
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="where vectors.json and vectors.md are kept"
    )
    return parser.parse_args()


def markdown(report: dict[str, Any]) -> str:
    """All tables of a report."""
    parts = []
    for name, language in report["languages"].items():
        parts.append(f"### {name}: {language['text']}")
        parts += [table for table in (methods_table(language), sections_table(language)) if table]
        parts.append(answers_table(language))
    if report["jobs"]:
        parts.append(against_table(report["jobs"]))
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
