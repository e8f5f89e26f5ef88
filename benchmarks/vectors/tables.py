"""What was measured, as tables of Markdown."""

from typing import Any

from benchmarks.vectors.trained import REFUSED

SPEARMAN, ADD, MUL = "spearman", "3cosadd", "3cosmul"
TOTAL = "total"


def methods_table(language: dict[str, Any]) -> str:
    """All methods on a text: similarity with its interval, analogies by both methods, time, memory."""
    measured = {name: row for name, row in language["methods"].items() if REFUSED not in row}
    if not measured:
        return absent(language)
    first = next(iter(measured.values()))["figures"]
    columns = [figure for figure in first if figure.get("section") in (None, TOTAL) and figure["figure"] != MUL]
    heads = [f"{name_of(figure)} ({figure['answered']:,} of {figure['all']:,})" for figure in columns]
    lines = row_of("method", *heads, "CPU s", "wall s", "peak MB") + "\n" + "|---" * (len(heads) + 4) + "|"
    for name, row in measured.items():
        cells = [cell(figure, row["figures"]) for figure in columns]
        cost = [f"{row['cost'][what]['median']:.1f}" for what in ("cpu_s", "wall_s")]
        lines += "\n" + row_of(name, *cells, *cost, f"{row['cost']['peak_mb']['median']:.0f}")
    return f"{lines}\n{absent(language)}".strip()


def sections_table(language: dict[str, Any]) -> str:
    """3CosAdd by section, of the set that has sections."""
    measured = {name: row for name, row in language["methods"].items() if REFUSED not in row}
    sections = [
        figure
        for row in list(measured.values())[:1]
        for figure in row["figures"]
        if figure["figure"] == ADD and figure["section"] != TOTAL
    ]
    if not sections:
        return ""
    lines = row_of("method", *(f"{figure['section']} ({figure['answered']})" for figure in sections))
    lines += "\n" + "|---" * (len(sections) + 1) + "|"
    for name, row in measured.items():
        values = [share(same(figure, ADD, row["figures"])) for figure in sections]
        lines += "\n" + row_of(name, *values)
    return lines


def answers_table(language: dict[str, Any]) -> str:
    """What each method answers to the analogy, best first, and where the right word stands."""
    lines = row_of("method", "3CosAdd", "3CosMul") + "\n" + "|---" * 3 + "|"
    for name, row in language["methods"].items():
        if REFUSED not in row:
            lines += "\n" + row_of(name, *(listed(row["analogy"][how], language["answer"]) for how in ("add", "mul")))
    return lines


def listed(answers: Any, right: str) -> str:
    """Answers, of which the right one is in bold."""
    if isinstance(answers, dict):
        return str(answers[REFUSED])
    words = [answer["answer"] for answer in answers]
    return ", ".join(f"**{word}**" if word == right else word for word in words)


def name_of(figure: dict[str, Any]) -> str:
    """What a column shows."""
    name = figure["set"].rpartition(".")[0]
    return f"{name}, ρ" if figure["figure"] == SPEARMAN else f"{name}, 3CosAdd; 3CosMul, %"


def same(figure: dict[str, Any], kind: str, figures: list[dict[str, Any]]) -> dict[str, Any]:
    """The figure of this kind on the same set and section."""
    (found,) = [
        other
        for other in figures
        if (other["set"], other.get("section"), other["figure"]) == (figure["set"], figure.get("section"), kind)
    ]
    return found


def cell(figure: dict[str, Any], figures: list[dict[str, Any]]) -> str:
    """A figure of a method with its interval; of analogies by both methods."""
    if figure["figure"] == SPEARMAN:
        found = same(figure, SPEARMAN, figures)
        if found["value"] is None or found["low"] is None:
            return "–"
        return f"{found['value']:.3f} ({found['low']:.2f} to {found['high']:.2f})"
    return "; ".join(share(same(figure, kind, figures)) for kind in (ADD, MUL))


def share(figure: dict[str, Any]) -> str:
    """An accuracy in percent."""
    return "–" if figure["value"] is None else f"{100 * figure['value']:.1f}"


def absent(language: dict[str, Any]) -> str:
    """The methods that could not be measured, and why."""
    rows = language["methods"].items()
    return "\n".join(f"\n{name}: absent: {row[REFUSED]}" for name, row in rows if REFUSED in row)


def row_of(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def against_table(jobs: dict[str, Any]) -> str:
    """The jobs beside other programs: what each program took, and what else it has to say."""
    lines = row_of("", "CPU s", "wall s", "peak MB", "") + "\n|---|---|---|---|---|"
    for title, rows in jobs.items():
        lines += "\n" + row_of(f"**{title}**", "", "", "", "")
        for name, row in rows.items():
            peak = f"{row['peak_mb']:.0f}" if "peak_mb" in row else ""
            more = "; ".join(f"{key} {shown(value)}" for key, value in row.get("told", {}).items())
            lines += "\n" + row_of(name, f"{row['cpu_s']:.2f}", f"{row['wall_s']:.2f}", peak, more)
    return lines


def shown(value: Any) -> str:
    """A number in six digits, anything else as it is."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
