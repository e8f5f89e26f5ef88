"""How optimizers are shown: which there are, and their paths as a table, a plot, a picture."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lmkit.cli.commands.plot.output import needs_ascii, write_picture, write_text_plot
from lmkit.cli.options.neural.tabulating import Tabulating
from lmkit.cli.options.numbers import parse_finite
from lmkit.cli.output import rendering
from lmkit.cli.output.forms.registry import Form
from lmkit.cli.output.small_tables import write_small_table
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.neural.optimizers.paths import OptimizerPath
    from lmkit.neural.optimizers.surfaces import Surface

COLUMNS = ("optimizer", "rate", "step", "x", "y", "value")


def list_optimizers(target: "Output | None", form: Form) -> None:
    """A row for each optimizer that there is."""
    from lmkit.neural.optimizers.registry import OPTIMIZERS

    rows = [(name, each.title, each.formula, each.source) for name, each in OPTIMIZERS.items()]
    write_small_table(("optimizer", "title", "formula", "source"), rows, target, form=form)


def start_of(text: str | None) -> tuple[float, float] | None:
    """The two numbers of --start-at. UsageError for anything else."""
    if text is None:
        return None
    numbers = parse_finite([text])
    if len(numbers) != 2:
        raise UsageError(f"--start-at {text!r} is not two numbers.", "Write it as -1.2,1.")
    return numbers[0], numbers[1]


def show(
    surface: "Surface", found: "list[OptimizerPath]", options: Tabulating, target: "Output | None", first: int
) -> None:
    """Write paths wherever they are wanted."""
    signatures = tuple(path.signature(surface.name) for path in found)
    if options.draws(target):
        from lmkit.plots.neural.paths import Paths
        from lmkit.plots.plot import common_signature

        paths = Paths(options.title or surface.title.format(formula=surface.formula), surface, tuple(found), signatures)
        if (picture := options.picture(target)) is not None:
            write_picture(picture, paths, [paths.title], options.quiet)
        if options.plot:
            write_text_plot(paths.visible(), ascii_only=needs_ascii(options.ascii))
            rendering.write_line(f"signature {common_signature(signatures)}")
    if options.tabulates(target):
        rows = [row for path in found for row in rows_of(path, None if target else first)]
        write_small_table(COLUMNS, rows, target, form=options.form)
    for path in found:
        if path.diverged:
            rendering.narrate(
                options.quiet,
                f"{path.optimizer} leaves for infinity after {path.steps:,} steps: a rate of {path.rate:g} is too high for it here",
            )


def rows_of(path: "OptimizerPath", first: int | None) -> Iterable[list[Any]]:
    """A row for the start, each of the first steps and the last; None: for every step."""
    shown = range(path.steps + 1) if first is None else sorted({*range(min(first, path.steps) + 1), path.steps})
    for step in shown:
        yield [path.optimizer, path.rate, step, *path.points[step].tolist(), float(path.values[step])]
