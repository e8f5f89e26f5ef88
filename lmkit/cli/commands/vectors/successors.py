"""lmkit vectors successors"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from lmkit.cli.command import command
from lmkit.cli.declared import RESOURCES, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import DataError, UsageError

if TYPE_CHECKING:
    from lmkit.scoring.protocol import Model
    from lmkit.vectors.word_matrix import WordMatrix
    from lmkit.vectors.word_vectors import WordVectors


@dataclass(repr=False, eq=False)
class Following:
    """What is kept of what follows each word, and where it goes."""

    output: Annotated[
        str | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write: .npz, the matrix of what was counted; .safetensors, vectors; - or none: standard output.",
        ),
    ] = None
    cells: Annotated[
        Literal["probabilities", "counts"], Option(help="p(next word | word), or how often it was counted.")
    ] = "probabilities"
    top: Annotated[
        int | None, Option(metavar="N", help="Only the N most frequent words, as rows and as columns; 0: all.", min=0)
    ] = None
    quiet: shared.Quiet = False
    memory: Annotated[
        str | None,
        Option(
            metavar="SIZE",
            help="Memory to keep to, as 500M or 4G; vectors that take more are refused [default: half of the machine's, or of its container's].",
            panel=RESOURCES,
        ),
    ] = None
    verbose: shared.Verbose = False


@command(short="Take what follows words as vectors.", after="convert")
def successors(options: Following, model: shared.Model) -> None:
    """Take what follows each word as its vector: p(next word | word), from counts or a model of n-grams.

    \b
    lmkit ngram train -n 2 corpus.txt -o counts.safetensors
    lmkit vectors successors counts.safetensors -o next.npz          # sparse: `lmkit vectors svd --association none`
    lmkit smooth --kneser-ney counts.safetensors | lmkit vectors successors - --top 5000 -o next.safetensors

    Rows and columns are the words, those first that are most frequent (models: most probable), without the marks: a row sums to 1 less p(</s>) and p(<unk>). A
    word that only ends sentences has zeros. Models see the word alone, as a history of one word. Counts give a matrix or
    vectors, smoothed models, after which any word may follow, vectors.

    Memory: the model; of vectors, 4 bytes for each word and word, of a matrix 12 for each pair that was counted.
    """
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.storage import load_counts, load_predicting
    from lmkit.vectors.successors import as_vectors, successor_matrix, successor_vectors

    target = outputs.check_output(options.output, "vectors", "matrix")
    source, resources = shared.model_source(model), shared.resources(memory=options.memory, verbose=options.verbose)
    counted = load_counts(source) if options.cells == "counts" else load_predicting(source)
    check_pairs(counted, model)
    made: WordMatrix | WordVectors
    with progress(options.quiet):
        if isinstance(counted, NgramCounts):
            details = counted.details() | counted.settings.for_signature()
            matrix = successor_matrix(
                counted.matrix(2), counted.vocabulary, cells=options.cells, top=options.top or None, details=details
            )
            made = matrix if target.kind == "matrix" else as_vectors(matrix, resources)
        elif target.kind == "matrix":
            raise UsageError(
                f"{model} holds a model ({counted.method}), after which any word may follow: its matrix has no zeros to leave out.",
                "Write vectors, as -o x.safetensors, or give counts.",
            )
        else:
            made = successor_vectors(counted, top=options.top or None, resources=resources)
    outputs.write_output(target, made)
    rendering.narrate(options.quiet, f"{len(made.words):,} words, what follows each as a vector; {made.signature()}")


def check_pairs(model: "Model", name: str) -> None:
    """DataError if the model does not look at the word before."""
    if model.order == 1:
        raise DataError(
            f"{name} is of order 1: it does not say what follows which word.", "Count pairs: lmkit ngram train -n 2."
        )
