"""Words as rows of numbers: files of vectors, or of a matrix whose rows are words."""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import Option
from lmkit.cli.options.groups import model_source
from lmkit.errors import UsageError
from lmkit.vectors.queries.names import Measure

if TYPE_CHECKING:
    from lmkit.vectors.queries.rows import Rows

MeasureOption = Annotated[
    Measure, Option(help="The cosine of the angle, the product, or the distance (0: nearest) of two vectors.")
]
Top = Annotated[int, Option(metavar="K", help="Only the K best; 0: all.", min=0)]
Typed = Annotated[
    list[str] | None, Option("--vector", metavar="X,Y,...", help="A vector in place of a word; may be given again.")
]


def load_rows(path: str) -> "Rows":
    """The vectors of a file, or the rows of its matrix. DataError for others, and for a matrix whose rows are no words."""
    from lmkit.storage import load_vectors
    from lmkit.vectors.files.matrices import holds_matrix, load_matrix
    from lmkit.vectors.queries.rows import rows_of_matrix

    if path != "-" and holds_matrix(path):
        return rows_of_matrix(load_matrix(path), path)
    return load_vectors(model_source(path))


def refuse_shared_stdin(vectors: str, *others: str | None) -> None:
    """UsageError if vectors and something else would both be read from standard input."""
    if [vectors, *others].count("-") > 1:
        raise UsageError("two inputs would both be read from standard input.", "Name a file for one of them.")
