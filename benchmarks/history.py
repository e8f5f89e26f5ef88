"""One line a revision of what matters most, for HISTORY.md."""

from dataclasses import dataclass
from typing import Any

from benchmarks.jobs import COOCCUR, KENLM, KENLM_ARPA, KENLM_PEAK, PROBING
from benchmarks.programs import Lmkit


@dataclass(frozen=True)
class Figure:
    """Where a figure stands in a report."""

    job: str
    ours: str
    peer: str = ""  # with a peer, how many times faster: wall (CPU); without one, CPU seconds
    what: str = ""  # or memory, the share of the peer's; or bytes, those of the file for each n-gram


COLUMNS = {
    "text → model, two steps": [Figure("train", "train + smooth", KENLM)],
    "one step": [Figure("train", "train --kneser-ney", KENLM)],
    "text → ARPA, one step": [Figure("arpa", "train --kneser-ney", KENLM_ARPA)],
    "bytes an n-gram; compact": [Figure("files", "smooth", "", "bytes"), Figure("files", "convert --compact", "", "bytes")],
    "scoring, 1 worker": [Figure("score", "perplexity, one worker", PROBING)],
    "2 workers": [Figure("score", "perplexity, two workers", PROBING)],
    "large text, 1 worker": [Figure("large", "perplexity, one worker", PROBING)],
    "large text, 2 workers": [Figure("large", "perplexity, two workers", PROBING)],
    "words": [Figure("words", "count", "tr + mawk")],
    "bigrams": [Figure("bigrams", "count -n 2", "mawk")],
    "co-occurrence": [Figure("cooc", "cooc", COOCCUR)],
    "start, CPU s: perplexity; count; --version": [
        Figure("start", "perplexity, one sentence"),
        Figure("start", "count, one sentence"),
        Figure("start", "--version"),
    ],
    "peak memory: two steps; one": [
        Figure("peak", "train + smooth", KENLM_PEAK, "memory"),
        Figure("peak", "train --kneser-ney", KENLM_PEAK, "memory"),
    ],
    "smoothing, CPU s: first; once more": [Figure("smooth", "smooth"), Figure("smooth", "smooth --one-discount")],
}  # fmt: skip


def history_head() -> str:
    """The head of the table."""
    titles = ["date", "revision", "machine", *COLUMNS]
    return f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}"


def history_line(report: dict[str, Any], program: Lmkit) -> str:
    """The line of one lmkit, with – for what was not measured."""
    machine = report["machine"]
    words = f"{machine['cores']} cores {machine['processor']}, {machine['memory_gb']} GB"
    cells = ["; ".join(shown(report, program.name, one) for one in figures) for figures in COLUMNS.values()]
    return f"| {' | '.join([report['date'], program.revision, words, *cells])} |"


def shown(report: dict[str, Any], program: str, figure: Figure) -> str:
    """A figure in a few characters."""
    name, job = f"{program} {figure.ours}", report["jobs"].get(figure.job)
    if job is None or name not in job["results"]:
        return "–"
    if figure.what == "bytes":
        return f"{job['results'][name]['file_bytes'] / job['ngrams']:.1f}"
    if not figure.peer:
        return f"{job['results'][name]['cpu_s']['median']:.2f}"
    ratio = job["ratios"].get(f"{name} : {figure.peer}")
    if ratio is None:
        return "–"
    if figure.what == "memory":
        return f"{ratio['memory']['median']:.2f}"
    return f"{ratio['wall']['median']:.2f} ({ratio['cpu']['median']:.2f})"
