"""Options that several commands share. Nothing slow is imported here, nor made (`repr`, `eq`): this is read at every start."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lmkit.cli import command
from lmkit.cli.declared import READING, RESOURCES, VOCABULARY, Argument, Option
from lmkit.cli.options.numbers import parse_size
from lmkit.cli.options.reading import formatting
from lmkit.cli.options.reading.of_settings import in_order_of_help, settings_group
from lmkit.cli.options.vocabularies import VocabularyFormat, word_file
from lmkit.errors import UsageError
from lmkit.text.reading import OnInvalid, Reading
from lmkit.text.settings import SETTINGS, TextSettings

if TYPE_CHECKING:
    from lmkit.engine.resources import Resources
Formatting = formatting.Formatting
Files = Annotated[
    list[str] | None,
    Argument(
        metavar="[FILE]...",
        help="Text, one sentence a line (see --sentences), also .gz .bz2 .xz .zst; .jsonl, .csv, .tsv, .parquet (see --field); folders, quoted patterns as 'data/**/*.gz', s3://, https://, hf://, nltk:brown, lmkit:fr.train.tok (texts that come with lmkit); - or none: standard input.",
    ),
]
Unformatted = Annotated[
    list[str] | None,
    Argument(
        metavar="[FILE]...",
        help="Text, also .gz .bz2 .xz .zst; the field text of .jsonl, .csv, .tsv, .parquet; folders, quoted patterns as 'data/**/*.gz', s3://, https://, hf://, nltk:brown, lmkit:fr.train.tok (texts that come with lmkit); - or none: standard input.",
    ),
]  # of commands without the options that say how text is read
Model = Annotated[
    str,
    Argument(
        metavar="MODEL",
        help="A model or counts: lmkit's own, ARPA, KenLM's binary, or a recipe, plain or compressed; - is standard input.",
    ),
]
CountsOrModel = Annotated[
    str, Argument(metavar="MODEL", help="Counts or a model: lmkit's own, ARPA, or KenLM's binary; - is standard input.")
]
PipedModel = Annotated[
    str, Argument(metavar="[MODEL]", help="A model: lmkit's own, ARPA, or KenLM's binary; - or none: standard input.")
]
Tokenizer = Annotated[
    str, Argument(metavar="TOKENIZER", help="The file of a tokenizer: .json, or SentencePiece's .model.")
]
Invalid = Annotated[OnInvalid, Option(help="Invalid UTF-8 and control bytes: an error, or U+FFFD.", panel=READING)]
Order = Annotated[int, Option("-n", "--order", metavar="N", help="Length of the longest n-grams.", min=1)]
JsonOption = Annotated[bool, Option("--json", help="Print JSON.")]
Quiet = command.Quiet
Output = Annotated[
    str | None,
    Option("--output", "-o", metavar="FILE", help="Where to write, as the suffix says; - or none: standard output."),
]
MatrixOutput = Annotated[
    str | None,
    Option("--output", "-o", metavar="FILE", help="Write the matrix (.npz), or the lines (.tsv, .csv, .parquet)."),
]
Points = Annotated[
    str | None,
    Option(
        "--data",
        metavar="FILE",
        formerly=("--points",),
        help="Also write the points of the curve: .tsv, .csv, .parquet; -: TSV to stdout, and no figures.",
    ),
]
Tmp = Annotated[Path | None, Option(metavar="DIR", help="Folder for temporary files.", panel=RESOURCES)]
Precision = Annotated[
    Literal["single", "double"], Option(help="Digits of log10 values where they are written: 32 or 64 bits.")
]
Kenlm = Annotated[
    Literal["probing", "trie"] | None,
    Option(
        "--kenlm",
        help="What a binary file of KenLM is made of: hash tables, which are fast, or a trie, which is small [default: probing].",
    ),
]

Workers = Annotated[int | None, Option(metavar="N", help="Threads [default: the cores].", min=1, panel=RESOURCES)]

Memory = Annotated[
    str | None,
    Option(
        metavar="SIZE",
        help="Memory to keep to, as 500M or 4G; beyond it, --tmp is used [default: half of the machine's, or of its container's].",
        panel=RESOURCES,
    ),
]


Verbose = Annotated[
    bool,
    Option(
        "--verbose",
        help="Also tell what the work may take of the machine, or of its container, on stderr.",
        panel=RESOURCES,
    ),
]


Shaping = settings_group("Shaping", in_order_of_help(SETTINGS.values()))


@dataclass(repr=False, eq=False)
class TextReading(Shaping, Formatting):  # type: ignore[misc, valid-type] # Shaping has a field for each setting
    """How text is read. None: as the model has it, or the default."""

    encoding_errors: Invalid = "strict"
    quiet: Quiet = False

    def reading(self) -> Reading:
        """How the bytes of the text are read, within the memory of commands that are told how much."""
        return Reading(self.encoding_errors, memory=parse_size(getattr(self, "memory", None)))

    def settings(self, model_settings: TextSettings | None = None) -> TextSettings:
        """The settings, those of a model as the default; what contradicts the model is refused."""
        wanted = {name: getattr(self, name) for name in SETTINGS}
        if model_settings is None:
            settings = TextSettings.named(**wanted)
        elif getattr(self, "force", False):
            settings = model_settings.changed(**wanted)
        else:
            settings = model_settings.for_use_with(forcible=hasattr(self, "force"), **wanted)
        for each in SETTINGS.values():
            if each.only_with and wanted[each.name] is not None and not each.applies(settings):
                name, value = each.only_with
                raise UsageError(
                    f"--{each.option} {wanted[each.name]} does nothing without --{name} {value}, and --{name} is {getattr(settings, name)}.",
                    f"Add --{name} {value}, or leave --{each.option} out.",
                )
        return settings


OfSubwords = settings_group("OfSubwords", [each for each in SETTINGS.values() if each.in_subwords], unset=False)


@dataclass(repr=False, eq=False)
class Training(OfSubwords):  # type: ignore[misc, valid-type] # OfSubwords has a field for each of these settings
    """How text is read and shaped for a tokenizer that does so by itself."""

    encoding_errors: Invalid = "strict"
    quiet: Quiet = False
    tmp: Tmp = None

    def reading(self) -> Reading:
        """How the bytes of the text are read."""
        return Reading(self.encoding_errors)

    def settings(self) -> TextSettings:
        """The settings."""
        return TextSettings(**{each.name: getattr(self, each.name) for each in SETTINGS.values() if each.in_subwords})


@dataclass(repr=False, eq=False)
class Threaded(TextReading):
    """How text is read, in threads."""

    workers: Workers = None

    def for_scoring(self, settings: TextSettings | None = None) -> dict[str, Any]:
        """Keyword arguments for what reads text in threads. settings: others than these options say by themselves."""
        return {
            "settings": settings or self.settings(),
            "reading": self.reading(),
            "resources": resources(self.workers),
        }


@dataclass(repr=False, eq=False)
class Scoring(Threaded):
    """How text is read and scored."""

    force: Annotated[
        bool,
        Option(
            "--force",
            help="Read the text as these options say, even if the model was trained otherwise.",
            panel=READING,
        ),
    ] = False


@dataclass(repr=False, eq=False)
class Limiting(TextReading):
    """How text is read, and which words are known."""

    cutoff: Annotated[
        int, Option(metavar="K", help="Words seen fewer than K times are <unk>.", min=1, panel=VOCABULARY)
    ] = 1
    vocabulary: Annotated[
        str | None,
        Option(
            "--vocabulary", metavar="FILE", help="Only these words, one a line; all others are <unk>.", panel=VOCABULARY
        ),
    ] = None
    vocabulary_format: VocabularyFormat = "auto"
    tmp: Tmp = None

    def resources(self) -> "Resources":
        """What the work may take of the machine."""
        return resources(tmp=self.tmp)

    def for_counting(self) -> dict[str, Any]:
        """Keyword arguments for `encode_text` and `count_ngrams`."""
        return {
            "cutoff": self.cutoff,
            "vocabulary": word_file(self.vocabulary, self.vocabulary_format),
            "settings": self.settings(),
            "reading": self.reading(),
            "resources": self.resources(),
        }


@dataclass(repr=False, eq=False)
class Counting(Limiting):
    """How text is read and counted."""

    workers: Workers = None
    memory: Memory = None
    verbose: Verbose = False

    def resources(self) -> "Resources":
        """What the work may take of the machine."""
        return resources(self.workers, self.memory, self.tmp, verbose=self.verbose)


def resources(
    workers: int | None = None,
    memory: str | None = None,
    tmp: Path | None = None,
    *,
    processes: bool = False,
    verbose: bool = False,
) -> "Resources":
    """What the work may take of the machine, as it was given. verbose: it is told, once. DataError if the folder for temporary files is none."""
    from lmkit.engine.resources import Resources

    found = Resources(workers, parse_size(memory), tmp, processes)
    if verbose:
        from lmkit.cli.output.rendering import tell_once

        tell_once(found.in_words())
    return found


def model_source(path: str, what: str = "a model") -> str:
    """The file of a model, or what it is; UsageError when that is standard input, and it is a terminal nobody pipes into."""
    if path == "-" and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError(
            f"{what} is read from standard input, which is a terminal or closed.", "Name a file, or pipe one in."
        )
    return path


def refuse_shared_stdin(model: str, files: list[str] | None) -> None:
    """UsageError when model and text would both be read from standard input."""
    if model == "-" and "-" in (files or ["-"]):
        raise UsageError("the model comes from standard input, so the text needs a FILE of its own.")
