"""Language models side by side: what they are worth, and what they cost. One command makes the table of docs/topics/neural.md.

    python -m benchmarks.neural.models TEXT [-o FOLDER] [--words 10000] [--train 1000000] [--held 100000] [--model NAME]...

TEXT is tokenized, one sentence a line. Its first sentences with so many tokens are learned from, the next are for weights of mixtures, the next
are measured. All models of words know the same most frequent words; what they do not know is charged letter by letter, as bits a byte would
flatter them else. Each model is made by one command line of lmkit in a process of its own, whose processor time is told; that of a
mixture is the time of its parts and of finding the weights.
"""

import argparse
import json
import math
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.measuring import machine, run
from benchmarks.programs import Lmkit, lmkits
from benchmarks.reports import keep, load_before

FEED_FORWARD_OPTIONS = "--steps 2900 --dropout 0 --learning-rate 2e-3"  # more than one epoch of a million tokens, and nothing is learned by heart
TRANSFORMER_OPTIONS = "--steps 3100 --dropout 0"
LOG10_OF_2 = math.log10(2)
TRAIN, DEV, TEST, WORDS = "train.txt", "dev.txt", "test.txt", "words.txt"
KNESER_NEY, FEED_FORWARD, TRANSFORMER = "Kneser–Ney, order 5", "feed-forward", "transformer"


@dataclass(frozen=True)
class Row:
    """A model, and the command line that makes it."""

    name: str
    line: str
    file: str
    parts: tuple[str, ...] = ()  # names of the models that it mixes


def rows() -> list[Row]:
    """The models, each after those that it is made of."""
    known, neural = f"--vocabulary {WORDS}", "--workers 1 --held-out-share 0.005"
    characters = (
        f"lmkit ngram train -q -n 8 --unit character --kneser-ney --discount-fallback {TRAIN} -o c8.safetensors"
    )
    laplace = f"lmkit ngram train -q -n 2 {known} {TRAIN} -o c2.safetensors && lmkit smooth -q --laplace c2.safetensors -o l2.safetensors"
    both = (KNESER_NEY, FEED_FORWARD, TRANSFORMER)
    return [
        Row("Laplace, order 2", laplace, "l2.safetensors"),
        *(
            Row(f"Kneser–Ney, order {order}", f"lmkit ngram train -q -n {order} {known} --kneser-ney {TRAIN} -o kn{order}.safetensors", f"kn{order}.safetensors")
            for order in (2, 3, 5)
        ),
        Row(FEED_FORWARD, f"lmkit neural train --architecture feed-forward {known} {neural} {FEED_FORWARD_OPTIONS} {TRAIN} -o ff.safetensors", "ff.safetensors"),
        Row(TRANSFORMER, f"lmkit neural train {known} {neural} {TRANSFORMER_OPTIONS} {TRAIN} -o tf.safetensors", "tf.safetensors"),
        mixture("Kneser–Ney + feed-forward", both[:2], ["kn5.safetensors", "ff.safetensors"], "kn5+ff"),
        mixture("Kneser–Ney + transformer", (both[0], both[2]), ["kn5.safetensors", "tf.safetensors"], "kn5+tf"),
        mixture("all three", both, ["kn5.safetensors", "ff.safetensors", "tf.safetensors"], "all"),
        Row("characters: Kneser–Ney, order 8", characters, "c8.safetensors"),
    ]  # fmt: skip


def mixture(name: str, parts: tuple[str, ...], files: list[str], file: str) -> Row:
    """A mixture of models, whose weights make the development text most probable."""
    return Row(
        name, f"lmkit ngram mix {' '.join(files)} --held-out {DEV} -o {file}.recipe.json", f"{file}.recipe.json", parts
    )


def main() -> None:
    """Measure what is asked for, print the table, keep the figures."""
    options = parsed_options()
    before = load_before()
    report: dict[str, Any] = {"machine": machine(), "load": before, "text": options.text.name, "models": {}}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        (program,) = lmkits([], Path(folder))
        report["revision"] = program.revision
        report["texts"] = split(options.text, program.folder, options.train, options.held)
        run(program.command(f"lmkit vocabulary list -q {TRAIN} --top {options.words} -o {WORDS}"))
        for row in rows():
            if not options.models or row.name in options.models:
                report["models"][row.name] = measured(row, program, report["models"])
                keep(
                    report, table(report["models"]), options.output, "models"
                )  # after each, lest an interruption lose all
    print(table(report["models"]))


def parsed_options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, metavar="TEXT")
    parser.add_argument("--train", type=int, default=1_000_000, metavar="TOKENS")
    parser.add_argument("--held", type=int, default=100_000, metavar="TOKENS", help="of each of the two other texts")
    parser.add_argument("--words", type=int, default=10_000, help="that models of words know")
    parser.add_argument(
        "--model", action="append", default=[], dest="models", metavar="NAME", help="only this one; may be given again"
    )
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where models.json and models.md are kept")
    return parser.parse_args()


def split(text: Path, folder: Path, train: int, held: int) -> dict[str, int]:
    """Cut the text at ends of sentences into three files; returns how many tokens each has."""
    sizes = {TRAIN: 0, DEV: 0, TEST: 0}
    for name, lines in groupby(parts_of(text, {TRAIN: train, DEV: held, TEST: held}), key=lambda pair: pair[0]):
        with (folder / name).open("w", encoding="utf-8") as file:
            for _, line in lines:
                file.write(line)
                sizes[name] += len(line.split())
    return sizes


def parts_of(text: Path, wanted: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Each line of the text, and the name of the part that it belongs to."""
    names = iter(wanted)
    name, tokens = next(names), 0
    with text.open(encoding="utf-8") as lines:
        for line in lines:
            if tokens >= wanted[name]:
                name, tokens = next(names, ""), 0
                if not name:
                    return
            yield name, line
            tokens += len(line.split())


def measured(row: Row, program: Lmkit, before: dict[str, Any]) -> dict[str, Any]:
    """What a model takes, and what it is worth on the text that is measured."""
    print(f"{row.name}: {row.line}", file=sys.stderr, flush=True)
    made = run(program.command(row.line))
    line = f"lmkit perplexity -q --json --spell-unknown built-in {shlex.quote(row.file)} {TEST}"
    scored = run(program.command(line))
    worth = json.JSONDecoder().raw_decode(scored.printed[scored.printed.index("{") :])[0]
    parts = [before[name] for name in row.parts if name in before]
    bits = -worth["log10_prob"] / LOG10_OF_2
    return {
        "command": row.line,
        "printed": made.printed.strip().splitlines(),
        "cpu_s": made.cpu_s + sum(part["cpu_s"] for part in parts),
        "scoring_cpu_s": scored.cpu_s,
        "bytes": sum(part["bytes"] for part in parts) or (program.folder / row.file).stat().st_size,
        "figures": worth,
        "perplexity": 2 ** ((bits - worth.get("spelling_bits", 0.0)) / worth["tokens"]),
    }


def table(models: dict[str, Any]) -> str:
    """Perplexity as <unk> only, bits a byte with the letters of unknown words, processor seconds, size."""
    lines = ["| model | perplexity | bits a byte | CPU s | MB |", "|---|---|---|---|---|"]
    for name, found in models.items():
        perplexity = "–" if name.startswith("characters") else f"{found['perplexity']:.1f}"
        bits, size = found["figures"]["bits_per_byte"], found["bytes"] / 1e6
        lines.append(f"| {name} | {perplexity} | {bits:.3f} | {found['cpu_s']:.0f} | {size:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
