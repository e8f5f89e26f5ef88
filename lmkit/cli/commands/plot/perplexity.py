"""lmkit plot perplexity"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.commands.plot.output import Drawing, show
from lmkit.cli.commands.smooth.all_ import warn_trained_on
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError
from lmkit.smoothing.registry import usual, with_flags

if TYPE_CHECKING:
    from collections.abc import Callable

    from lmkit.scoring.figures import Perplexity
    from lmkit.text.settings import Unit

TUNED = ", ".join(name for name, row in with_flags().items() if row.accepts("held_out"))
Orders = Annotated[
    list[int] | None,
    Option(
        "-n",
        "--order",
        metavar="N",
        formerly=("--orders",),
        help="This order; several as 2,3,4 [default: all that the counts have].",
    ),
]
Smoothing = Annotated[
    str,
    Option(
        metavar="NAME,NAME",
        help=f"Names as `lmkit smooth` has them, or all [default: {','.join(usual())}].",
        show_default=False,
        complete=("all", *with_flags()),
    ),
]
HeldOut = Annotated[
    str | None, Option(metavar="FILE", help=f"Text for the weights of {TUNED} [default: the same for all].")
]


@dataclass
class ModelDrawing(Drawing):
    """Where a plot of models goes, and what making them may take."""

    workers: shared.Workers = None
    memory: shared.Memory = None
    verbose: shared.Verbose = False
    tmp: shared.Tmp = None


@command(short="Plot perplexity by order and smoothing.", after="heaps")
def perplexity(
    options: ModelDrawing,
    counts: Annotated[
        str, Argument(metavar="COUNTS", help="A counts file of `lmkit ngram train`; - is standard input.")
    ],
    files: Annotated[list[str], Argument(metavar="TEXT...", help="Text that was not counted, one sentence a line.")],
    orders: Orders = None,
    smoothing: Smoothing = "",
    held_out: HeldOut = None,
    with_oov: Annotated[
        bool, Option("--with-oov", help="Perplexity with unknown words, not that of known words.")
    ] = False,
    closed: Annotated[bool, Option("--closed", help="<unk> is no event: unknown words have no probability.")] = False,
) -> None:
    """Plot the perplexity of a text by the order of the model, a curve for each smoothing.

    \b
    lmkit ngram train -n 5 train.txt -o counts.safetensors
    lmkit plot perplexity counts.safetensors test.txt
    lmkit plot perplexity counts.safetensors test.txt --smoothing kneser-ney,katz --order 2,3,4 -o orders.svg

    Models are made one after the other and not kept. Where discounts cannot be estimated they fall back (generalised).
    The data have perplexities with and without unknown words. Pictures (.svg .png .pdf) need matplotlib:
    pip install 'lmkit[plot]'.

    Memory: as `lmkit smooth`: about 25 bytes an n-gram; past --memory, the disk is used.
    """
    from lmkit.plots.curves.smoothings import perplexity_plot
    from lmkit.storage import load_counts

    if "-" in files and counts == "-":
        raise UsageError("the counts come from standard input, so the text needs a FILE of its own.")
    texts = [text for file in files if (text := shared.Formatting().text_read_twice("TEXT", file)) is not None]
    tuned_on = shared.Formatting().text_read_twice("--held-out", held_out)
    targets = options.targets("plot picture", data="plot data")
    value = load_counts(shared.model_source(counts))
    with progress(options.quiet):
        plot = perplexity_plot(
            value,
            texts,
            orders=orders or [],
            smoothings=smoothing.replace(",", " ").split(),
            held_out=tuned_on,
            with_oov=with_oov,
            title=options.title,
            on_result=warner(" ".join(files), value.settings.unit),
            closed=closed,
            resources=shared.resources(options.workers, options.memory, options.tmp, verbose=options.verbose),
        )
    show(plot, options, targets)


def warner(name: str, unit: "Unit") -> "Callable[[Perplexity], None]":
    """What warns, once, when figures look as if the models had been trained on the text."""
    from lmkit.smoothing.choosing import looks_trained_on

    warned: list[Perplexity] = []

    def warn(result: "Perplexity") -> None:
        if not warned and looks_trained_on(result, unit):
            warned.append(result)
            warn_trained_on(name)

    return warn
