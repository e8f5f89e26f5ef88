"""lmkit vectors neighbours"""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument
from lmkit.cli.options import groups as shared
from lmkit.cli.options.numbers import all_if_zero
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.vectors import Vectors
from lmkit.cli.options.vectors.rows import MeasureOption, Top, Typed, load_rows
from lmkit.cli.output.forms.protocol import Cells, number_cells, word_cells
from lmkit.cli.output.forms.registry import table_writer
from lmkit.errors import UsageError
from lmkit.vectors.queries.names import FIGURES, MEASURES, TOP

if TYPE_CHECKING:
    from lmkit.vectors.queries.neighbours import Neighbours
    from lmkit.vectors.queries.rows import Rows

Words = Annotated[list[str] | None, Argument(metavar="[WORD...]", help="The words; all are looked up in one pass.")]


@command(short="List the words nearest to a word.", after="similarity", known_as=("neighbors", "nearest", "similar"))
def neighbours(
    vectors: Vectors,
    words: Words = None,
    vector: Typed = None,
    top: Top = TOP,
    measure: MeasureOption = MEASURES[0],
    workers: shared.Workers = None,
    json: shared.JsonOption = False,
    as_: As = None,
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

    form = form_of(as_, json=json)
    if not words and not vector:
        raise UsageError("no word was given.", "Name one, or give a --vector.")
    rows = load_rows(vectors)
    used = shared.resources(workers)
    typed = typed_vectors(vector or [], rows.dimensions)
    with table_writer(form) as table:
        if form != "plain":
            table.begin(("word", "neighbour", FIGURES[measure]))
        if words:
            table.write(cells_of(rows, nearest(rows, words, top=all_if_zero(top), measure=measure, resources=used)))
        if vector:
            found = neighbours_of_vectors(rows, typed, vector, top=all_if_zero(top), measure=measure, resources=used)
            table.write(cells_of(rows, found))


def cells_of(rows: "Rows", found: "Neighbours") -> list[Cells]:
    """One row a neighbour."""
    from lmkit.engine.columns import as_texts, texts_at

    return [
        word_cells(found.queries, found.query),
        Cells(as_texts(texts_at(rows.words.arrow_words(), found.row))),
        number_cells(found.similarity),
    ]
