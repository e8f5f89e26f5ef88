"""Running jobs and curves by all programs."""

import json
import os
from pathlib import Path
from typing import Any

from benchmarks.generating import write_text
from benchmarks.jobs import Job
from benchmarks.measuring import Command, measure_alternating, ratios, run, summary
from benchmarks.programs import Lmkit, available
from benchmarks.reports import load_before


def measure_job(job: Job, programs: list[Lmkit], folder: Path, runs: int) -> dict[str, Any]:
    """The figures of a job, and the ratios of the peers' times to each lmkit's, and of other lmkits' to this one's."""
    ours = {(program, label): f"{program.name} {label}" for label in job.ours for program in programs}
    peers = [name for name, (needed, _) in job.peers.items() if available(needed)]
    commands = {name: program.command(job.ours[label]) for (program, label), name in ours.items()}
    commands |= {name: Command(job.peers[name][1], folder) for name in peers}
    prepare(job, programs, folder)
    before = load_before()
    results, refused = measure_alternating(commands, max(1, runs * job.often))
    labels = {name: label for (_, label), name in ours.items()} | dict(zip(peers, peers, strict=True))
    files = {name: commands[name].folder / job.files[labels[name]] for name in results if labels[name] in job.files}
    job.agree(files, results)
    figures: dict[str, Any] = {
        "title": job.title,
        "load": before,
        "absent": {name: "" for name in job.peers if name not in peers} | refused,
        "results": {name: summary(measured) for name, measured in results.items()},
        "ratios": {},
    }
    for name, path in files.items():
        figures["results"][name]["file_bytes"] = path.stat().st_size
    if job.ngrams_of:
        figures["ngrams"] = ngrams_in(job.ngrams_of, programs[0])
        return figures
    pairs = [(our, their) for our in ours.values() for their in peers]
    pairs += [(ours[programs[0], label], ours[other, label]) for label in job.ours for other in programs[1:]]
    for our, their in pairs:
        if our in results and their in results:
            figures["ratios"][f"{our} : {their}"] = ratios(results[our], results[their])
    return figures


def prepare(job: Job, programs: list[Lmkit], folder: Path) -> None:
    """Do what is not timed."""
    for program in programs if job.before else []:
        run(program.command(job.before))
    needed, line = job.peers_before
    if line and available(needed):
        run(Command(line, folder))


def ngrams_in(model: str, program: Lmkit) -> int:
    """The number of n-grams of all orders in a model of an lmkit."""
    printed = run(program.command(f"lmkit ngram info --json {model}")).printed
    return sum(json.loads(printed)["ngrams"].values())


def measure_curve(name: str, program: Lmkit, order: int, runs: int, growth: int) -> list[dict[str, float]]:
    """Seconds and memory of training over sizes of generated texts, numbers of threads, or budgets of memory."""
    text, points = program.folder / "curve.tok", []
    settings: list[tuple[float, str]] = []
    if name == "growth":
        settings = [(size, "") for size in (1, 4, 16, 64) if size <= growth]
    elif name == "threads":
        settings = [(count, f"--workers {count}") for count in (1, 2, 4, 8, 16, 32) if count <= (os.cpu_count() or 1)]
    elif name == "memory":
        settings = [(budget, f"--memory {budget}M") for budget in (300, 450, 600, 900, 1800)]
    for x, flags in settings:
        source = "all.tok" if name != "memory" else "more.tok"
        if name == "growth":
            write_text(text, int(x * 1_000_000))
            source = text.name
        command = program.command(f"lmkit ngram train -q -n {order} --kneser-ney {flags} {source} -o curve.safetensors")
        measured = summary([run(command) for _ in range(runs)])
        points.append({"x": x, **{what: measured[what]["median"] for what in ("wall_s", "cpu_s", "peak_mb")}})
    return points
