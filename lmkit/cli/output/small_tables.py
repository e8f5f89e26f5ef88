"""Tables whose rows are made one by one: on standard output in any form, in a file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.forms.registry import DATA, DOCUMENTS, Form, table_writer
from lmkit.cli.output.signatures import short
from lmkit.cli.output.terminal.tables import MOST_BESIDE, NARROWEST, aligned, beside, in_common
from lmkit.engine.wording import display_width
from lmkit.escaping import visible

if TYPE_CHECKING:
    from lmkit.cli.output.forms.protocol import Cells, TableWriter
    from lmkit.engine.files.output_formats import Output
    from lmkit.engine.phrases import Column

Row = Sequence[Any]  # of whole numbers, floats, texts, truth values, and None where a row has nothing
AT_ONCE: tuple[Form, ...] = ("tsv", "csv")  # whose rows need not be gathered


class RowWriter:
    """Writes a table row by row, each as it comes; at the end those that stand in columns for people, or in a file of columns."""

    def __init__(self, form: Form, names: Sequence[str], write: Callable[[str], None]) -> None:
        self._form, self._names, self._write_line = form, names, write
        self._gathered: list[Row] = []
        self._facts: list[Row] = []  # that stand apart for people, who see them before the others
        self._begun = False
        self.table: TableWriter | None = None  # that writes blocks

    def write(
        self,
        row: Row,
        record: Mapping[str, Any] | None = None,
        plain: Sequence[str] | None = None,
        *,
        is_fact: bool = False,
    ) -> None:
        """Write a row. record: what JSON has in its place; plain: what pipes have; is_fact: it has texts where others have numbers, and is no data."""
        if self._form == "json":
            from lmkit.scoring.result import finite_or_none

            found = dict(zip(self._names, row, strict=True)) if record is None else dict(record)
            rendering.write_json(finite_or_none(found))
        elif self._form == "plain":
            self.begin()
            self._write_line("\t".join(map(visible, map(cell_of, row) if plain is None else plain)))
        elif not (is_fact and self._form in DATA):
            (self._facts if is_fact and self._form == "table" else self._gathered).append(row)
            if self._form in AT_ONCE:
                self.release()

    def begin(self) -> None:
        """Write the header now, if it is not there, and not with the first row."""
        if not self._begun and self._form == "plain":
            self._write_line("\t".join(map(visible, self._names)))
        if not self._begun and self.table is not None:
            self.table.begin(self._names)
        self._begun = True

    def release(self) -> None:
        """Write the rows that were gathered."""
        if self._facts:
            rendering.write_lines([*aligned(told_apart(self._names, self._facts)), ""])
            self._facts.clear()
        if self._gathered:
            from lmkit.cli.output.forms.rounding import shown

            texts = shown if self._form in DOCUMENTS else cell_of
            columns = [cells_of([row[place] for row in self._gathered], texts) for place in range(len(self._names))]
            self._show(columns)
            self._gathered.clear()

    def _show(self, columns: "list[Cells]") -> None:
        if self._form == "table":
            columns = self._without_common(columns)
            if lines := beside(shown_texts(self._names, columns)):
                rendering.write_lines(lines)
                self.table, self._begun = None, True
                return
        self.begin()
        if self.table is not None:
            self.table.write(columns)

    def _without_common(self, columns: "list[Cells]") -> "list[Cells]":
        """Tell once what all rows have in common, of few rows only long texts, where they are too wide; all else is left."""
        texts = shown_texts(self._names, columns)
        are_many = len(self._gathered) > MOST_BESIDE
        places = [
            place
            for place in in_common(texts)
            if are_many or (place and display_width(texts[place][1]) > NARROWEST)  # the first one names the rows
        ]
        if not places or len(places) == len(columns):  # rows that are all the same are a table, too
            return columns
        rendering.write_lines([*aligned([texts[place][:2] for place in places]), ""])
        left = [place for place in range(len(columns)) if place not in places]
        self._names = [self._names[place] for place in left]
        return [columns[place] for place in left]


def shown_texts(names: Sequence[str], columns: "Sequence[Cells]") -> list[list[str]]:
    """The columns as a terminal has them, below their names."""
    from lmkit.cli.output.forms.rounding import texts_of

    return [[*map(visible, (name, *texts_of(column)[0]))] for name, column in zip(names, columns, strict=True)]


@contextmanager
def row_writer(
    form: Form, names: Sequence[str], write: Callable[[str], None] = rendering.write_line
) -> Iterator[RowWriter]:
    """What writes the rows of a table. write: where lines go for pipes.

    What a terminal shows of a table whose making fails are the rows that there are.
    """
    rows = RowWriter(form, names, write)
    if form in ("json", "plain"):
        yield rows
        rows.begin()
        return
    with table_writer(form, lambda: rows.table is not None) as rows.table:
        try:
            yield rows
        except BaseException:
            if form == "table":
                rows.release()
            raise
        rows.release()
        rows.begin()


def write_small_table(
    names: Sequence[str],
    rows: Sequence[Row],
    target: "Output | None" = None,
    *,
    form: Form = "plain",
    facts: Callable[[Row], bool] = lambda _: False,
) -> None:
    """Write a table where it is to go: to a file, or to standard output. facts: which rows are no data (see `RowWriter.write`)."""
    if target is not None:
        from lmkit.engine.files.table_files import Table

        columns = [column_of([row[place] for row in rows]) for place in range(len(names))]
        outputs.write_output(target, Table(names, [columns]))
        return
    with row_writer(form, names) as table:
        for row in rows:
            table.write(row, is_fact=facts(row))


def markdown_table(names: Sequence[str], rows: Sequence[Row]) -> str:
    """A table of Markdown."""
    from lmkit.cli.output.forms.documents import markdown_lines
    from lmkit.cli.output.forms.rounding import shown, texts_of

    columns = [texts_of(cells_of([row[place] for row in rows], shown)) for place in range(len(names))]
    return markdown_lines(names, [(list(map(visible, texts)), is_number) for texts, is_number in columns])


def told_apart(names: Sequence[str], facts: Sequence[Row]) -> list[list[str]]:
    """A line for each fact that rows tell: a name and a value, of a signature what differs from the defaults; for each column, where these differ.

    >>> told_apart(("figure", "a", "b"), [("model", "x", "cutoff:1"), ("signature", None, "order:3|cutoff:1|lmkit:1")])
    [['model.a', 'x'], ['model.b', 'cutoff:1'], ['signature', 'order:3|lmkit:1']]
    """
    told: dict[str, str] = {}
    for row in facts:
        title, *values = ((name, cell_of(value)) for name, value in zip(names, row, strict=True) if value is not None)
        differ = len({value for _, value in values}) > 1
        told |= {f"{title[1]}.{name}" if differ else title[1]: value for name, value in values}
    return [[visible(name), visible(short(value))] for name, value in told.items()]


def cell_of(value: Any) -> str:
    """A value as pipes have it."""
    return "" if value is None else rendering.figure_as_text(value)


def column_of(values: Sequence[Any]) -> "Column":
    """A column of a file: numbers, or texts."""
    import numpy as np

    from lmkit.engine.arrow import texts_to_arrow

    if any(isinstance(value, str) for value in values):
        return texts_to_arrow(["" if value is None else cell_of(value) for value in values])
    return np.array([np.nan if value is None else value for value in values])


def cells_of(values: Sequence[Any], texts: Callable[[Any], str]) -> "Cells":
    """A column of one type, in which None is nothing: truth values, whole numbers, floats, or, where not all are numbers, the texts of all."""
    import numpy as np
    import pyarrow as pa

    from lmkit.cli.output.forms.protocol import Cells
    from lmkit.engine.arrow import texts_to_arrow, to_arrow
    from lmkit.engine.kernels import call_arrow

    kinds = {type(value) for value in values if value is not None}
    missing = np.array([value is None for value in values], bool)
    if kinds and kinds <= {int, float, bool} and (kinds == {bool} or bool not in kinds):
        filled = np.array([0 if value is None else value for value in values], dtype=None if len(kinds) == 1 else float)
        held = to_arrow(filled)
    else:
        held = texts_to_arrow([texts(value) for value in values])
    return Cells(call_arrow("if_else", to_arrow(missing), pa.nulls(len(values), held.type), held))
