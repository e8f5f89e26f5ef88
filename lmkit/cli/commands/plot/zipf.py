"""lmkit plot zipf"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.commands.plot.output import TextDrawing, show
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output.progress_bar import progress

Together = Annotated[bool, Option("--together", help="One curve for all FILEs as one text, not one for each.")]


@command(short="Plot word counts by rank.")
def zipf(options: TextDrawing, files: shared.Files = None, together: Together = False) -> None:
    """Plot how often words occur by rank, on logarithmic axes, with Zipf's law fitted: a curve for each FILE.

    \b
    lmkit plot zipf corpus.txt                                   # in the terminal
    lmkit plot zipf english.txt french.txt -o zipf.svg --data zipf.tsv
    lmkit plot zipf --unit character corpus.txt -o zipf.pdf

    The law is that of lmkit vocabulary frequencies: most likely for the ranks of words seen ten times or more. The data
    have the first and the last rank of each count.
    Pictures (.svg .png .pdf) need matplotlib: pip install 'lmkit[plot]'.

    Memory: up to 400 MB, and 250 bytes a distinct word of the largest FILE; texts are read as streams.
    """
    from lmkit.plots.curves.texts import zipf_plot

    texts = options.texts(files)
    targets = options.targets("plot picture", data="plot data")
    with progress(options.quiet, texts, "counting"):
        plot = zipf_plot(
            texts,
            together=together,
            title=options.title,
            **options.for_scoring(),
        )
    show(plot, options, targets)
