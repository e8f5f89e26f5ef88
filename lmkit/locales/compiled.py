"""Compiled catalogues (.mo), as gettext documents them: texts and translations, each with a table of lengths and places."""

import struct
from collections.abc import Mapping

MAGIC = 0x950412DE
HEADER = struct.Struct("<7I")  # magic, version, number, places of both tables, size and place of hashes
ENTRY = struct.Struct("<2I")  # length, place


def read(data: bytes) -> dict[str, str]:
    """The translations in a catalogue, its own head left out."""
    _, _, number, _, _, _, start = HEADER.unpack_from(data)
    strings = data[start:].decode().split("\0")  # as `compiled` puts them: all texts, then all translations
    return dict(zip(strings[1:number], strings[number + 1 : -1], strict=True))


def compiled(translations: Mapping[str, str], head: str) -> bytes:
    """The bytes of a catalogue: texts in ascending order, the empty one, which has the head, first."""
    pairs = sorted((text.encode(), said.encode()) for text, said in {**translations, "": head}.items())
    texts, said = HEADER.size, HEADER.size + len(pairs) * ENTRY.size
    start = said + len(pairs) * ENTRY.size
    tables, strings = b"", b""
    for place in range(2):
        for pair in pairs:
            tables += ENTRY.pack(len(pair[place]), start + len(strings))
            strings += pair[place] + b"\0"
    return HEADER.pack(MAGIC, 0, len(pairs), texts, said, 0, start) + tables + strings
