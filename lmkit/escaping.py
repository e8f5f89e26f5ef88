r"""Text of files and names as people see it: no character of it ends a line, moves the cursor, colours what follows or turns its direction round.

Those that would are written as JSON and Python write them in literals: `\u001b`, `\n`, `\u202e`. Characters that merely have no picture are left alone.
"""

import re

UNSEEN = (
    "\x00-\x1f\x7f-\x9f"  # controls: C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what has the property Bidi_Control
    "\u2028\u2029"  # separators of lines and paragraphs
    "\ud800-\udfff"  # halves of pairs: bytes in names of files that are no UTF-8
)
SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNSEEN = re.compile(f"[{UNSEEN}]")
_UNSEEN_BYTES = re.compile(  # of UTF-8; in lines of a table
    rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]"
)


def visible(text: str, keep: str = "") -> str:
    r"""The text with those characters written out, but for some that are kept.

    >>> visible("a\tb\x1b[31m")
    'a\\tb\\u001b[31m'
    """
    return _UNSEEN.sub(lambda found: found[0] if found[0] in keep else written_out(found[0]), text)


def visible_lines(lines: bytes | memoryview) -> bytes | memoryview:
    """Lines in UTF-8, whose cells tabs part, with all else written out."""
    return _UNSEEN_BYTES.sub(lambda found: written_out(found[0].decode()).encode(), lines)


def written_out(character: str) -> str:
    """A character as in a literal."""
    return SHORT.get(character) or f"\\u{ord(character):04x}"
