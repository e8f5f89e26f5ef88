"""lmkit vectors svd"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options.cooccurring import Alpha, MatrixOrTexts, MatrixSource, Shift
from lmkit.cli.options.making_vectors import Dimensions, Seed, VectorsOutput
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.vectors.choices import Factored, Solver


@command(short="Make vectors by factoring counts (PPMI, SVD).")
def svd(
    options: MatrixSource,
    files: MatrixOrTexts = None,
    dimensions: Dimensions = 100,
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
    seed: Seed = 1,
    output: VectorsOutput = None,
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

    target = outputs.check_output(output, "vectors")
    matrix = options.matrix_of(files)
    with progress(options.quiet):
        found = factored(
            matrix,
            dimensions,
            association=association,
            alpha=alpha,
            shift=shift,
            eigenvalue_weight=eigenvalue_weight,
            add_contexts=add_contexts,
            solver=solver,
            seed=seed,
            resources=options.resources(),
        )
    outputs.write_output(target, found.vectors)
    settled = "settled" if found.is_settled else "have not settled"
    how = f"values {settled} after {found.blocks} block{'s' * (found.blocks != 1)}" if found.blocks else "exact"
    rendering.narrate(
        options.quiet,
        f"{len(found.vectors):,} vectors of {dimensions} dimensions, with {found.energy:.1%} of the squares of all cells; {how}",
    )
    rendering.narrate(options.quiet, f"signature {found.vectors.signature()}")
