"""lmkit's own word tokenizers: what makes words, separated by spaces, of pieces of text between white space."""

from collections.abc import Sequence
from typing import Any

from lmkit.text.tokens.word_rules import word_pattern

SPACES = r"[\s\pZ\x{0085}\x{200B}\x{FEFF}]+"  # no-break spaces, and those of no width, separate as well


def words(pieces: Sequence[str]) -> Any:
    """Words, numbers and punctuation apart, for any language that puts spaces between words."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(pieces, pa.large_string())
    spaced = pc.replace_substring_regex(texts, pattern=SPACES, replacement=" ")
    return pc.replace_substring_regex(spaced, pattern=word_pattern(), replacement=r"\0 ")


def whitespace(pieces: Sequence[str]) -> Any:
    """What stands between white space."""
    import pyarrow as pa

    return pa.array(pieces, pa.large_string())
