"""What stands beside n-grams in a mixture: classes, a cache, weights by bucket. One command makes the table of docs/topics/mixtures.md.

    python -m benchmarks.components TEXT [-o FOLDER] [--train 273773] [--held 10000] [--classes 300]

TEXT is tokenized, one sentence a line. Its first lines are learned from; of its last ones, the first half is for weights and sizes, and the
second is measured, once they are found. Each row is made by one command line of lmkit in a process of its own; its processor time and peak
memory are those of that command.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import machine, run
from benchmarks.programs import Lmkit, lmkits
from benchmarks.reports import keep, load_before

TRAIN, TUNE, TEST = "train.txt", "tune.txt", "test.txt"
WORDS, CLASSES = "kn5.safetensors", "classes.tsv"


@dataclass(frozen=True)
class Row:
    """A command line, and the model that it makes, if it makes one."""

    name: str
    line: str
    file: str = ""


def rows(classes: int) -> list[Row]:
    """The models, each after those that it is made of."""
    made = "lmkit ngram train -q -n 5 --kneser-ney"
    return [
        Row("words, Kneser–Ney 5", f"{made} {TRAIN} -o {WORDS}", WORDS),
        Row(f"(the {classes} classes)", f"lmkit classes train -k {classes} {TRAIN} -o {CLASSES}"),
        Row("classes, Kneser–Ney 5", f"{made} --discount-fallback --classes {CLASSES} {TRAIN} -o ckn5.safetensors", "ckn5.safetensors"),
        mixture("words + classes", "ckn5.safetensors", "classes"),
        mixture("words + cache", "cache", "cache"),
        mixture("words + cache that decays", "cache --decay 0.002", "decay"),
        mixture("words + classes + cache", "ckn5.safetensors cache", "both"),
        mixture("words + classes, weights by length", "ckn5.safetensors --weights-by length", "length"),
        mixture("words + classes, weights by count", "ckn5.safetensors --weights-by count", "count"),
    ]  # fmt: skip


def mixture(name: str, others: str, file: str) -> Row:
    """A mixture with the model of words, whose weights make the text for tuning most probable."""
    recipe = f"{file}.recipe.json"
    return Row(name, f"lmkit ngram mix {WORDS} {others} --held-out {TUNE} -o {recipe}", recipe)


def main() -> None:
    """Measure all, print the table, keep the figures."""
    options = parsed_options()
    before = load_before()
    report: dict[str, Any] = {"machine": machine(), "load": before, "text": options.text.name, "rows": {}}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        (program,) = lmkits([], Path(folder))
        report["revision"] = program.revision
        report["tokens"] = split(options.text, program.folder, options.train, options.held)
        for row in rows(options.classes):
            report["rows"][row.name] = measured(row, program)
            keep(report, table(report["rows"]), options.output, "components")  # after each, lest all be lost
    print(table(report["rows"]))


def parsed_options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, metavar="TEXT")
    parser.add_argument("--train", type=int, default=273_773, metavar="LINES")
    parser.add_argument("--held", type=int, default=10_000, metavar="LINES", help="of each of the two other texts")
    parser.add_argument("--classes", type=int, default=300)
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where components.json and .md are kept")
    return parser.parse_args()


def split(text: Path, folder: Path, train: int, held: int) -> dict[str, int]:
    """Cut the first lines and twice so many of the last ones out of the text; returns how many words each part has."""
    lines = text.read_text(encoding="utf-8").splitlines(keepends=True)
    if len(lines) < train + 2 * held:
        sys.exit(f"{text} has {len(lines):,} lines, and {train + 2 * held:,} are needed: see --train and --held.")
    end = len(lines)
    parts = {TRAIN: lines[:train], TUNE: lines[end - 2 * held : end - held], TEST: lines[end - held :]}
    for name, part in parts.items():
        (folder / name).write_text("".join(part), encoding="utf-8")
    return {name: sum(len(line.split()) for line in part) for name, part in parts.items()}


def measured(row: Row, program: Lmkit) -> dict[str, Any]:
    """What a row takes, and what its model is worth on the text that is measured."""
    print(f"{row.name}: {row.line}", file=sys.stderr, flush=True)
    made = run(program.command(row.line))
    found: dict[str, Any] = {"command": row.line, "cpu_s": made.cpu_s, "peak_mb": made.peak_mb}
    found["printed"] = made.printed.strip().splitlines()
    if row.file:
        scored = run(program.command(f"lmkit perplexity -q --json {row.file} {TEST}"))
        found |= {"scoring_cpu_s": scored.cpu_s, "figures": json.loads(scored.printed)}
    return found


def table(found: dict[str, Any]) -> str:
    """Perplexity, the change against words alone, processor seconds and memory of the command, processor seconds of scoring."""
    lines = [
        "| model | perplexity | | without OOV | CPU s | peak MB | CPU s to score |",
        "|---|---|---|---|---|---|---|",
    ]
    base = next(iter(found.values()))["figures"]["perplexity"]
    for name, row in found.items():
        worth = row.get("figures")
        figures = [f"{worth['perplexity']:.2f}", f"{100 * (worth['perplexity'] / base - 1):+.1f} %", f"{worth['perplexity_excluding_oov']:.2f}"] if worth else ["", "", ""]  # fmt: skip
        scored = f"{row['scoring_cpu_s']:.1f}" if worth else ""
        lines.append(f"| {name} | {' | '.join(figures)} | {row['cpu_s']:.1f} | {row['peak_mb']:.0f} | {scored} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
