"""Curves as pictures: SVG, PNG or PDF, drawn by matplotlib. The same plot gives the same bytes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

from lmkit.errors import DataError
from lmkit.locales import said
from lmkit.plots.plot import Axis, Plot, axis_ranges, ticks_between, written_number

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")  # Okabe & Ito 2008
MARKERS = "os^DvPX*"
LINES = ("-", "-.", ":")
FEW = 12  # points up to which each has a marker
LEGEND_INSIDE = 5  # curves up to which the legend stands among them
FONT = "DejaVu Sans"  # comes with matplotlib, and has the letters of French and Ewe
STYLE = {
    "svg.hashsalt": "lmkit",  # names of parts do not change from run to run
    "svg.fonttype": "none",  # letters stay letters: small, searchable
    "pdf.fonttype": 42,
    "font.family": FONT,
    "font.size": 10,
    "axes.titlesize": 11,
    "text.parse_math": False,  # a name may have dollar signs
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "savefig.dpi": 160,
}


def import_matplotlib() -> Any:
    """matplotlib; DataError where it is not installed."""
    try:
        import matplotlib as mpl
        import matplotlib.style
    except ImportError:
        raise DataError(
            "pictures are drawn by matplotlib, which is not installed.",
            "Install it with: pip install 'lmkit[plot]'. Without it there are plots in the terminal, pages (.html) and --data.",
        ) from None
    return mpl


@contextmanager
def styled() -> Iterator[None]:
    """Within this block, what is drawn looks as lmkit's pictures do, whatever the settings of the machine."""
    import warnings

    mpl = import_matplotlib()
    with mpl.style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # told by `letters_without_glyph`
        yield


def letters_without_glyph(texts: Sequence[str]) -> str:
    """The letters of these texts that the font lacks, each once."""
    import_matplotlib()
    from matplotlib.font_manager import findfont, get_font

    known = get_font(findfont(FONT)).get_charmap()
    return "".join(sorted({letter for text in texts for letter in text if ord(letter) not in known}))


def write_picture(plot: Plot, stream: BinaryIO, extension: str) -> None:
    """Draw the curves into a stream, in the format of this extension."""
    with styled():
        write_figure(draw(plot), stream, extension, said(plot.title), plot.signatures())


def write_figure(figure: Any, stream: BinaryIO, extension: str, title: str, signatures: Sequence[str]) -> None:
    """Write a figure with its signatures in the metadata, and neither date nor version."""
    about = "\n".join(signatures)
    metadata = {
        ".svg": {"Title": title, "Description": about, "Creator": None, "Date": None},
        ".png": {"Title": title, "Description": about, "Software": None},
        ".pdf": {"Title": title, "Subject": about, "Creator": None, "Producer": None, "CreationDate": None},
    }[extension]
    figure.savefig(stream, format=extension[1:], metadata=metadata)


def draw(plot: Plot) -> Any:
    """The figure of the curves."""
    from matplotlib.figure import Figure

    outside = len(plot.curves) > LEGEND_INSIDE
    figure = Figure(figsize=(8.4 if outside else 6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    handles = []
    for number, curve in enumerate(plot.curves):
        x, y = plot.points(curve)
        color, line = COLORS[number % len(COLORS)], LINES[number // len(COLORS) % len(LINES)]
        marker = MARKERS[number % len(MARKERS)] if len(x) <= FEW else None
        (handle,) = axes.plot(x, y, color=color, linestyle=line, marker=marker, markersize=5)
        handles.append((y[-1] if len(y) else 0.0, -number, handle, said(curve.name)))
        if plot.fitted is not None:
            axes.plot(*plot.points(curve, plot.fitted), color=color, linestyle=":", linewidth=1.2, scaley=False)
    limits = (None, None) if any(len(plot.points(curve)[0]) for curve in plot.curves) else axis_ranges(plot)
    show_axis(axes, "x", plot.x, limits[0])
    show_axis(axes, "y", plot.y, limits[1])
    axes.set_title(said(plot.title))
    handles.sort(key=lambda entry: entry[:2], reverse=True)  # as the curves end, the highest first
    shown = [(handle, name) for *_, handle, name in handles]
    if plot.fitted is not None:
        from matplotlib.lines import Line2D

        shown.append((Line2D([], [], color="#555555", linestyle=":", linewidth=1.2), said(plot.fitted.label)))
    place = {"loc": "outside right upper"} if outside else {}
    (figure if outside else axes).legend(*zip(*shown, strict=True), **place)
    return figure


def show_axis(axes: Any, name: str, axis: Axis, limits: tuple[float, float] | None) -> None:
    """Scale, ticks and label of an axis whose curves are drawn (limits: None: as they need)."""
    from matplotlib.ticker import NullLocator

    axes.set(**{f"{name}label": said(axis.label), f"{name}scale": "log" if axis.logarithmic else "linear"})
    low, high = limits or getattr(axes, f"get_{name}lim")()
    ticks = list(axis.ticks) or ticks_between(low, high, logarithmic=axis.logarithmic)
    axes.set(**{f"{name}ticks": ticks, f"{name}ticklabels": list(map(written_number, ticks))})
    getattr(axes, f"{name}axis").set_minor_locator(NullLocator())
    axes.set(**{f"{name}lim": (low, high)})
