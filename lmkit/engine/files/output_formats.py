"""What lmkit writes: for each suffix of a file, the kinds of content that it can hold, and what writes them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Literal

from lmkit.engine.files.outputs import whole_file
from lmkit.engine.remote.names import is_remote, shown
from lmkit.engine.shards.places import SUFFIX as SHARDS
from lmkit.errors import DataError, UsageError

FilePath = str | os.PathLike[str]
Kind = Literal[
    "model", "neural model", "recipe", "vectors", "matrix", "table", "words", "tokenizer", "report", "thresholds",
    "plot picture", "plot data", "surprisal page", "surprisal picture", "surprisal data", "word classes", "paths of classes",
    "word map page", "word map picture", "heat map picture", "paths picture", "attention page", "attention picture",
]  # fmt: skip
Writer = Callable[..., None]  # of a content, to a stream, as the suffix has it; by keywords, how

IN_WORDS: dict[Kind, str] = {
    "model": "a model or counts",
    "neural model": "a neural model",
    "recipe": "a recipe",
    "vectors": "word vectors",
    "matrix": "a matrix",
    "table": "a table",
    "words": "a list of words",
    "tokenizer": "a tokenizer",
    "report": "a report",
    "thresholds": "thresholds",
    "plot picture": "a picture",
    "plot data": "the figures of a plot",
    "surprisal page": "a page",
    "surprisal picture": "a picture",
    "surprisal data": "the figures of a plot",
    "word map page": "a page",
    "word map picture": "a picture",
    "heat map picture": "a picture",
    "attention page": "a page",
    "attention picture": "a picture",
    "paths picture": "a picture",
    "word classes": "word classes",
    "paths of classes": "word classes",
}


@dataclass(frozen=True)
class OutputFormat:
    """What a suffix stands for."""

    suffix: str
    writers: dict[Kind, str]  # module:function, which is imported when it is needed
    needs: str = ""  # likewise, what raises DataError where the format cannot be written on this machine
    text: bool = False  # whether a terminal shows it
    called: str = ""  # in place of the suffix
    folder: bool = False  # whether it is one, which its writer writes, and not a file; its writer takes a path

    @property
    def name(self) -> str:
        """What it is called where a file has another name, or none."""
        return self.called or self.suffix.removeprefix(".")

    def is_end_of(self, name: str) -> bool:
        """Whether this is how the name of a file ends; that of a folder may have a slash behind it."""
        return (name.rstrip("/" + os.sep) if self.folder else name).lower().endswith(self.suffix)


MODELS: dict[Kind, str] = {"model": "lmkit.saving:write_model"}
PICTURES: dict[Kind, str] = {
    "plot picture": "lmkit.plots.files:write_plot",
    "surprisal picture": "lmkit.plots.files:write_surprisal",
    "word map picture": "lmkit.plots.files:write_word_map",
    "heat map picture": "lmkit.plots.files:write_heat_map",
    "attention picture": "lmkit.plots.files:write_attention",
    "paths picture": "lmkit.plots.files:write_paths",
}
DATA: dict[Kind, str] = {
    "plot data": "lmkit.plots.files:write_plot",
    "surprisal data": "lmkit.plots.files:write_surprisal",
}
VECTORS_TEXT = "lmkit.vectors.files.text_writing:write_text_vectors"
BYTES = "lmkit.engine.files.output_formats:write_bytes"
MATPLOTLIB = "lmkit.plots.curves.picture:import_matplotlib"

FORMATS = (  # of the suffixes for one kind, the first is what is written where a name has none
    OutputFormat(
        ".safetensors", MODELS | {"neural model": "lmkit.saving:write_model", "vectors": "lmkit.saving:write_model"}
    ),
    OutputFormat(".arpa", MODELS, text=True),
    OutputFormat(".arpa.gz", MODELS),
    OutputFormat(".binary", MODELS),
    OutputFormat(".bin", MODELS | {"vectors": "lmkit.vectors.files.binary:write_binary_vectors"}),
    OutputFormat(".mmap", MODELS),
    OutputFormat(".klm", MODELS),
    OutputFormat(SHARDS, {"model": "lmkit.saving:write_sharded"}, folder=True),
    OutputFormat(".recipe.json", {"recipe": "lmkit.recipes.files:write_recipe"}, text=True, called="recipe"),
    OutputFormat(".npz", {"matrix": "lmkit.vectors.files.matrices:write_matrix"}),
    OutputFormat(".txt", {"words": "lmkit.engine.files.table_files:write_lines", "vectors": VECTORS_TEXT}, text=True),
    OutputFormat(".txt.gz", {"vectors": VECTORS_TEXT}),
    OutputFormat(".vec", {"vectors": VECTORS_TEXT}, text=True),
    OutputFormat(".vec.gz", {"vectors": VECTORS_TEXT}),
    OutputFormat(".glove.txt", {"vectors": VECTORS_TEXT}, text=True, called="glove"),
    OutputFormat(".glove.txt.gz", {"vectors": VECTORS_TEXT}, called="glove.gz"),
    OutputFormat(
        ".tsv",
        DATA
        | {
            "table": "lmkit.engine.files.table_files:write_tsv",
            "words": "lmkit.engine.files.table_files:write_lines",
            "word classes": "lmkit.classes.files.writing:write_classes",
        },
        text=True,
    ),
    OutputFormat(".paths", {"paths of classes": "lmkit.classes.files.writing:write_paths"}, text=True),
    OutputFormat(
        ".csv",
        {"table": "lmkit.engine.files.table_files:write_csv", "words": "lmkit.engine.files.table_files:write_csv"},
        text=True,
    ),
    OutputFormat(
        ".parquet",
        {
            "table": "lmkit.engine.files.table_files:write_parquet",
            "words": "lmkit.engine.files.table_files:write_parquet",
        },
    ),
    OutputFormat(".json", DATA | dict.fromkeys(("tokenizer", "thresholds"), BYTES), text=True),
    OutputFormat(".xml", {"report": BYTES}, text=True),
    OutputFormat(
        ".html",
        {
            "surprisal page": "lmkit.plots.files:write_surprisal",
            "word map page": "lmkit.plots.files:write_word_map",
            "attention page": "lmkit.plots.files:write_attention",
        },
        text=True,
    ),
    OutputFormat(".svg", PICTURES, MATPLOTLIB, text=True),
    OutputFormat(".png", PICTURES, MATPLOTLIB),
    OutputFormat(".pdf", PICTURES, MATPLOTLIB),
)
WITHOUT_DEFAULT: tuple[Kind, ...] = (  # the name has to say
    "plot picture", "surprisal page", "surprisal picture", "word map page", "word map picture", "heat map picture",
    "paths picture", "attention page", "attention picture",
)  # fmt: skip


@dataclass(frozen=True)
class Output:
    """A file, or standard output (-), and what is to be written there."""

    path: FilePath
    kind: Kind
    suffix: str

    @property
    def format(self) -> OutputFormat:
        """What its suffix stands for."""
        return formats_by_suffix(self.kind)[self.suffix]

    @property
    def writer(self) -> Writer:
        """What writes it."""
        writer: Writer = named(self.format.writers[self.kind])
        return writer

    def write(self, content: Any, **how: Any) -> None:
        """Write the file, whole or not at all. how: what the writer of such files takes.

        DataError where that fails, and if a file was changed that the content follows from.
        """
        if self.format.folder:
            self.writer(content, self.path, self.suffix, **how)
            return
        with whole_file(self.path) as stream:
            self.writer(content, stream, self.suffix, **how)


def checked_output(path: FilePath, *kinds: Kind, option: str = "", to: str | None = None) -> Output:
    """What a file of this name is to hold, of one of these kinds: found before any work is done.

    A name without a suffix, a device, a pipe, and - for standard output, get the default of the first kind that has one.
    to: the name of a format (see `format_names`), if it is said apart from the name of the file.
    option: that names the file, for messages. UsageError for a suffix that none of these kinds has, or that contradicts `to`;
    DataError where the folder is missing, or what writes such files.
    """
    if not os.fspath(path):
        raise UsageError(f"the name after {option or 'the option'} is empty.")
    name = shown(os.fspath(path))  # without what follows the suffix of one elsewhere
    special = name == "-" or (Path(name).exists() and not Path(name).is_file() and not Path(name).is_dir())
    found = None if special else found_suffix(name, *kinds)
    if to is not None:
        found = asked_format(to, kinds, "" if special else name, option)
    if found is None:
        kind = next((kind for kind in kinds if kind not in WITHOUT_DEFAULT), None)
        if kind is None or (Path(name).suffix and not special):
            raise unknown_suffix(name, kinds, option)
        found = kind, next(iter(formats_by_suffix(kind)))
    kind, suffix = found
    output = Output(path, kind, suffix)
    if output.format.folder:
        check_folder_place(os.fspath(path), special=special)
    else:
        check_place(os.fspath(path))
    if output.format.needs:
        named(output.format.needs)()
    return output


def found_suffix(name: str, *kinds: Kind) -> tuple[Kind, str] | None:
    """The kind and the suffix that a name asks for: of suffixes in which it ends, the longest."""
    listed = [(kind, known) for kind in kinds for known in formats_by_suffix(kind).values()]
    ends = [(kind, known.suffix) for kind, known in listed if known.is_end_of(name)]
    return max(ends, key=lambda found: len(found[1]), default=None)


def asked_format(to: str, kinds: tuple[Kind, ...], name: str, option: str) -> tuple[Kind, str]:
    """The kind and the suffix of the format that is called so. UsageError if there is none, or the name says another one."""
    named_so = [
        (kind, known.suffix) for kind in kinds for known in formats_by_suffix(kind).values() if known.name == to
    ]
    if not named_so:
        raise UsageError(f"--to is {to!r}; it must be one of: {', '.join(format_names(*kinds))}.")
    ends = sorted((known.suffix for known in FORMATS if known.is_end_of(name)), key=len)
    found = named_so[0]
    if ends and ends[-1] != found[1]:
        raise UsageError(
            f"{f'{option} ' if option else ''}{name} and --to {to} say two formats.",
            f"End the name in {found[1]}, or leave --to out.",
        )
    return found


def format_names(*kinds: Kind) -> list[str]:
    """The names of the formats that can hold these kinds."""
    return [known.name for known in FORMATS if not known.writers.keys().isdisjoint(kinds)]


def unknown_suffix(name: str, kinds: tuple[Kind, ...], option: str) -> UsageError:
    """The error for a name that says nothing, or something else than these kinds."""
    where = f"{option} {name}" if option else name
    what = " or ".join(dict.fromkeys(IN_WORDS[kind] for kind in kinds))
    ending = "".join(Path(name).suffixes[-2:]) if name.lower().find(".arpa.") > 0 else Path(name).suffix
    found = f"cannot write {what} as {ending}" if ending else f"the name does not say as what {what} is to be written"
    listed = suffixes(*kinds)
    choices = ", ".join(listed[:-1]) + " or " + listed[-1] if len(listed) > 1 else listed[0]
    return UsageError(f"{where}: {found}.", f"End the name in {choices}.")


def check_place(name: str) -> None:
    """DataError if there is no folder, or no bucket, for a file, or a folder in its place."""
    if is_remote(name):
        from lmkit.engine.remote.uploading import check_remote_place

        check_remote_place(name)
        return
    if not Path(name).parent.is_dir():
        raise DataError(f"cannot write {name}: there is no folder {Path(name).parent}.", "Make it first.")
    if Path(name).is_dir():
        raise DataError(f"cannot write {name}: it is a folder.", "Name a file in it.")


def check_folder_place(name: str, *, special: bool) -> None:
    """The same for a folder of shards; one that is there is replaced. UsageError for standard output, a device, a pipe."""
    if special:
        raise UsageError(
            "shards are a folder of files, which goes into no pipe.", f"Give a name with -o, as model{SHARDS}."
        )
    from lmkit.engine.shards.folders import check_folder

    check_folder(name)


def suffixes(*kinds: Kind) -> list[str]:
    """The suffixes of files that can hold these kinds."""
    return [known.suffix for known in FORMATS if not known.writers.keys().isdisjoint(kinds)]


def formats_by_suffix(kind: Kind) -> dict[str, OutputFormat]:
    """The formats of a kind, the default first."""
    return {known.suffix: known for known in FORMATS if kind in known.writers}


def named(target: str) -> Any:
    """What is called so: module:name."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def write_bytes(content: bytes, stream: BinaryIO, _suffix: str) -> None:
    """Write what is already as it is to be."""
    stream.write(content)
