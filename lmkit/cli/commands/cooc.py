"""lmkit cooc"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.cooccurring import Alpha, Cooccurring, Shift
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.resuming import resumable
from lmkit.cli.options.sharing import BESIDE_RESUME
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.errors import UsageError
from lmkit.vectors.choices import Association

if TYPE_CHECKING:
    from lmkit.text.vocabulary import Vocabulary


@command(
    short="Count words that stand near each other.",
    after="onehot",
    topic="Text",
    known_as=("cooccurrence", "pmi", "ppmi"),
)
@resumable("cooc", "files", alone=BESIDE_RESUME)
def cooc(
    options: Cooccurring,
    files: shared.Files = None,
    association: Annotated[
        Association | None,
        Option(help="Weighted counts: PPMI, PMI (bits), ln(1 + count), the root of p(context | word)."),
    ] = None,
    ppmi: Annotated[bool, Option("--ppmi", help="The same as --association ppmi.")] = False,
    alpha: Alpha = None,
    shift: Shift = None,
    top: Annotated[int | None, Option(metavar="K", help="Only the K largest; 0: all.", min=0)] = None,
    json: shared.JsonOption = False,
    as_: As = None,
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
    from lmkit.vectors.association import associated, in_words
    from lmkit.vectors.cooccurrence import largest_cells

    form = form_of(as_, json=json)
    if ppmi and association not in (None, "ppmi"):
        raise UsageError(f"--ppmi and --association {association} name two weightings.", "Leave one out.")
    chosen = "ppmi" if ppmi else association
    if chosen is None and (alpha is not None or shift is not None):
        raise UsageError("--context-power and --shift belong to --ppmi and --association.")
    target = None if output is None else outputs.check_output(output, "matrix", "table")
    outputs.refuse_with_output(target, {"--top": top is not None}, json=json, asked=as_)
    options.sharing()
    result = options.counted(options.texts(files))
    if chosen is not None:
        result = associated(result, chosen, alpha=alpha, shift=shift, resources=options.resources())
        rendering.narrate(options.quiet, in_words(chosen, alpha, shift))
    if target is not None and target.kind == "matrix":
        outputs.write_output(target, result)
        return
    cells = largest_cells(result.matrix, result.words, top or None)
    outputs.write_listing(Table(("word", "context", "value"), rows_of(cells, result.words)), target, form)


def rows_of(cells: Any, words: "Vocabulary") -> "Iterator[list[Any]]":
    """The words, contexts and values of cells, in pieces."""
    import pyarrow as pa

    from lmkit.engine.arrow import to_arrow
    from lmkit.engine.columns import as_texts

    texts = as_texts(words.arrow_words())
    rows, contexts = cells.coords
    for first in range(0, cells.nnz, rendering.PIECE):
        piece = slice(first, first + rendering.PIECE)
        numbered = [pa.DictionaryArray.from_arrays(to_arrow(places[piece]), texts) for places in (rows, contexts)]
        yield [*numbered, cells.data[piece]]
