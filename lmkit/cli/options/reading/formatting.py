"""What files hold text, and where in them."""

import sys
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import READING, Option
from lmkit.cli.options.reading.choosing import Choosing
from lmkit.errors import UsageError
from lmkit.text.sources.names import Format

if TYPE_CHECKING:
    from lmkit.text.sources.names import Place, TextFile


@dataclass(repr=False, eq=False)
class Formatting(Choosing):
    """What files hold text, and where in them."""

    format: Annotated[
        Format, Option(help="The format of the text; auto: by name and content, standard input is text.", panel=READING)
    ] = "auto"
    field: Annotated[
        str | None,
        Option(
            metavar="FIELD",
            help="The field or column that holds the text, nested as a.b [default: text]; with --no-header, its number.",
            panel=READING,
        ),
    ] = None
    no_header: Annotated[
        bool,
        Option(
            "--no-header",
            help="CSV and TSV begin with a record, and columns have numbers, as --field 2.",
            panel=READING,
        ),
    ] = False
    skip_bad_lines: Annotated[
        bool,
        Option(
            "--skip-bad-lines", help="Skip lines that break the format or have no text, and count them.", panel=READING
        ),
    ] = False

    def text(self, source: "Place") -> "TextFile":
        """A text that is named so."""
        from lmkit.text.sources.names import TextFile

        return self.choosing(TextFile(source, self.format, self.field, self.skip_bad_lines, header=not self.no_header))

    def texts(self, files: list[str] | None) -> "list[TextFile]":
        """The texts to read, standard input if there are none; UsageError when that is a terminal nobody pipes into."""
        if not files and (sys.stdin is None or sys.stdin.isatty()):
            raise UsageError(
                "no FILE was given, and standard input is a terminal or closed.",
                "Name a file, or pipe text in; a single - reads the keyboard.",
            )
        return self.files_of([self.text(file) for file in files or ["-"]])

    def told(self) -> list[str]:
        """Those of these options that were given."""
        usual = Formatting()
        names = (each.name for each in fields(Formatting))
        return [
            f"--{name.replace('_', '-')}" for name in names if getattr(self, name) not in ([], getattr(usual, name))
        ]

    def text_of(self, option: str, source: str | None) -> "TextFile | None":
        """The text of an option, if it was given; UsageError if it was not, and these options were."""
        if source is None:
            for given in self.told():
                raise UsageError(f"{given} is for the text of {option}, and there is none.", "Leave it out.")
            return None
        return self.text(source)

    def text_read_twice(self, option: str, source: str | None) -> "TextFile | None":
        """The same, of a text that is read several times; UsageError for what can be read only once."""
        from lmkit.text.sources.names import is_special

        if source is not None and (source == "-" or is_special(source)):
            raise UsageError(f"{option} {source} is read several times, and a pipe only once.", "Give a file.")
        return self.text_of(option, source)
