"""Options that several commands share. Nothing slow is imported here: this is read for every --help."""

import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from lmkit.cli.options.numbers import parse_size
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.text.settings import TextSettings
    from lmkit.text.sources.names import TextFile

Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Text, one sentence a line (see --sentences), also .gz .bz2 .xz .zst; .jsonl, .csv, .tsv, .parquet (see --field); folders, quoted patterns as 'data/**/*.gz', nltk:brown; - or none: standard input.",
    ),
]
Order = Annotated[int, typer.Option("-n", "--order", metavar="N", help="Length of the longest n-grams.", min=1)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No narration on stderr.")]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Where to write, as the suffix says; - or none: standard output."
    ),
]
Points = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Also write the points of the curve: .tsv, .csv, .parquet; -: TSV to stdout, and no figures.",
    ),
]
Tmp = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for temporary files.")]
Precision = Annotated[Literal["single", "double"], typer.Option(help="Store log10 values in 32 or 64 bits.")]

Workers = Annotated[int | None, typer.Option(metavar="N", help="Threads [default: the cores].", min=1)]

Memory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Memory to keep to, as 500M or 4G; beyond it, --tmp is used [default: half of the machine's].",
    ),
]

SHAPING = (
    "sentences", "language", "unit", "tokenizer", "lowercase", "normalize", "casefold", "unify_quotes", "fold_numbers", "strip_accents", "reserved",
    "blank_lines",
)  # fmt: skip


@dataclass
class Formatting:
    """What files hold text, and where in them."""

    format: Annotated[
        Literal["auto", "text", "jsonl", "csv", "tsv", "parquet"],
        typer.Option(help="The format of the text; auto: by name and content, standard input is text."),
    ] = "auto"
    field: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The field or column that holds the text, nested as a.b [default: text]."),
    ] = None
    skip_bad_lines: Annotated[
        bool, typer.Option("--skip-bad-lines", help="Skip lines that break the format or have no text, and count them.")
    ] = False

    def text(self, source: str) -> "TextFile":
        """A text that is named so."""
        from lmkit.text.sources.names import TextFile

        return TextFile(source, self.format, self.field, self.skip_bad_lines)

    def texts(self, files: list[str] | None) -> "list[TextFile]":
        """The texts to read, standard input if there are none; UsageError when that is a terminal nobody pipes into."""
        from lmkit.text.sources.names import sources

        if not files and (sys.stdin is None or sys.stdin.isatty()):
            raise UsageError(
                "no FILE was given, and standard input is a terminal or closed.",
                "Name a file, or pipe text in; a single - reads the keyboard.",
            )
        return sources([self.text(file) for file in files or ["-"]])

    def text_of(self, option: str, source: str | None) -> "TextFile | None":
        """The text of an option, if it was given; UsageError if it was not, and these options were."""
        if source is None:
            if (self.format, self.field, self.skip_bad_lines) != ("auto", None, False):
                raise UsageError(
                    f"--format, --field and --skip-bad-lines say how the text of {option} is read, and there is none."
                )
            return None
        return self.text(source)

    def text_read_twice(self, option: str, source: str | None) -> "TextFile | None":
        """The same, of a text that is read several times; UsageError for what can be read only once."""
        from lmkit.text.sources.names import is_special

        if source is not None and (source == "-" or is_special(source)):
            raise UsageError(f"{option} {source} is read several times, and a pipe only once.", "Give a file.")
        return self.text_of(option, source)


