"""Options of commands that show formulas at work: as a table, as a plot in the terminal, as a file of either."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, Form, form_of, option_given
from lmkit.cli.output import files as outputs
from lmkit.errors import UsageError
from lmkit.locales import AsGiven

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Kind, Output


@dataclass(repr=False, eq=False)
class Tabulating:
    """Where a table goes, and its picture."""

    plot: Annotated[bool, Option("--plot", help="Draw it in the terminal, in place of the table.")] = False
    output: Annotated[
        str | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A file, whose ending says what it becomes: the table (.tsv .csv .parquet), or a picture (.svg .png .pdf).",
        ),
    ] = None
    json: Annotated[bool, Option("--json", help="Print JSON: a line for each row.")] = False
    as_: As = None
    title: Annotated[str | None, Option(metavar="TITLE", help="Another title of the plot.")] = None
    ascii: Annotated[bool, Option("--ascii", help="Text plots in ASCII.")] = False
    quiet: shared.Quiet = False

    def __post_init__(self) -> None:
        self.title = self.title and AsGiven(self.title)

    def target(self, *pictures: "Kind") -> "Output | None":
        """The file, found now, and not after the work: a table, or a picture of these kinds. None: standard output gets the table."""
        if self.plot and (printed := option_given(self.as_, json=self.json)):
            raise UsageError(f"--plot and {printed} both are for standard output.", "Leave one of them out.")
        form_of(self.as_, json=self.json)  # which refuses what cannot be, before the work
        target = None if self.output in (None, "-") else outputs.check_output(self.output, "table", *pictures)
        outputs.refuse_with_output(target, {}, json=self.json, asked=self.as_)
        return target

    @property
    def form(self) -> Form:
        """The form of the table on standard output."""
        return form_of(self.as_, json=self.json)

    def draws(self, target: "Output | None") -> bool:
        """Whether there is anything to draw."""
        return self.plot or not self.tabulates(target)

    def tabulates(self, target: "Output | None") -> bool:
        """Whether the table is wanted."""
        return not self.plot if target is None else target.kind == "table"

    def picture(self, target: "Output | None") -> "Output | None":
        """The file of the picture, if there is one."""
        return None if target is None or target.kind == "table" else target
