"""Where plots go: the terminal, a picture or page, their data; and the options for it."""

import os
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.errors import UsageError
from lmkit.locales import AsGiven

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Kind, Output
    from lmkit.plots.plot import Plot
    from lmkit.plots.surprisal.text import Colors

MOST_ROWS, OTHER_ROWS = 20, 8  # of a terminal: for the curves; for title, axis, legend and prompt


@dataclass
class Drawing:
    """Where a plot goes, and how it looks."""

    output: Annotated[
        str | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A file, whose ending says what it becomes; none: text on the terminal.",
        ),
    ] = None
    data: Annotated[
        str | None,
        Option(metavar="FILE", help="Write the figures, too: .tsv or .json; -: TSV to standard output, and no plot."),
    ] = None
    json: Annotated[bool, Option("--json", help="Print the figures as JSON, and no plot.")] = False
    title: Annotated[str | None, Option(metavar="TITLE", help="Another title of the plot.")] = None
    ascii: Annotated[bool, Option("--ascii", help="Text plots in ASCII.")] = False
    quiet: shared.Quiet = False

    def __post_init__(self) -> None:
        self.title = self.title and AsGiven(self.title)

    @property
    def on_stdout(self) -> bool:
        """Whether the plot itself goes to standard output."""
        return self.output in (None, "-") and self.data != "-" and not self.json

    def targets(self, *pictures: "Kind", data: "Kind") -> "Targets":
        """Where picture or page and figures go: found now, and not after the work.

        pictures, data: the kinds that they are. UsageError or DataError where something could not be written.
        """
        if self.data is not None and self.json:
            raise UsageError(
                "--data and --json both ask for the figures.", "Leave one out; --data x.json is JSON, too."
            )
        picture = None if self.output in (None, "-") else outputs.check_output(self.output, *pictures)
        figures = "-" if self.json else self.data
        wanted = None if figures is None else outputs.check_output(figures, data, option="--data")
        return Targets(picture, replace(wanted, suffix=".json") if wanted and self.json else wanted)


class Targets(NamedTuple):
    """Where a plot goes, beside the terminal."""

    picture: "Output | None"
    figures: "Output | None"


@dataclass
class TextDrawing(shared.Threaded, Drawing):
    """How text is read, and where a plot of it goes."""


@dataclass
class ScoredDrawing(shared.Scoring, Drawing):
    """How text is read and scored, and where a plot of it goes."""


def show(plot: "Plot", drawing: Drawing, targets: Targets) -> None:
    """Write a plot wherever it is wanted."""
    from lmkit.plots.plot import common_signature

    if targets.picture is not None:
        names = [plot.title, plot.x.label, plot.y.label, *(curve.name for curve in plot.curves)]
        write_picture(targets.picture, plot, names, drawing.quiet)
    if targets.figures is not None:
        outputs.write_output(targets.figures, plot)
    if drawing.on_stdout:
        write_text_plot(plot, ascii_only=needs_ascii(drawing.ascii))
        rendering.write_line(f"signature {common_signature(plot.signatures())}")


def write_text_plot(plot: "Plot", *, ascii_only: bool) -> None:
    """Write curves to standard output, as large as the terminal."""
    from lmkit.plots.curves.text import text_plot

    size = shutil.get_terminal_size()
    rows = min(size.lines - OTHER_ROWS - len(plot.curves), MOST_ROWS)
    text = text_plot(plot, size.columns, rows, ascii_only=ascii_only, color=terminal_colors() != "none")
    rendering.write(text.encode())


def write_picture(picture: "Output", shown: Any, texts: list[str], quiet: bool) -> None:
    """Write what is shown into a file, and say if its font lacks letters of these texts, which stand in it."""
    outputs.write_output(picture, shown)
    tell_missing_letters(texts, picture, quiet)


def tell_missing_letters(texts: list[str], picture: "Output", quiet: bool) -> None:
    """Say which letters of a picture the font does not have; in SVG they are for the font of the viewer."""
    from lmkit.plots.curves.picture import FONT, letters_without_glyph

    if picture.suffix in (".png", ".pdf") and (missing := letters_without_glyph(texts)):
        rendering.narrate(quiet, f"the font of pictures, {FONT}, lacks {' '.join(missing)}; .svg shows them")


def terminal_colors() -> "Colors":
    """The colours that standard output can show: none if it is no terminal, or if NO_COLOR is set."""
    if not standard_output.is_terminal() or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return "none"
    return "truecolor" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "256"


def needs_ascii(asked: bool) -> bool:
    """Whether text plots are to be in ASCII: if asked for, or if the encoding of standard output knows no braille."""
    try:
        "⣿│∞▁".encode((sys.stdout and sys.stdout.encoding) or "utf-8")
    except UnicodeEncodeError:
        return True
    return asked