@dataclass
class Reading(Formatting):
    """How text is read. None: as the model has it, or the default."""

    sentences: Annotated[
        Literal["line", "document", "split"] | None,
        typer.Option(
            help="A sentence is a line [default]; document: a whole file, held in memory (some 10 times its size); "
            "split: what is found in running text, where blank lines end paragraphs and line ends are spaces."
        ),
    ] = None
    language: Annotated[
        Literal["any", "en", "fr"] | None,
        typer.Option(help="Whose abbreviations --sentences split knows [default: any: of all these]."),
    ] = None
    unit: Annotated[
        Literal["word", "character", "byte"] | None,
        typer.Option(help="What a token is: a word, a Unicode code point, a byte of UTF-8 [default: word]."),
    ] = None
    lowercase: Annotated[
        bool | None, typer.Option("--lowercase/--no-lowercase", help="Lower-case the text.", show_default=False)
    ] = None
    normalize: Annotated[
        Literal["none", "nfc", "nfkc"] | None, typer.Option(help="Unicode normalization of the text [default: nfc].")
    ] = None
    tokenizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How lines are split into words: whitespace [default], words, nltk:toktok, nltk:treebank, nltk:tweet, "
            "nltk:wordpunct; character, byte: as --unit; a .json FILE: subwords (lmkit tokenizer train).",
        ),
    ] = None
    casefold: Annotated[
        bool | None, typer.Option("--casefold/--no-casefold", help="Full case folding: ß is ss.", show_default=False)
    ] = None
    unify_quotes: Annotated[
        bool | None,
        typer.Option("--unify-quotes/--no-unify-quotes", help="’ is ', and « or “ is \".", show_default=False),
    ] = None
    fold_numbers: Annotated[
        bool | None, typer.Option("--fold-numbers/--no-fold-numbers", help="Every digit is 0.", show_default=False)
    ] = None
    strip_accents: Annotated[
        bool | None, typer.Option("--strip-accents/--no-strip-accents", help="é is e.", show_default=False)
    ] = None
    reserved: Annotated[
        Literal["error", "skip", "keep"] | None,
        typer.Option(
            help="<s> </s> <unk> in the text: an error [default]; skip: white space; keep: <unk> is the unknown word."
        ),
    ] = None
    blank_lines: Annotated[
        Literal["skip", "sentence"] | None,
        typer.Option(help="A blank line is nothing [default: skip], or an empty sentence."),
    ] = None
    encoding_errors: Annotated[
        Literal["strict", "replace"], typer.Option(help="Invalid UTF-8 and control bytes: an error, or U+FFFD.")
    ] = "strict"
    quiet: Quiet = False

    def settings(self, model_settings: "TextSettings | None" = None) -> "TextSettings":
        """The settings, those of a model as the default; what contradicts the model is refused."""
        from lmkit.text.settings import TextSettings

        wanted = {name: getattr(self, name) for name in SHAPING}
        if self.tokenizer in ("character", "byte"):
            if self.unit not in (None, self.tokenizer):
                raise UsageError(f"--tokenizer {self.tokenizer} and --unit {self.unit} contradict each other.")
            wanted |= {"unit": self.tokenizer, "tokenizer": None}
        if self.tokenizer is not None and is_tokenizer_file(self.tokenizer):
            from lmkit.text.tokens.subwords.tokenizer import read_tokenizer

            found = read_tokenizer(self.tokenizer)
            wanted |= {"tokenizer": found.name, "tokenizer_json": found.json}
        if model_settings is not None and getattr(self, "force", False):
            if wanted["tokenizer"] is not None:
                wanted = {"tokenizer_json": ""} | wanted
            settings = replace(model_settings, **{name: value for name, value in wanted.items() if value is not None})
        elif model_settings is not None:
            settings = model_settings.for_use_with(**wanted)
        else:
            settings = TextSettings(**{name: value for name, value in wanted.items() if value is not None})
        if self.language and settings.sentences != "split":
            raise UsageError(
                f"--language {self.language} says how running text is split, and --sentences is {settings.sentences}.",
                "Add --sentences split, or leave --language out.",
            )
        return settings


@dataclass
class Scoring(Reading):
    """How text is read and scored."""

    force: Annotated[
        bool,
        typer.Option("--force", help="Read the text as these options say, even if the model was trained otherwise."),
    ] = False
    workers: Workers = None


@dataclass
class Limiting(Reading):
    """How text is read, and which words are known."""

    cutoff: Annotated[int, typer.Option(metavar="K", help="Words seen fewer than K times are <unk>.", min=1)] = 1
    vocabulary: Annotated[
        str | None,
        typer.Option("--vocabulary", metavar="FILE", help="Only these words, one a line; all others are <unk>."),
    ] = None
    tmp: Tmp = None

    def for_encoding(self) -> dict[str, Any]:
        """Keyword arguments for `encode_text`."""
        names = ("cutoff", "vocabulary", "encoding_errors", "tmp")
        return {"settings": self.settings()} | {name: getattr(self, name) for name in names}


@dataclass
class Counting(Limiting):
    """How text is read and counted."""

    workers: Workers = None
    memory: Memory = None

    def for_counting(self) -> dict[str, Any]:
        """Keyword arguments for `count_ngrams`."""
        return self.for_encoding() | {"workers": self.workers, "memory": parse_size(self.memory)}


def is_tokenizer_file(name: str) -> bool:
    """Whether what was given as --tokenizer is a file: its name ends in .json, or has a folder in it."""
    return name.lower().endswith((".json", ".json.gz")) or "/" in name or os.sep in name


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with its parameter `options`, one of the groups above, spread into single options for typer."""
    hints = get_type_hints(command, include_extras=True)
    group = hints.pop("options")
    group_hints = get_type_hints(group, include_extras=True)
    own = [parameter for name, parameter in inspect.signature(command).parameters.items() if name != "options"]
    own = [
        parameter.replace(annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own
    ]
    shared = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=group_hints[field.name]
        )
        for field in fields(group)
    ]

    def spread(**values: Any) -> None:
        options = group(**{field.name: values.pop(field.name) for field in fields(group)})
        command(**values, options=options)

    spread.__doc__ = command.__doc__
    spread.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    spread.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *shared)}
    return spread


def memory_limit(memory: str | None, tmp: Path | None) -> int:
    """Bytes to keep to: as given, or half of the machine's. DataError if the folder for temporary files is none."""
    from lmkit.engine.memory import default_memory
    from lmkit.text.limits import check_limits

    check_limits(1, None, tmp)
    return parse_size(memory) or default_memory()


def model_source(path: str) -> str:
    """The file of a model; UsageError when that is standard input, and it is a terminal nobody pipes into."""
    if path == "-" and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError(
            "a model is read from standard input, which is a terminal or closed.", "Name a file, or pipe one in."
        )
    return path


def refuse_shared_stdin(model: str, files: list[str] | None) -> None:
    """UsageError when model and text would both be read from standard input."""
    if model == "-" and "-" in (files or ["-"]):
        raise UsageError("the model comes from standard input, so the text needs a FILE of its own.")
