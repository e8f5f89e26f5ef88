"""lmkit plot cooc"""

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.commands.plot.output import Drawing, Targets, needs_ascii, terminal_colors, write_picture
from lmkit.cli.declared import Option
from lmkit.cli.options.cooccurring import MatrixOrTexts, MatrixSource
from lmkit.cli.options.numbers import all_if_zero
from lmkit.cli.options.words import parse_words
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering

if TYPE_CHECKING:
    from lmkit.plots.heat.heat_map import HeatMap


@dataclass(repr=False, eq=False)
class HeatDrawing(MatrixSource, Drawing):
    """Which cells are drawn, how they are counted where they are not, and where the picture goes."""

    words: Annotated[
        str | None, Option(metavar="WORD,WORD", help="Rows of these words; one with a comma in double quotes.")
    ] = None
    contexts: Annotated[
        str | None, Option(metavar="WORD,WORD", help="Columns of these words [default: those of the rows].")
    ] = None
    top: Annotated[
        int | None,
        Option(metavar="K", help="The K most frequent words; 0: all [default: 15 if none are named].", min=0),
    ] = None
    log: Annotated[
        bool,
        Option("--log-scale", formerly=("--log",), help="Colour by the logarithm: for counts, of which few are large."),
    ] = False


@command(short="Show co-occurrence as colour.", after="surprisal")
def cooc(options: HeatDrawing, files: MatrixOrTexts = None) -> None:
    """Show a block of a co-occurrence matrix as colour with numbers: rows are words, columns contexts.

    \b
    lmkit cooc corpus.txt -o x.npz
    lmkit plot cooc x.npz --log-scale
    lmkit plot cooc x.npz --words roi,reine,homme,femme --contexts le,la,jeune -o block.svg
    lmkit plot cooc corpus.txt --window 2 --top 10

    The matrix may hold counts, PPMI, successors: any that lmkit wrote with words on both axes.
    Pictures (.svg .png .pdf) need matplotlib: pip install 'lmkit[plot]'. Up to 30 words their cells have numbers.

    Memory: the matrix; of text, as `lmkit cooc`.
    """
    words, contexts = parse_words("--words", options.words), parse_words("--contexts", options.contexts)
    targets = options.targets("heat map picture", data="plot data")
    from lmkit.plots.heat.heat_map import heat_map

    matrix = options.matrix_of(files)
    found = heat_map(
        matrix, words, contexts, top=all_if_zero(options.top), logarithmic=options.log, title=options.title
    )
    show(found, options, targets)


def show(found: "HeatMap", drawing: Drawing, targets: Targets) -> None:
    """Write the heat map wherever it is wanted."""
    from lmkit.plots.heat.text import heat_map_text

    if targets.picture is not None:
        write_picture(targets.picture, found, [found.title, *found.rows, *found.columns], drawing.quiet)
    if targets.figures is not None:
        outputs.write_output(targets.figures, found.plot())
    if drawing.on_stdout:
        columns = shutil.get_terminal_size().columns
        rendering.write(
            heat_map_text(found, columns, ascii_only=needs_ascii(drawing.ascii), colors=terminal_colors()).encode()
        )
        rendering.write_line(f"signature {found.signature}")
