"""lmkit's own word tokenizers: what makes words, separated by spaces, of pieces of text between white space."""

from collections.abc import Sequence
from typing import Any

from lmkit.engine.arrow import texts_to_arrow
from lmkit.engine.kernels import call_arrow
from lmkit.text.tokens.word_rules import word_pattern

SPACES = r"[\s\pZ\x{0085}\x{200B}\x{FEFF}]+"  # no-break spaces, and those of no width, separate as well


def words(pieces: Sequence[str]) -> Any:
    """Words, numbers and punctuation apart, for any language that puts spaces between words."""
    spaced = call_arrow("replace_substring_regex", texts_to_arrow(pieces), pattern=SPACES, replacement=" ")
    return call_arrow("replace_substring_regex", spaced, pattern=word_pattern(), replacement=r"\0 ")


def whitespace(pieces: Sequence[str]) -> Any:
    """What stands between white space."""
    return texts_to_arrow(pieces)
