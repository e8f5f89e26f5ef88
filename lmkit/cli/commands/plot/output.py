"""Where plots go: the terminal, a picture or page, their data; and the options for it."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.plots.plot import Plot
    from lmkit.plots.surprisal.text import Colors

MOST_ROWS, OTHER_ROWS = 20, 8  # of a terminal: for the curves; for title, axis, legend and prompt


@dataclass
class Drawing:
    """Where a plot goes, and how it looks."""

    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A file, whose ending says what it becomes; none: text on the terminal.",
        ),
    ] = None
    data: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write the figures, too: JSON if FILE ends in .json, else TSV; - is standard output."
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, and no plot.")] = False
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Another title.")] = None
    ascii: Annotated[bool, typer.Option("--ascii", help="Text plots in ASCII.")] = False
    quiet: shared.Quiet = False

    @property
    def to_file(self) -> str | None:
        """The file of the picture or page, if there is one."""
        return None if self.output in (None, "-") else self.output

    @property
    def on_stdout(self) -> bool:
        """Whether the plot itself goes to standard output."""
        return self.to_file is None and self.data != "-" and not self.json

    def check(self, extensions: tuple[str, ...]) -> None:
        """Fail now, and not after the work, where something could not be written (extensions: of pictures and pages)."""
        from lmkit.plots.files import check_folder, checked_extension

        if self.data is not None and self.json:
            raise UsageError(
                "--data and --json both ask for the figures.", "Leave one out; --data x.json is JSON, too."
            )
        for name, path in (("-o", self.output), ("--data", self.data)):
            if path == "":
                raise UsageError(f"the name after {name} is empty.")
        if self.to_file is not None:
            checked_extension(self.to_file, extensions)
            if self.data is not None and Path(self.to_file).resolve() == Path(self.data).resolve():
                raise UsageError(f"-o and --data both name {self.data}.", "Give them files of their own.")
        if self.data not in (None, "-"):
            check_folder(str(self.data))

    @property
    def data_extension(self) -> str:
        """.json or .tsv"""
        return ".json" if self.json or str(self.data).lower().endswith(".json") else ".tsv"


@dataclass
class TextDrawing(shared.Scoring, Drawing):
    """How text is read, and where a plot of it goes."""


def show(plot: "Plot", drawing: Drawing) -> None:
    """Write a plot wherever it is wanted."""
    from lmkit.plots.curves.text import text_plot
    from lmkit.plots.files import save_plot, write_plot
    from lmkit.plots.plot import common_signature
    from lmkit.storage import whole_file

    if drawing.data not in (None, "-"):
        with whole_file(str(drawing.data)) as stream:
            write_plot(plot, stream, drawing.data_extension)
    if drawing.to_file is not None:
        save_plot(plot, drawing.to_file)
        names = [plot.title, plot.x.label, plot.y.label, *(curve.name for curve in plot.curves)]
        tell_missing_letters(names, drawing)
    if drawing.data == "-" or drawing.json:
        write_plot(plot, rendering.output_stream(), drawing.data_extension)
    elif drawing.on_stdout:
        size = shutil.get_terminal_size()
        rows = min(size.lines - OTHER_ROWS - len(plot.curves), MOST_ROWS)
        text = text_plot(plot, size.columns, rows, ascii_only=needs_ascii(drawing), color=terminal_colors() != "none")
        rendering.write(text.encode())
        rendering.write_line(f"signature {common_signature(plot.signatures())}")


def tell_missing_letters(texts: list[str], drawing: Drawing) -> None:
    """Say which letters of a picture the font does not have; in SVG they are for the font of the viewer."""
    from lmkit.plots.curves.picture import FONT, letters_without_glyph

    if str(drawing.to_file).lower().endswith((".png", ".pdf")) and (missing := letters_without_glyph(texts)):
        rendering.narrate(drawing.quiet, f"the font of pictures, {FONT}, lacks {' '.join(missing)}; .svg shows them")


def terminal_colors() -> "Colors":
    """The colours that standard output can show: none if it is no terminal, or if NO_COLOR is set."""
    if not rendering.stdout_is_terminal() or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return "none"
    return "truecolor" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "256"


def needs_ascii(drawing: Drawing) -> bool:
    """Whether text plots are to be in ASCII: if asked for, or if the encoding of standard output knows no braille."""
    try:
        "⣿│∞▁".encode((sys.stdout and sys.stdout.encoding) or "utf-8")
    except UnicodeEncodeError:
        return True
    return drawing.ascii
