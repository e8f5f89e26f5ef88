"""Vectors of a text by every method: what they cost, and what they are worth."""

import json
import shlex
import sys
from typing import Any

from benchmarks.measuring import Refused, run, summary
from benchmarks.programs import Lmkit
from benchmarks.vectors.methods import Language, Training

ANSWERS = 5  # to an analogy, that are shown
REFUSED = "refused"  # why a method is absent


def measure_methods(
    language: Language, training: Training, wanted: list[str], program: Lmkit, runs: int
) -> dict[str, Any]:
    """The figures of each method on the text of a language, by its name; of one that this lmkit lacks, why."""
    found: dict[str, Any] = {}
    for number, (name, line) in enumerate(training.methods().items()):
        if wanted and name not in wanted:
            continue
        vectors = f"{language.name}{number}.safetensors"
        line = line.format(text=shlex.quote(str(language.text)), vectors=vectors)  # noqa: PLW2901
        print(f"{language.name}: {line}", file=sys.stderr, flush=True)
        try:
            measured = [run(program.command(line)) for _ in range(runs)]
        except Refused as error:
            found[name] = {REFUSED: str(error).strip().splitlines()[-1]}
            continue
        found[name] = {"command": line, "cost": summary(measured), **worth(vectors, language, program)}
    return found


def worth(vectors: str, language: Language, program: Lmkit) -> dict[str, Any]:
    """The figures of vectors in a file on the sets of a language, and what they answer to its analogy."""
    found: dict[str, Any] = {"figures": [], "analogy": answers(vectors, language, program)}
    if language.sets:
        sets = " ".join(shlex.quote(str(path)) for path in language.sets)
        found["figures"] = told(f"lmkit vectors evaluate -q --json {vectors} {sets}", program)["figures"]
    return found


def answers(vectors: str, language: Language, program: Lmkit) -> dict[str, Any]:
    """The best answers to the analogy of a language by both methods; of words that are not known, what is said of them."""
    found: dict[str, Any] = {}
    for method in ("add", "mul"):
        line = f"lmkit vectors analogy --json --top {ANSWERS} --method {method} {vectors} {' '.join(language.analogy)}"
        try:
            printed = run(program.command(line)).printed
            found[method] = [json.loads(answer) for answer in printed.splitlines() if answer.startswith("{")]
        except SystemExit as error:
            found[method] = {REFUSED: str(error).strip().splitlines()[-1]}
    return found


def told(line: str, program: Lmkit) -> Any:
    """The JSON that a command prints."""
    return json_in(run(program.command(line)).printed)


def json_in(printed: str) -> Any:
    """The first list or object of JSON in what was printed."""
    start = min(place for place in map(printed.find, "[{") if place >= 0)
    return json.JSONDecoder().raw_decode(printed, start)[0]
