"""lmkit vectors svd"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.cooccurring import Alpha, MatrixOrTexts, MatrixSource, Shift
from lmkit.cli.options.output_format import ToVectors
from lmkit.cli.options.resuming import resumable
from lmkit.cli.options.sharing import BESIDE_RESUME
from lmkit.cli.options.vectors.making import Dimensions, Seed
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.engine.wording import numbered
from lmkit.vectors.choices import DIMENSIONS, SEED, Factored, Solver

if TYPE_CHECKING:
    from lmkit.vectors.factorization.svd import Factorization


@command(short="Make vectors by factoring counts (PPMI, SVD).", known_as=("lsa", "embed"))
@resumable("vectors svd", "files", alone=BESIDE_RESUME)
def svd(
    options: MatrixSource,
    files: MatrixOrTexts = None,
    dimensions: Dimensions = None,
    association: Annotated[
        Factored,
        Option(help="What becomes of counts first; none: the cells as they are."),
    ] = "ppmi",
    alpha: Alpha = None,
    shift: Shift = None,
    eigenvalue_weight: Annotated[
        float, Option(metavar="P", help="Singular values to this power scale the dimensions: 0, 0.5, 1.", min=0, max=1)
    ] = 0.5,
    add_contexts: Annotated[
        bool, Option("--add-contexts", help="Add the vector that a word has as a context.")
    ] = False,
    solver: Annotated[
        Solver,
        Option(help="A block Krylov method until values settle, or to machine precision, which is slow."),
    ] = "krylov",
    seed: Seed = None,
    output: shared.Output = None,
    to: ToVectors = None,
) -> None:
    """Make word vectors of the singular vectors of a matrix of associations: the rows of U S^p, where the matrix is U S V'.

    \b
    lmkit vectors svd --cutoff 5 novels.txt.gz -o v.safetensors
    lmkit cooc --cutoff 5 novels.txt.gz -o x.npz && lmkit vectors svd x.npz -d 50 -o v.safetensors
    lmkit cooc novels.txt.gz -o - | lmkit vectors svd - --association hellinger -o v.safetensors

    The defaults are those of Levy, Goldberg & Dagan (2015): PPMI with alpha 0.75, p = 0.5. The same input and options give the same vectors,
    whatever the threads. Words stand in descending order of how often they meet others.

    Memory: 40 bytes for each distinct pair of words, and for each word about 25 bytes a dimension.
    """
    from lmkit.vectors.factorization.svd import factored

    target = outputs.check_output(output, "vectors", to=to)
    matrix = options.matrix_of(files)
    with progress(options.quiet):
        found = factored(
            matrix,
            DIMENSIONS if dimensions is None else dimensions,
            association=association,
            alpha=alpha,
            shift=shift,
            eigenvalue_weight=eigenvalue_weight,
            add_contexts=add_contexts,
            solver=solver,
            seed=SEED if seed is None else seed,
            resources=options.resources(),
        )
    outputs.write_output(target, found.vectors)
    for line in said_of(found):
        rendering.narrate(options.quiet, line)


def said_of(found: "Factorization") -> Iterator[str]:
    """How much of the matrix the vectors hold, and what made them."""
    blocks = numbered(found.blocks, "block")
    how = f"values settled after {blocks}" if found.is_settled else f"values have not settled after {blocks}"
    how = how if found.blocks else "exact"
    vectors = found.vectors
    share = f"{found.energy:.1%} of the squares of all cells"
    yield f"{len(vectors):,} vectors of {vectors.dimensions} dimensions, with {share}; {how}"
    yield f"signature {vectors.signature()}"
