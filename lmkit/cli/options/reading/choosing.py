"""Options that choose among the files of a folder, and what is said of what they leave."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import READING, Option
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.text.sources.names import TextFile


@dataclass(repr=False, eq=False)
class Choosing:
    """Which files of a folder, or of what a pattern matches, are texts."""

    include: Annotated[
        list[str] | None,
        Option(
            "--include",
            metavar="GLOB",
            help="Of folders and patterns, only files whose name, or path from there on, is so, as '*.txt' or 'news/**'; repeatable.",
            panel=READING,
        ),
    ] = None
    exclude: Annotated[
        list[str] | None,
        Option(
            "--exclude",
            metavar="GLOB",
            help="Of folders and patterns, no files whose name or path is so; repeatable.",
            panel=READING,
        ),
    ] = None

    def choosing(self, text: "TextFile") -> "TextFile":
        """The text, with this choice among its files."""
        return replace(text, include=tuple(self.include or ()), exclude=tuple(self.exclude or ()))

    def files_of(self, texts: "Sequence[TextFile]") -> "list[TextFile]":
        """The texts, with the files in place of folders and patterns, of which it is said on stderr how many there are. UsageError for a choice among none."""
        from lmkit.cli.output.rendering import narrate
        from lmkit.text.bundled import is_bundled
        from lmkit.text.sources.names import source_name, sources

        found = [sources([text]) for text in texts]
        several = [
            (text, files)
            for text, files in zip(texts, found, strict=True)
            if files != [text] and not is_bundled(text.source)
        ]
        if not several and (self.include or self.exclude):
            raise UsageError(
                "--include and --exclude choose among the files of folders and patterns, and none is named.",
                "Name a folder, or leave them out.",
            )
        for text, files in several:
            narrate(getattr(self, "quiet", False), f"{source_name(text)}: {in_words(list(map(source_name, files)))}")
        return [file for files in found for file in files]


def in_words(names: Sequence[str]) -> str:
    """How many files there are of each kind, the most first."""
    kinds = Counter(map(kind_of_name, names)).most_common()
    files = "1 file" if len(names) == 1 else f"{len(names):,} files"
    return f"{files} ({', '.join(f'{number:,} {kind}' for kind, number in kinds)})"


def kind_of_name(name: str) -> str:
    """The suffix of a file, with that of what is below its compression."""
    from lmkit.text.sources.names import COMPRESSED

    last = name.replace("\\", "/").rpartition("/")[2]
    packed = next((end for end in COMPRESSED if last.lower().endswith(end)), "")
    stem, dot, kind = last[: len(last) - len(packed)].rpartition(".")
    return (dot + kind if stem else "") + packed or "without a suffix"
