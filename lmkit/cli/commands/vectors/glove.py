"""lmkit vectors glove"""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.cooccurring import MatrixOrTexts, MatrixSource
from lmkit.cli.options.output_format import ToVectors
from lmkit.cli.options.resuming import resumable
from lmkit.cli.options.sharing import BESIDE_RESUME
from lmkit.cli.options.vectors.making import Dimensions, Seed
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.locales import to_say
from lmkit.vectors.glove.settings import LEARNING_RATE, RIDGE, SWEEPS, X_MAX, Optimizer, Start

if TYPE_CHECKING:
    from lmkit.vectors.glove.settings import GloveSweep

Method = Annotated[
    Optimizer | None,
    Option(help="Alternating least squares, or AdaGrad, as it was published, which is slow [default: als]."),
]
Sweeps = Annotated[
    int | None,
    Option(
        metavar="N",
        help=f"Sweeps of als [default: {SWEEPS['als']}], or passes of adagrad [default: {SWEEPS['adagrad']}].",
        min=1,
    ),
]
Ridge = Annotated[float | None, Option(metavar="L", help=f"With als: what squared lengths cost [default: {RIDGE:g}].")]
LearningRate = Annotated[
    float | None, Option(metavar="R", help=f"With adagrad: the length of steps [default: {LEARNING_RATE:g}].")
]
Begin = Annotated[
    str | None,
    Option(
        "--from",
        metavar="VECTORS",
        help="Go on from vectors that this command wrote (.safetensors), by so many sweeps, with their options.",
    ),
]


@command(short="Make vectors by GloVe.", after="svd")
@resumable("vectors glove", "files", alone=BESIDE_RESUME)
def glove(
    options: MatrixSource,
    files: MatrixOrTexts = None,
    dimensions: Dimensions = None,
    optimizer: Method = None,
    sweeps: Sweeps = None,
    ridge: Ridge = None,
    learning_rate: LearningRate = None,
    x_max: Annotated[
        float | None, Option(metavar="X", help=f"Counts from this on weigh 1, lower ones less [default: {X_MAX:g}].")
    ] = None,
    start: Annotated[
        Start | None,
        Option(
            "--initial",
            formerly=("--start",),
            help="Singular vectors of the PPMI, or random numbers [default: svd with als, random with adagrad].",
        ),
    ] = None,
    seed: Seed = None,
    begin: Begin = None,
    output: shared.Output = None,
    to: ToVectors = None,
) -> None:
    """Make vectors by GloVe: products of vectors, with two biases, become the logarithms of how often words stand near each other.

    \b
    lmkit vectors glove --cutoff 5 novels.txt.gz -o glove.safetensors
    lmkit cooc --cutoff 5 novels.txt.gz -o x.npz && lmkit vectors glove x.npz -d 50 -o glove.safetensors
    lmkit vectors glove x.npz --from glove.safetensors --sweeps 2 -o better.safetensors

    J = sum of f(X) (w.w' + b + b' - ln X)^2 over all pairs of words that are seen, f(X) = min(1, (X/100)^0.75), is told after each sweep; als
    lowers J and the ridge together. A lower J is no better vector by itself. The vectors are w + w'; the file keeps all to go on from.

    The same input and options give the same vectors, whatever the threads. Memory: for each distinct pair of words 40 bytes, and for each word 24 bytes a dimension.
    """
    from lmkit.storage import load_vectors
    from lmkit.vectors.glove.training import glove_vectors

    target = outputs.check_output(output, "vectors", to=to)
    matrix = options.matrix_of(files)
    with progress(options.quiet):
        vectors = glove_vectors(
            matrix,
            dimensions,
            optimizer=optimizer,
            sweeps=sweeps,
            ridge=ridge,
            learning_rate=learning_rate,
            x_max=x_max,
            start=start,
            seed=seed,
            begin=None if begin is None else load_vectors(begin),
            watch=lambda sweep: rendering.narrate(options.quiet, in_words(sweep)),
            resources=options.resources(),
        )
    outputs.write_output(target, vectors)
    rendering.narrate(options.quiet, f"{len(vectors):,} vectors of {vectors.dimensions} dimensions")


def in_words(sweep: "GloveSweep") -> str:
    """A sweep and what it reached."""
    reached = to_say(f"sweep {sweep.number}: J {sweep.objective:,.2f}")
    if sweep.ridge:
        reached = f"sweep {sweep.number}: J {sweep.objective:,.2f}, with the ridge {sweep.total:,.2f}"
    return f"{reached}; {sweep.in_double:,} least squares took 64 bits" if sweep.in_double else reached
