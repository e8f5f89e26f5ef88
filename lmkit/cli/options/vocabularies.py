"""How a list of words is named on the command line, and how it is written."""

from typing import Annotated

from lmkit.cli.declared import VOCABULARY, Option
from lmkit.errors import UsageError
from lmkit.text.word_lists.names import ListFormat, WordFile

VocabularyFormat = Annotated[
    ListFormat,
    Option(
        "--vocabulary-format",
        help="How the list of words is written; auto: by what all its lines have in common; lines: a word a line, with columns after a TAB.",
        panel=VOCABULARY,
    ),
]


def word_file(path: str | None, list_format: ListFormat, option: str = "--vocabulary") -> WordFile | None:
    """The list of words that an option names; None if it was not given. UsageError if only its format was."""
    if path is None:
        if list_format != "auto":
            raise UsageError(f"--vocabulary-format says how the list of {option} is written, and there is none.")
        return None
    return WordFile(path, list_format=list_format)
