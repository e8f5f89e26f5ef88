"""Options of matching one text with another."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.errors import UsageError
from lmkit.text.sources.names import Format

if TYPE_CHECKING:
    from lmkit.text.sources.names import TextFile


@dataclass(repr=False, eq=False)
class Matching(shared.TextReading):
    """How two texts are read, and the work that may be done."""

    train_format: Annotated[
        Format | None, Option(help="The format of TRAIN, if it is not that of TEST [default: --format].")
    ] = None
    train_field: Annotated[
        str | None,
        Option(metavar="FIELD", help="The field that holds the text of TRAIN [default: --field, but of plain text]."),
    ] = None
    workers: shared.Workers = None
    memory: shared.Memory = None
    tmp: shared.Tmp = None

    def both_texts(self, named: list[str]) -> "tuple[list[TextFile], list[TextFile]]":
        """The training texts, and those of the last name, to be looked at. UsageError where one is missing, or two are piped."""
        from lmkit.text.sources.names import format_by_name, sources

        if len(named) < 2:
            raise UsageError(
                f"there is only one text, {named[0]}: TEST is the last name, and TRAIN those before it.",
                "Name both: lmkit matches TRAIN TEST; - is standard input.",
            )
        if named.count("-") > 1:
            raise UsageError("two of the texts would be read from standard input.", "Name a file for one of them.")
        *before, last = named
        train = sources([self.text(name) for name in before])
        if self.train_format is not None:
            train = [replace(text, format=self.train_format) for text in train]
        if self.train_field is not None:
            train = [replace(text, field=self.train_field) for text in train]
        else:  # --field may be that of TEST alone
            train = [replace(text, field=None) if format_by_name(text) == "text" else text for text in train]
        return train, self.texts([last])

    def for_matching(self) -> dict[str, Any]:
        """Keyword arguments for `matches`."""
        return {
            "settings": self.settings(),
            "reading": self.reading(),
            "resources": shared.resources(self.workers, self.memory, self.tmp),
        }
