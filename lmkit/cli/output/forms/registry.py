"""Which forms there are, and which of them is wanted: what `--as` names, and what pipes get where nothing is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Literal, cast, get_args

from lmkit.cli.output import standard as standard_output
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lmkit.cli.output.forms.protocol import Cells, TableWriter

Named = Literal["table", "tsv", "csv", "json", "markdown", "latex", "parquet"]  # what --as names
Form = Literal[Named, "plain"]  # plain: what pipes get, and always got

WRITERS: dict[Form, str] = {  # module:class, which is imported when it is needed
    "plain": "lines:Plain",
    "table": "documents:Aligned",
    "tsv": "lines:Tsv",
    "csv": "files:Csv",
    "json": "lines:JsonLines",
    "markdown": "documents:Markdown",
    "latex": "documents:Latex",
    "parquet": "files:Parquet",
}
DOCUMENTS: tuple[Form, ...] = ("table", "markdown", "latex")  # which people read; numbers are rounded
DATA: tuple[Form, ...] = ("tsv", "csv", "parquet")  # which programs read: one type a column, all digits


def form_of(asked: Named | None, *, json: bool = False) -> Form:
    """The form that is wanted: --json is short for --as json; people get a table, and pipes what they always got.

    UsageError for two forms, and for bytes on a terminal: found now, and not after the work.
    """
    if json and asked not in (None, "json"):
        raise UsageError(f"--json and --as {asked} both say what is printed.", "Leave one of them out.")
    if asked == "parquet" and standard_output.is_terminal():
        raise UsageError(
            "--as parquet is binary and standard output is a terminal.", "Send it to a file: … --as parquet > FILE."
        )
    if json or asked is not None:
        return "json" if json else cast("Named", asked)
    return "table" if standard_output.is_terminal() else "plain"


@contextmanager
def table_writer(form: Form, is_used: Callable[[], bool] = lambda: True) -> Iterator["TableWriter"]:
    """What writes a table in a form; it is ended behind the block, unless that fails, or it was of no use."""
    module, _, name = WRITERS[form].partition(":")
    writer: TableWriter = getattr(import_module(f"lmkit.cli.output.forms.{module}"), name)()
    yield writer
    if is_used():
        writer.end()


def forms() -> tuple[str, ...]:
    """The names of all forms that can be asked for."""
    return get_args(Named)


def write_block(names: "Sequence[str]", columns: "Sequence[Cells]", form: Form, *, header: bool = False) -> None:
    """Write a table of one block. header: whether pipes get one, too."""
    with table_writer(form) as table:
        if header or form != "plain":
            table.begin(names)
        table.write(columns)
