"""Whom messages are for: people at the command line, who give options, or in Python, who give keywords.

Messages are written with options, as `--max-length`; to whoever calls lmkit from Python, they name what that is there: `max_length`.
Whole commands, such as `lmkit vocabulary list`, are the same for both.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_AT_THE_COMMAND_LINE: ContextVar[bool] = ContextVar("whether messages are for the command line", default=False)

KEYWORDS = {  # what has another name in Python than the option's
    "bitext-field": "the field of OtherSide",
    "class-add": "add",
    "curve-shares": "shares",
    "data": "data (.tsv, .json)",
    "engine": "runner",
    "explain": "skip_gram_in_the_open",
    "hierarchical-softmax": 'loss="hierarchical-softmax"',
    "high": "the end of the range",
    "log-scale": "logarithmic",
    "low": "the beginning of the range",
    "order-weight": "weight",
    "spark": "where",
    "spark-folder": "shared",
    "vocabulary-format": "list_format",
}
LITERAL = (  # values of options that are a word, as messages tell them
    "any|byte|character|csv|document|dot|en|error|euclidean|flat|fr|generalised|jsonl|keep|line|log|nfc|nfkc|nltk:toktok|nltk:treebank|"
    "nltk:tweet|nltk:wordpunct|none|pca|recipe|replace|self|sentence|skip|split|torch|transformer|whitespace|word|words"
)
COMMAND = r"`[^`]*`|lmkit [a-z]+ (?:\.\.\. |\.(?=\S)|[^`.;)])*"
OPTION = rf"(?<![\w'\"-])--(?P<no>no-)?(?P<name>[a-z][a-z0-9-]*[a-z0-9])(?!\.\w|/)(?: (?P<value>\d[\d.,]*\d|\d|(?:{LITERAL})\b))?"
SPOKEN = re.compile(f"(?P<command>{COMMAND})|{OPTION}")


@contextmanager
def at_the_command_line() -> Iterator[None]:
    """Within this block, messages are for people at the command line."""
    before = _AT_THE_COMMAND_LINE.set(True)
    try:
        yield
    finally:
        _AT_THE_COMMAND_LINE.reset(before)


def addressed(message: str) -> str:
    """A message as it is told to whoever is there."""
    return message if _AT_THE_COMMAND_LINE.get() or "--" not in message else in_python(message)


def in_python(message: str) -> str:
    """A message with keywords in the place of options.

    >>> in_python("Name another with --tmp, or use --reserved skip, --cutoff 2 or --no-header.")
    'Name another with tmp, or use reserved="skip", cutoff=2 or header=False.'
    """
    return SPOKEN.sub(lambda found: found[0] if found["command"] else keyword(found), message)


def keyword(found: "re.Match[str]") -> str:
    """An option as a keyword, with its value if that is told."""
    name = KEYWORDS.get(found["name"]) or found["name"].replace("-", "_")
    if found["no"]:
        return f"{name}=False"
    value = found["value"]
    if value is None:
        return name
    return f"{name}={value}" if value[0].isdigit() else f'{name}="{value}"'
