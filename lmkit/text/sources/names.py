"""What may be named as a text: files, folders, patterns, corpora of NLTK, open streams; each in one of several formats."""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal, TextIO, cast, get_args

from lmkit.engine.remote.names import is_remote, shown
from lmkit.engine.system.errors import remedy_for
from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line
from lmkit.text.bundled import bundled_file, is_bundled
from lmkit.text.in_memory import Lines
from lmkit.text.sources.patterns import (
    ANY_DEPTH,
    is_chosen,
    is_pattern,
    names_below,
    parts_of_pattern,
    path_parts,
    reached,
    step,
)

Format = Literal["auto", "text", "jsonl", "csv", "tsv", "parquet"]
Place = str | os.PathLike[str] | BinaryIO | TextIO | Lines

NLTK = "nltk:"
SURROGATES = re.compile("[\ud800-\udfff]")  # what stands for bytes that are no UTF-8, in names of files, among them
COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
FORMATS: dict[str, Format] = {  # by the end of the name
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
NAMED_AT_MOST = 3  # files in a message about many


@dataclass(frozen=True)
class Part:
    """A range of the bytes of a file that is not compressed: whole lines."""

    start: int
    stop: int
    first_line: int | None = None  # number of its first line, from 1; None: nobody has counted them
    size: int | None = (
        None  # of the whole file, when it was cut; other machines may have copies that are older or newer
    )


@one_line
@dataclass(frozen=True)
class TextFile:
    """A text and how it is read; it may stand wherever a path to a text may, which is read with these defaults."""

    source: Place  # file, folder, pattern such as data/**/*.txt.gz, s3://, https:// and the like, nltk:NAME, lmkit:NAME, "-" for standard input, open file, lines in memory
    format: Format = "auto"  # auto: by name and content; standard input and other streams are text
    field: str | None = None  # field or column that holds the text, nested as a.b; None: "text"
    skip_bad_lines: bool = False  # lines that break the format, or hold no text, are counted and skipped
    header: bool = True  # whether CSV and TSV begin with names of columns; else columns are numbered from 1
    part: Part | None = None  # of a file of plain text, the only lines that are read
    called: str | None = None  # its name in messages (default: that of the source)
    include: tuple[
        str, ...
    ] = ()  # of a folder or pattern, only files that one of these matches (see `patterns.is_chosen`); none: all
    exclude: tuple[str, ...] = ()  # and none that one of these matches

    def __post_init__(self) -> None:
        if self.format not in get_args(Format):
            raise UsageError(f"format is {self.format!r}; it must be one of: {', '.join(get_args(Format))}.")
        if self.field == "":
            raise UsageError("the field has no name.", "Name the field or column that holds the text.")
        if not self.header and self.field is not None and not is_column_number(self.field):
            raise UsageError(
                f"the field is {self.field!r}, and columns without a header have numbers, not names.",
                "Give the number of the column, the first of which is 1, as --field 2.",
            )

    @property
    def field_name(self) -> str:
        """The field that holds the text."""
        return "text" if self.field is None else self.field


def is_column_number(field: str) -> bool:
    """Whether this is a number from 1 on."""
    return field.isascii() and field.isdigit() and int(field) > 0


Source = Place | TextFile
Words = list[str] | tuple[str, ...]  # of a sentence
Texts = Source | Sequence[Source | Words]  # names, or sentences


def listed(texts: Texts) -> list[TextFile]:
    """The texts as they were named. Lists of words are sentences of one text. UsageError when there are none."""
    if isinstance(texts, str | os.PathLike | TextFile | Lines) or hasattr(texts, "read"):
        named = [cast("Source", texts)]
    elif any(isinstance(text, list | tuple) for text in texts):
        named = [Lines(cast("Sequence[Words]", texts))]
    else:
        named = list(cast("Sequence[Source]", texts))
    if not named:
        raise UsageError(
            "no text was named: the list is empty.",
            'Name a file, or several; sentences are lmkit.Lines, and "-" is standard input.',
        )
    return [text if isinstance(text, TextFile) else TextFile(text) for text in named]


def sources(texts: Texts) -> list[TextFile]:
    """The texts, folders and patterns replaced by the files in them, sorted by path; here, in stores and on the Hub.

    Of folders, all files at any depth that the text includes and does not exclude; files and folders whose names begin with a dot are left out. A pattern stands for files,
    not for folders; ** for folders at any depth. Links to folders in a folder or a pattern are not followed. DataError where
    there is no file, and for a folder that cannot be read.
    """
    return [found for text in listed(texts) for found in files_of(text)]


def files_of(text: TextFile) -> list[TextFile]:
    """The file itself; the files of a folder or a pattern. One that comes with lmkit keeps its name."""
    if is_bundled(text.source):
        name = str(text.source)
        return [replace(text, source=bundled_file(name), called=text.called or name)]
    return [replace(text, source=place) for place in chosen_of(text)]


def chosen_of(text: TextFile) -> Sequence[Place]:
    """The file itself; the files of a folder or a pattern that the text includes and does not exclude. DataError where none is left."""
    named, found = text.source, places_of(text.source)
    if found == [named] or not (text.include or text.exclude) or not isinstance(named, str | os.PathLike):
        return found
    chosen = [
        place for place in found if is_chosen(names_below(os.fspath(named), str(place)), text.include, text.exclude)
    ]
    if not chosen:
        said = [
            f"{name} {' '.join(each)}" for name, each in (("include", text.include), ("exclude", text.exclude)) if each
        ]
        raise DataError(
            f"{source_name(text)}: of {len(found):,} {'file' if len(found) == 1 else 'files'}, the choice leaves none ({'; '.join(said)}).",
            f"The first is {source_name(cast('Source', found[0]))}; patterns are of names, or of paths from the folder on.",
        )
    return chosen


def places_of(place: Place) -> Sequence[Place]:
    """The file itself; the files of a folder or a pattern."""
    if not isinstance(place, str | os.PathLike) or place == "-" or is_corpus(place):
        return [place]
    path = os.fspath(place)
    if is_remote(place):
        from lmkit.text.sources.elsewhere import remote_places

        return remote_places(path)
    if is_folder(path):
        found = files_matching(path, [ANY_DEPTH])
        if not found:
            raise DataError(
                f"there is no file in the folder {source_name(path)}.", "Names that begin with a dot are left out."
            )
        return found
    if is_pattern(path) and not os.path.lexists(path):
        found = files_matching(*parts_of_pattern(path))
        if not found:
            raise DataError(
                f"no file matches {source_name(path)}.",
                "** stands for folders at any depth; names that begin with a dot are left out, and a folder is named without a pattern.",
            )
        return found
    return [place]


def files_matching(folder: str, pattern: Sequence[str]) -> list[str]:
    """The files below a folder whose names, from there on, match those of a pattern, sorted by path; without pipes and devices.

    Each folder is looked at once, however often the pattern has **; those that cannot match are not read. Links to folders are not followed.
    DataError for a folder that cannot be read.
    """
    found: list[str] = []
    top = folder or os.curdir
    ways = {top: reached(pattern, {0})}  # by folder: how many names of the pattern are matched on the way there
    for parent, folders, names in os.walk(top, onerror=cannot_list):
        here = ways.pop(parent)
        steps = {name: step(pattern, here, name) for name in (*folders, *names)}
        folders[:] = [name for name in folders if steps[name] - {len(pattern)}]
        ways |= {os.path.join(parent, name): steps[name] for name in folders}  # noqa: PTH118 (Path drops a leading ./)
        found += [os.path.join(parent, name) for name in names if len(pattern) in steps[name]]  # noqa: PTH118 (as above)
    if not folder:
        found = [path.removeprefix(os.path.join(os.curdir, "")) for path in found]  # noqa: PTH118 (as above)
    return sorted((path for path in found if not is_special(path)), key=path_parts)


def status_of(path: str | os.PathLike[str]) -> os.stat_result | None:
    """What `os.stat` tells of a file, links followed; None where it cannot be seen: reading it says why."""
    try:
        return os.stat(path)  # noqa: PTH116 (Path takes an empty name for this folder)
    except (OSError, ValueError):  # no permission, no such name; a NUL in the name
        return None


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether this is a folder, as far as can be seen."""
    found = status_of(path)
    return found is not None and stat.S_ISDIR(found.st_mode)


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether this is a regular file, as far as can be seen."""
    found = status_of(path)
    return found is not None and stat.S_ISREG(found.st_mode)


def is_one_file(path: str | os.PathLike[str]) -> bool:
    """Whether this is one file that can be looked into and read again: a regular one, or one elsewhere, be it there or not."""
    return places_of(path) == [path] if is_remote(path) else is_file(path)


def is_special(path: str | os.PathLike[str]) -> bool:
    """Whether this is a pipe or a device. A link to nothing is not: reading it is an error that names it."""
    found = status_of(path)
    return found is not None and not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode)


