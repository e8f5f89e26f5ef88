"""What was measured, as tables for a terminal."""

from typing import Any


def core_table(figures: list[dict[str, Any]]) -> str:
    """A table of the counting core."""
    lines = [f"{'pairs':>12}{'sort_pairs ms':>16}{'np.unique ms':>14}{'ratio':>8}"]
    for row in figures:
        ours, theirs = row["sort_pairs_s"] * 1e3, row["unique_s"] * 1e3
        lines.append(f"{row['pairs']:12,}{ours:16.2f}{theirs:14.2f}{row['ratio']:8.1f}")
    return "\n".join(lines)


def job_table(figures: dict[str, Any]) -> str:
    """A table of a job: times, memory, files, then ratios."""
    lines = [f"\n{figures['title']} (before: {load_line(figures['load'])})"]
    lines.append(f"{'':58}{'wall s: min':>12}{'median':>8}{'max':>8}{'CPU s':>8}{'peak MB':>9}{'file MB':>9}")
    for name, row in figures["results"].items():
        wall = "".join(f"{row['wall_s'][key]:8.2f}" for key in ("median", "max"))
        memory = f"{row['cpu_s']['median']:8.2f}{row['peak_mb']['median']:9.0f}"
        size = f"{row['file_bytes'] / 1e6:9.2f}" if "file_bytes" in row else ""
        lines.append(f"{name:58}{row['wall_s']['min']:12.2f}{wall}{memory}{size}")
        if size and "ngrams" in figures:
            lines[-1] += f" = {row['file_bytes'] / figures['ngrams']:.2f} bytes an n-gram"
    for name, row in figures["ratios"].items():
        lines.append(
            f"    {name}: {range_of(row['wall'])} times faster, CPU {range_of(row['cpu'])} times less, "
            f"memory {row['memory']['median']:.2f} of it"
        )
    lines += [f"    {name}: absent{reason and f': {reason}'}" for name, reason in figures["absent"].items()]
    return "\n".join(lines)


def range_of(values: dict[str, float]) -> str:
    """Median (minimum to maximum), or the only value."""
    if values["min"] == values["max"]:
        return f"{values['median']:.2f}"
    return f"{values['median']:.2f} ({values['min']:.2f} to {values['max']:.2f})"


def load_line(load: dict[str, float]) -> str:
    """What the machine did before a job."""
    busy = f", {load['busy_cores']:.1f} cores busy with other things" if "busy_cores" in load else ""
    return f"load {load['average']:.1f}{busy}"


def curve_table(name: str, points: list[dict[str, float]]) -> str:
    """A table of a curve."""
    unit = {"growth": "M tokens", "threads": "threads", "memory": "MB allowed"}[name]
    lines = [f"\n{name}\n{unit:>12}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}"]
    for point in points:
        a_million = ""
        if name == "growth":
            wall, cpu = point["wall_s"] / point["x"], point["cpu_s"] / point["x"]
            a_million = f"{wall:9.2f} s, {cpu:.2f} CPU s a million tokens"
        lines.append(f"{point['x']:12g}{point['wall_s']:9.2f}{point['cpu_s']:9.2f}{point['peak_mb']:9.0f}{a_million}")
    return "\n".join(lines)


def markdown(report: dict[str, Any]) -> str:
    """All jobs of a report as a table of Markdown, the medians of its runs, with ratios for this lmkit."""
    lines = ["| | wall s | CPU s | peak MB | file MB | lmkit is faster by, wall; CPU |", "|---|---|---|---|---|---|"]
    others = tuple(f"lmkit {revision} " for revision in report["revisions"][1:])
    for job in report["jobs"].values():
        lines.append(f"| **{job['title']}** | | | | | |")
        for name, row in job["results"].items():
            size = f"{row['file_bytes'] / 1e6:.1f}" if "file_bytes" in row else ""
            found = [
                ratio
                for pair, ratio in job["ratios"].items()
                if pair.endswith(f" : {name}") and not pair.startswith(others)
            ]
            times = [f"{range_of(ratio['wall'])}; {range_of(ratio['cpu'])}" for ratio in found]
            medians = f"{row['wall_s']['median']:.2f} | {row['cpu_s']['median']:.2f} | {row['peak_mb']['median']:.0f}"
            lines.append(f"| {name} | {medians} | {size} | {', and '.join(times)} |")
    return "\n".join(lines)
