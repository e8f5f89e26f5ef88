"""lmkit cooc"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.cooccurring import Cooccurring
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.text.vocabulary import Vocabulary


@command(short="Count words that stand near each other.", after="onehot")
def cooc(
    options: Cooccurring,
    files: shared.Files = None,
    ppmi: Annotated[
        bool, Option("--ppmi", help="Positive pointwise mutual information (bits) instead of counts.")
    ] = False,
    alpha: Annotated[
        float | None, Option(metavar="A", help="Context distribution smoothing of --ppmi [default: 1].")
    ] = None,
    shift: Annotated[float | None, Option(metavar="K", help="Subtract log2 K in --ppmi [default: 1].")] = None,
    top: Annotated[int | None, Option(metavar="K", help="Only the K largest.", min=0)] = None,
    json: shared.JsonOption = False,
    output: shared.MatrixOutput = None,
) -> None:
    """Count how near words stand beside each other: `word TAB context TAB value`, largest first, or a matrix with -o.

    \b
    lmkit cooc --window 10 --top 20 corpus.txt
    lmkit cooc --ppmi corpus.txt -o ppmi.npz    # opens with scipy.sparse.load_npz

    Windows stop at sentence ends; unknown words are removed before, as GloVe's cooccur does.

    Memory: about 25 bytes for each distinct pair of words, 40 for each running word; past --memory, the disk is used.
    """
    from lmkit.engine.files.table_files import Table
    from lmkit.vectors.association import ppmi as positive_pmi
    from lmkit.vectors.cooccurrence import largest_cells

    given = {name: value for name, value in (("alpha", alpha), ("shift", shift)) if value is not None}
    if given and not ppmi:
        raise UsageError("--alpha and --shift belong to --ppmi.")
    target = None if output is None else outputs.check_output(output, "matrix", "table")
    outputs.refuse_with_output(target, {"--top": top is not None}, json=json)
    result = options.counted(files)
    if ppmi:
        matrix = positive_pmi(result.matrix, **given)
        result = replace(result, matrix=matrix, cells="ppmi", details=result.details | given)
    if target is not None and target.kind == "matrix":
        outputs.write_output(target, result)
        return
    cells = largest_cells(result.matrix, result.words, top)
    outputs.write_listing(Table(("word", "context", "value"), rows_of(cells, result.words)), target, as_json=json)


def rows_of(cells: Any, words: "Vocabulary") -> "Iterator[list[Any]]":
    """The words, contexts and values of cells, in pieces."""
    import pyarrow as pa

    from lmkit.engine.arrow import to_arrow
    from lmkit.engine.columns import as_texts

    texts = as_texts(words.to_arrow())
    rows, contexts = cells.coords
    for first in range(0, cells.nnz, rendering.PIECE):
        piece = slice(first, first + rendering.PIECE)
        numbered = [pa.DictionaryArray.from_arrays(to_arrow(places[piece]), texts) for places in (rows, contexts)]
        yield [*numbered, cells.data[piece]]