def cannot_list(error: OSError) -> None:
    """DataError for a folder that cannot be read; of one that is not there, there are no files."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return
    raise DataError(
        f"cannot read the folder {source_name(error.filename)}: {error.strerror}.",
        remedy_for(error, "Check its permissions."),
    ) from None


def is_corpus(place: Place) -> bool:
    """Whether this names a corpus of NLTK, such as nltk:brown."""
    return isinstance(place, str) and place.startswith(NLTK) and not os.path.lexists(place)


def source_name(text: Source) -> str:
    """The name of a source in messages and results."""
    if isinstance(text, TextFile):
        if text.called is not None:
            return text.called
        text = text.source
    if isinstance(text, str) and is_remote(text):
        return shown(text)
    if isinstance(text, str | os.PathLike):
        name = SURROGATES.sub("\N{REPLACEMENT CHARACTER}", os.fsdecode(text))  # names of files need not be UTF-8
        return "<stdin>" if name == "-" else name or "''"
    given: object = getattr(text, "name", None)
    return "<stdin>" if given == 0 else given if isinstance(given, str) and given else "<stream>"


def names_of(texts: Texts) -> str:
    """The names of the texts in a message; of many, the first ones."""
    names = list(map(source_name, listed(texts)))
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def format_by_name(text: TextFile) -> Format:
    """The format that was asked for, or that the name of the file says; else text."""
    if text.format != "auto":
        return text.format
    name = source_name(text).lower()
    while name.endswith(COMPRESSED):
        name = name.rpartition(".")[0]
    return next((found for end, found in FORMATS.items() if name.endswith(end)), "text")


def file_bytes(text: TextFile) -> int | None:
    """The size of a file; None of what is none."""
    if not isinstance(text.source, str | os.PathLike):
        return None
    found = status_of(text.source)
    return found.st_size if found is not None and stat.S_ISREG(found.st_mode) else None


def bytes_to_read(texts: Texts) -> int | None:
    """The bytes that reading the texts will give; None where that is not known: pipes, compressed files, Parquet."""
    total = 0
    for text in listed(texts):
        size = file_bytes(text)
        if size is None or source_name(text).lower().endswith(COMPRESSED) or format_by_name(text) == "parquet":
            return None
        total += size
    return total


def bytes_of_plain_text(texts: Texts) -> int:
    """The size of the files that hold nothing but text."""
    return sum(file_bytes(text) or 0 for text in sources(texts) if format_by_name(text) == "text")
