"""Consoles and pipes whose encoding lacks letters that are printed, as cp1252 and cp850 under Windows do.

What they lack is written with letters that they have: signs and letters of formulas by what people type for them, accented letters without their
accents, all else as in a literal. Files and pipes that data goes to get UTF-8 whatever the system's encoding is; only people see letters.
"""

import codecs
import sys
from io import TextIOWrapper
from typing import Any

from lmkit.escaping import written_out

NEAREST = "lmkit-nearest"  # the name of what handles errors of encodings
SIGNS = {
    **dict.fromkeys("′’‘", "'"),
    **dict.fromkeys("“”«»", '"'),
    **dict.fromkeys("‐‑–—−", "-"),
    "…": "...", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∞": "inf", "×": "x", "·": "*", "•": "*", "√": "sqrt",
    "Σ": "sum", "∑": "sum", "∈": "in", "œ": "oe", "Œ": "OE", "│": "|", "├": "|", "└": "`", "─": "-",
}  # fmt: skip


def start() -> None:
    """From here on, nothing that is printed is an error of standard output's encoding, or of standard error's."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not is_unicode(stream.encoding):
            codecs.register_error(NEAREST, nearest)
            stream.reconfigure(errors=NEAREST)


def is_unicode(encoding: str | None) -> bool:
    """Whether an encoding has all letters."""
    return (encoding or "utf-8").lower().replace("_", "-").startswith(("utf-", "utf8"))


def nearest(error: UnicodeError) -> tuple[str, int]:
    """What stands for the characters that an encoding lacks, in ASCII, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(in_ascii, error.object[error.start : error.end])), error.end


def in_ascii(character: str) -> str:
    r"""A character in ASCII.

    >>> "".join(map(in_ascii, "γ(h′) ≤ Œuvré ɖ"))
    "gamma(h') <= OEuvre \\u0256"
    """
    import unicodedata

    if character.isascii():
        return character
    if character in SIGNS:
        return SIGNS[character]
    if plain := unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode():
        return plain
    kind, _, letter = unicodedata.name(character, "").partition(" LETTER ")
    if kind.startswith("GREEK") and letter.isalpha():
        return letter.lower()
    return "" if unicodedata.combining(character) else literal(character)


def literal(character: str) -> str:
    """A character as in a literal, also one that has no four digits."""
    return written_out(character) if character <= "\uffff" else f"\\U{ord(character):08x}"


class InItsLetters:
    """A terminal that takes UTF-8, and shows it in an encoding that lacks letters."""

    def __init__(self, stream: Any, encoding: str) -> None:
        self._stream, self._encoding = stream, encoding

    def write(self, data: Any) -> int:
        """Write whole characters."""
        codecs.register_error(NEAREST, nearest)
        self._stream.write(bytes(data).decode("utf-8", "replace").encode(self._encoding, NEAREST))
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
