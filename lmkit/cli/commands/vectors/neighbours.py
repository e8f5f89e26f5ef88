"""lmkit vectors neighbours"""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument
from lmkit.cli.options import groups as shared
from lmkit.cli.options.vectors import Vectors
from lmkit.cli.options.vectors.rows import MeasureOption, Top, Typed, load_rows
from lmkit.cli.output import rendering
from lmkit.errors import UsageError
from lmkit.vectors.queries.names import FIGURES, MEASURES, TOP

if TYPE_CHECKING:
    from lmkit.vectors.queries.neighbours import Neighbours
    from lmkit.vectors.queries.rows import Rows

Words = Annotated[list[str] | None, Argument(metavar="[WORD...]", help="The words; all are looked up in one pass.")]


@command(short="List the words nearest to a word.", after="similarity")
def neighbours(
    vectors: Vectors,
    words: Words = None,
    vector: Typed = None,
    top: Top = TOP,
    measure: MeasureOption = MEASURES[0],
    workers: shared.Workers = None,
    json: shared.JsonOption = False,
) -> None:
    """List the words nearest to each word, or to vectors that are typed in: `word TAB neighbour TAB similarity`.

    \b
    lmkit vectors neighbours vectors.safetensors chat chien --top 5
    lmkit vectors neighbours cooc.npz chat               # the row of a word in a matrix is a vector, too
    lmkit vectors neighbours plane.vec --vector 1,2

    A word is no neighbour of its own. With --measure euclidean the figure is the distance, and the nearest come first.

    Memory: the vectors, of which lmkit's own format is mapped from disk, and some 20 MB.
    """
    from lmkit.vectors.queries.neighbours import neighbours as nearest
    from lmkit.vectors.queries.neighbours import neighbours_of_vectors
    from lmkit.vectors.queries.rows import typed_vectors

    if not words and not vector:
        raise UsageError("no word was given.", "Name one, or give a --vector.")
    rows = load_rows(vectors)
    used = shared.resources(workers)
    typed = typed_vectors(vector or [], rows.dimensions)
    if words:
        show(rows, nearest(rows, words, top=top, measure=measure, resources=used), json)
    if vector:
        show(rows, neighbours_of_vectors(rows, typed, vector, top=top, measure=measure, resources=used), json)


def show(rows: "Rows", found: "Neighbours", as_json: bool) -> None:
    """One row a neighbour."""
    from lmkit.engine.columns import as_texts, texts_at

    columns = [
        rendering.word_column(found.queries, found.query, as_json),
        rendering.text_column(as_texts(texts_at(rows.words.arrow_words(), found.row)), as_json),
        rendering.number_column(found.similarity, as_json),
    ]
    rendering.write_rows(("word", "neighbour", FIGURES[found.measure]), columns, as_json)
