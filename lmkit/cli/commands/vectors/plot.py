"""lmkit vectors plot"""

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from lmkit.cli.command import command
from lmkit.cli.commands.plot.output import (
    MOST_ROWS,
    OTHER_ROWS,
    Drawing,
    Targets,
    needs_ascii,
    terminal_colors,
    write_picture,
)
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.numbers import all_if_zero
from lmkit.cli.options.vectors import Vectors
from lmkit.cli.options.words import parse_pairs, parse_words
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering

if TYPE_CHECKING:
    from lmkit.plots.vectors.word_map import WordMap


@dataclass(repr=False, eq=False)
class MapDrawing(Drawing):
    """Which words are drawn, and where the map goes."""

    words: Annotated[
        str | None, Option(metavar="WORD,WORD", help="These words; one with a comma in double quotes.")
    ] = None
    top: Annotated[
        int | None,
        Option(
            metavar="K",
            help="The first K words, the most frequent ones; 0: all [default: 50 if none are named].",
            min=0,
        ),
    ] = None
    pairs: Annotated[
        str | None,
        Option(
            "--arrows",
            metavar="A:B,C:D",
            formerly=("--pairs",),
            help="An arrow from A to B, from C to D; they are shown, too.",
        ),
    ] = None
    unit_length: Annotated[
        bool, Option("--unit-length", help="Of vectors made as long as each other: angles count, as for cosine.")
    ] = False
    projection: Annotated[
        Literal["pca", "tsne"], Option(help="Principal components, or t-SNE, which needs scikit-learn.")
    ] = "pca"


@command(short="Draw words as points on a map.", after="compare")
def plot(options: MapDrawing, vectors: Vectors) -> None:
    """Draw words as points, in the two directions in which their vectors differ most: in the terminal, as a picture, as a page.

    \b
    lmkit vectors plot v.safetensors --words roi,reine,homme,femme
    lmkit vectors plot v.safetensors --arrows roi:reine,homme:femme -o pairs.svg
    lmkit vectors plot v.safetensors --top 200 --projection tsne -o words.html

    Directions are found for the words shown, the share of variance that each has is at its axis. Labels never overlap;
    words for which there is no room keep their dot, and are told.
    Pictures (.svg .png .pdf) need matplotlib: pip install 'lmkit[plot]'; pages (.html) do not. t-SNE needs scikit-learn:
    pip install 'lmkit[tsne]'. Near points are near words there; other distances mean nothing.

    Memory: the vectors, of which lmkit's own format is mapped from disk, and the words shown.
    """
    words, pairs = parse_words("--words", options.words), parse_pairs("--arrows", options.pairs)
    targets = options.targets("word map page", "word map picture", data="plot data")
    if options.projection == "tsne":
        from lmkit.plots.vectors.projection import import_manifold

        import_manifold()
    from lmkit.plots.vectors.word_map import word_map
    from lmkit.storage import load_vectors

    found = word_map(
        load_vectors(shared.model_source(vectors)),
        words,
        top=all_if_zero(options.top),
        pairs=pairs,
        unit_length=options.unit_length,
        projection=options.projection,
        title=options.title,
    )
    show(found, options, targets)


def show(found: "WordMap", drawing: Drawing, targets: Targets) -> None:
    """Write the map wherever it is wanted."""
    from lmkit.plots.vectors.text import word_map_text

    if targets.picture is not None:
        write_picture(targets.picture, found, [found.title, *found.words], drawing.quiet)
        tell_left_out(found, targets.picture.suffix, drawing.quiet)
    if targets.figures is not None:
        outputs.write_output(targets.figures, found.plot())
    if drawing.on_stdout:
        size = shutil.get_terminal_size()
        rows = min(size.lines - OTHER_ROWS, 2 * MOST_ROWS)  # words want more room than curves
        colored = terminal_colors() != "none"
        rendering.write(
            word_map_text(found, size.columns, rows, ascii_only=needs_ascii(drawing.ascii), color=colored).encode()
        )
        rendering.write_line(f"signature {found.signature}")


def tell_left_out(found: "WordMap", suffix: str, quiet: bool) -> None:
    """Say for which words of a picture there was no room."""
    from lmkit.plots.files import PAGE
    from lmkit.plots.vectors.layout import left_out_text
    from lmkit.plots.vectors.page import page_layout
    from lmkit.plots.vectors.picture import picture_layout

    left_out = (page_layout if suffix == PAGE else picture_layout)(found).left_out()
    if left_out:
        rendering.narrate(quiet, left_out_text(found, left_out))
