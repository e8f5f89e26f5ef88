"""Tables whose rows are made at once: on standard output, as JSON lines, in a file."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.tables import write_table

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.engine.phrases import Column

Rows = Sequence[Sequence[Any]]  # of whole numbers, floats, texts, and None where a row has nothing


def write_small_table(
    names: Sequence[str], rows: Rows, target: "Output | None" = None, *, as_json: bool = False
) -> None:
    """Write a table where it is to go: to a file, or to standard output, as columns or as JSON lines."""
    if target is not None:
        from lmkit.engine.files.table_files import Table

        columns = [column_of([row[place] for row in rows]) for place in range(len(names))]
        outputs.write_output(target, Table(names, [columns]))
    elif as_json:
        from lmkit.scoring.result import finite_or_none

        for row in rows:
            rendering.write_json(dict(zip(names, map(finite_or_none, row), strict=True)))
    else:
        write_table(
            names, [["" if value is None else rendering.figure_as_text(value) for value in row] for row in rows]
        )


def column_of(values: Sequence[Any]) -> "Column":
    """A column of a file: numbers, or texts."""
    import numpy as np

    from lmkit.engine.arrow import texts_to_arrow

    if any(isinstance(value, str) for value in values):
        return texts_to_arrow(["" if value is None else value for value in values])
    return np.array([np.nan if value is None else value for value in values])
