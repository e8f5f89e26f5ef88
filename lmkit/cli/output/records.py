"""Records of figures, one for each thing that is measured: printed in any form."""

from typing import Any

from lmkit.cli.output import rendering
from lmkit.cli.output.forms.registry import DATA, Form
from lmkit.cli.output.signatures import with_short_signatures
from lmkit.cli.output.small_tables import row_writer
from lmkit.cli.output.terminal.tables import aligned
from lmkit.escaping import visible

NAMES = ("figure", "value")


def write_record(
    form: Form, record: dict[str, Any], figures: dict[str, Any] | None = None, *, on_stdout: bool = True
) -> None:
    """Write a record: as JSON, as one row of data, or as a line a figure (others than its own: infinite ones, which JSON has not).

    On a terminal numbers are rounded, and signatures say what differs from the defaults; JSON has all of it.
    """
    if form == "json":
        rendering.write_json(record, on_stdout=on_stdout)
        return
    flat = rendering.flattened(record if figures is None else figures)
    if form == "plain":
        rendering.write_figures(flat)
    elif form == "table":
        from lmkit.cli.output.forms.rounding import shown

        write_lines({name: shown(value) for name, value in with_short_signatures(flat).items()})
    elif form in DATA:
        with row_writer(form, list(flat)) as table:
            table.write(list(flat.values()))
    else:
        from lmkit.cli.output.forms.rounding import shown

        with row_writer(form, NAMES) as table:
            for name, value in flat.items():
                table.write((name, shown(value)))


def write_lines(figures: dict[str, str]) -> None:
    """A line for each figure, for people."""
    rendering.write_lines(aligned([[visible(name), visible(value)] for name, value in figures.items()]))
