"""How functions are shown: which there are, and one as a table, a plot, a picture."""

from typing import TYPE_CHECKING, Any

from lmkit.cli.commands.plot.output import needs_ascii, write_picture, write_text_plot
from lmkit.cli.options.neural.tabulating import Tabulating
from lmkit.cli.output.forms.registry import Form
from lmkit.cli.output.small_tables import write_small_table
from lmkit.locales import said

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.neural.functions.tabulating import Tabulated


def list_functions(target: "Output | None", form: Form) -> None:
    """A row for each function that there is."""
    from lmkit.neural.functions.registry import FUNCTIONS

    spoken = said if form == "table" and target is None else str  # data are the same in all languages
    rows = [
        (each.name, spoken(each.kind), spoken(each.title), spoken(each.formula), each.source)
        for each in FUNCTIONS.values()
    ]
    write_small_table(("function", "takes", "title", "formula", "source"), rows, target, form=form)


def show(found: "Tabulated", options: Tabulating, target: "Output | None") -> None:
    """Write a function wherever it is wanted."""
    if options.draws(target):
        from lmkit.plots.neural.functions import function_plot

        plot = function_plot(found, options.title)
        if (picture := options.picture(target)) is not None:
            write_picture(picture, plot, [plot.title], options.quiet)
        if options.plot:
            write_text_plot(plot, ascii_only=needs_ascii(options.ascii))
    if options.tabulates(target):
        names, rows = table_of(found)
        write_small_table(names, rows, target, form=options.form)


def table_of(found: "Tabulated") -> tuple[list[str], list[list[Any]]]:
    """A row for each number: itself, the value, the derivative, or one by each number of the vector."""
    name, x, values, derivatives = (
        found.function.name,
        found.x.tolist(),
        found.values.tolist(),
        found.derivatives.tolist(),
    )
    if found.function.kind == "number":
        return ["x", name, "derivative"], [list(row) for row in zip(x, values, derivatives, strict=True)]
    names = ["place", "x", name, *(f"by_{place}" for place in range(len(x)))]
    return names, [[place, x[place], values[place], *derivatives[place]] for place in range(len(x))]
