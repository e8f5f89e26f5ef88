"""lmkit plot heaps"""

from lmkit.cli.command import command
from lmkit.cli.commands.plot.output import TextDrawing, show
from lmkit.cli.commands.plot.zipf import Together
from lmkit.cli.options import groups as shared
from lmkit.cli.output.progress_bar import progress


@command(short="Plot the growth of the vocabulary.", after="zipf")
def heaps(options: TextDrawing, files: shared.Files = None, together: Together = False) -> None:
    """Plot how the vocabulary grows with the length of a text, with Heaps' law fitted: a curve for each FILE.

    \b
    lmkit plot heaps corpus.txt                                  # in the terminal
    lmkit plot heaps english.txt french.txt -o heaps.svg --data heaps.tsv

    Points and law are those of lmkit vocabulary growth: ten lengths in each decade, and the line nearest to those of the
    last two decades on logarithmic axes.
    Pictures (.svg .png .pdf) need matplotlib: pip install 'lmkit[plot]'.

    Memory: up to 300 MB, and 200 bytes a distinct word of the largest FILE; texts are read as streams.
    """
    from lmkit.plots.curves.texts import heaps_plot

    texts = options.texts(files)
    targets = options.targets("plot picture", data="plot data")
    with progress(options.quiet, texts, "reading"):
        plot = heaps_plot(
            texts,
            together=together,
            title=options.title,
            **options.for_scoring(),
        )
    show(plot, options, targets)
