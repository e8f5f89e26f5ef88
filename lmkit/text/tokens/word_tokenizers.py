"""lmkit's own word tokenizers: what makes words, separated by spaces, of pieces of text between white space."""

from collections.abc import Sequence
from typing import Any

# What stands within a word: letters, marks (Ewe's and Kabiye's tones), digits, _, and characters that only join or divide.
WITHIN = r"[\pL\pM\pN_\x{00AD}\x{200C}\x{200D}\x{2060}]"
WORDS = "|".join((
    r"(?i:aujourd['’]hui)",
    r"(?i:l|d|j|n|s|c|m|t|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu)['’]",  # French elision: the article, … a word of its own
    r"\pN+(?:[.,]\pN+)+",  # 12,5 and 1.000.000
    rf"{WITHIN}+(?:['’‐‑-]{WITHIN}+)*",  # words, with hyphens, English contractions and possessives
    r"\.\.\.",
    r"[^\s\pZ\pL\pM\pN_\x{00AD}\x{200C}\x{200D}\x{2060}](?:\pM|\x{200D}[^\s\pL\pN])*",  # any other character, with its marks
))  # fmt: skip
SPACES = r"[\s\pZ\x{0085}\x{200B}\x{FEFF}]+"  # no-break spaces, and those of no width, separate as well


def words(pieces: Sequence[str]) -> Any:
    """Words, numbers and punctuation apart, for any language that puts spaces between words."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(pieces, pa.large_string())
    spaced = pc.replace_substring_regex(texts, pattern=SPACES, replacement=" ")
    return pc.replace_substring_regex(spaced, pattern=WORDS, replacement=r"\0 ")


def whitespace(pieces: Sequence[str]) -> Any:
    """What stands between white space."""
    import pyarrow as pa

    return pa.array(pieces, pa.large_string())
