"""The curves of a report as a picture."""

from pathlib import Path
from typing import Any

LABELS = {"growth": "million tokens (generated)", "threads": "threads", "memory": "MB allowed"}


def draw(report: dict[str, Any], path: Path) -> None:
    """Draw seconds, and seconds a million tokens or peak memory, over each curve's variable."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "lmkit"  # the same figures give the same file
    curves = report["curves"]
    figure = Figure(figsize=(4 * len(curves), 3.2), layout="constrained")
    for axes, (name, points) in zip(figure.subplots(1, len(curves), squeeze=False)[0], curves.items(), strict=True):
        x = [point["x"] for point in points]
        if name == "growth":
            axes.plot(x, [point["wall_s"] / point["x"] for point in points], "o-")
            axes.set_ylabel("seconds a million tokens")
        elif name == "memory":
            axes.plot(x, [point["peak_mb"] for point in points], "o-", label="peak MB")
            axes.plot(x, x, ":", color="gray", label="allowed")
            axes.legend()
            twin = axes.twinx()
            twin.plot(x, [point["wall_s"] for point in points], "s--", color="tab:orange")
            twin.set_ylabel("seconds (dashed)")
            twin.set_ylim(bottom=0)
        else:
            axes.plot(x, [point["wall_s"] for point in points], "o-")
            axes.set_ylabel("seconds")
        axes.set_ylim(bottom=0)
        if name != "memory":
            axes.set_xscale("log", base=2)
            axes.set_xticks(x, [f"{value:g}" for value in x])
        axes.set_xlabel(LABELS[name])
    figure.suptitle(f"ngram train -n {report['order']} --kneser-ney: {report['machine']['cores']} cores")
    figure.savefig(path, metadata={"Date": None})
