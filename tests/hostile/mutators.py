"""Changes to files, by what they are made of. Each takes a source of chance and the file, and gives another file."""

import bz2
import gzip
import json
import lzma
import math
import re
from collections.abc import Callable
from random import Random
from typing import Any

Mutator = Callable[[Random, bytes], bytes]

ODD_NUMBERS = (
    0,
    -1,
    1,
    2**31 - 1,
    2**31,
    2**32,
    2**63 - 1,
    2**63,
    2**64,
    4_000_000_000,
    -(2**63),
    10**30,
    0.5,
    -0.0,
    1e308,
    1e-320,
)
ODD_TEXTS = (
    "",
    " ",
    "\t",
    "\n",
    "\x1b[31m",
    "\u202e",
    "\x00",
    "\ud800",
    "é" * 100,
    "a" * 70_000,
    "<unk>",
    "<s>",
    "</s>",
    "../../x",
    "-",
    "--help",
    "%s",
    "{0}",
    "1e999",
    "nan",
    "Infinity",
    "0x10",
    "١٢",
    "1_000",
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    {"": {}},
    [1, "a"],
    math.inf,
    math.nan,
    *ODD_NUMBERS,
    *ODD_TEXTS,
)
FIELD_VALUES = (
    "0",
    "-1",
    "1",
    "-0",
    "99",
    "-99",
    "1e5",
    "-1e5",
    "nan",
    "inf",
    "-inf",
    "4294967296",
    "18446744073709551616",
    "1e400",
    "",
    "x",
    "1.5",
    "0x1",
    "+1",
    "1,5",
    "\u0661",
)


def flip_bit(chance: Random, data: bytes) -> bytes:
    """One bit is another."""
    if not data:
        return b"\x01"
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def set_byte(chance: Random, data: bytes) -> bytes:
    """One byte is one that stands out."""
    if not data:
        return b"\x00"
    place = chance.randrange(len(data))
    return data[:place] + bytes([chance.choice((0, 1, 9, 10, 13, 27, 32, 127, 128, 255))]) + data[place + 1 :]


def cut(chance: Random, data: bytes) -> bytes:
    """The end is missing."""
    return data[: chance.randrange(len(data) + 1)]


def extend(chance: Random, data: bytes) -> bytes:
    """Something stands behind the end."""
    return data + chance.choice(
        (b"\0", b"\0" * 4096, b"\n" * chance.choice((10, 100, 1000, 100_000)), b"x", data, data[:7])
    )


def leave_out(chance: Random, data: bytes) -> bytes:
    """A part is missing."""
    first, last = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:first] + data[min(last, first + chance.choice((1, 2, 8, 64, 10**9))) :]


def repeat(chance: Random, data: bytes) -> bytes:
    """A part comes twice, or elsewhere."""
    first, last = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    part = data[first : min(last, first + 4096)]
    place = chance.randrange(len(data) + 1)
    return data[:place] + part * chance.choice((1, 1, 2, 50)) + data[place:]


def write_over(chance: Random, data: bytes) -> bytes:
    """Some bytes in a row are a number that stands out."""
    size = chance.choice((1, 2, 4, 8))
    place = chance.randrange(max(len(data) - size, 0) + 1)
    number = chance.choice((0, 1, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 2**64 - 1, len(data), len(data) + 1))
    return data[:place] + (number % (1 << 8 * size)).to_bytes(size, "little") + data[place + size :]


BYTES: tuple[Mutator, ...] = (flip_bit, set_byte, cut, extend, leave_out, repeat, write_over)


def changed_value(chance: Random, value: Any) -> Any:
    """A JSON value in which one thing is another."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        found = dict(value)
        match chance.randrange(8):
            case 0:
                del found[key]
            case 1:
                found[chance.choice(ODD_TEXTS)] = found.pop(key)
            case 2:
                found[key] = found[chance.choice(list(found))]
            case _:
                found[key] = changed_value(chance, found[key])
        return found
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        items = list(value)
        match chance.randrange(8):
            case 0:
                del items[place]
            case 1:
                items.insert(place, chance.choice(items))
            case 2:
                items *= chance.choice((2, 100))
            case _:
                items[place] = changed_value(chance, items[place])
        return items
    return odd_value(chance, value)


def odd_value(chance: Random, value: Any) -> Any:
    """What stands in place of a value."""
    match chance.randrange(6):
        case 0 if isinstance(value, int | float) and not isinstance(value, bool):
            return value + chance.choice((1, -1, 1000))
        case 1:
            return [value]
        case 2:
            return {"a": value}
        case 3:
            return str(value)
        case _:
            return chance.choice(ODD_VALUES)


def change_json(chance: Random, data: bytes) -> bytes:
    """A JSON text in which values are others."""
    try:
        value = json.loads(data)
    except ValueError:
        return flip_bit(chance, data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        value = changed_value(chance, value)
    return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def nest(chance: Random, data: bytes) -> bytes:
    """A JSON text that is nested deeply somewhere."""
    places = [found.start() for found in re.finditer(rb"[\[{\"0-9]", data)] or [0]
    place, depth = chance.choice(places), chance.choice((100, 2000, 200_000))
    return data[:place] + b"[" * depth + chance.choice((b"]" * depth, b"")) + data[place:]


def change_line(chance: Random, data: bytes) -> bytes:
    """A line is missing, comes again or elsewhere, or has other fields."""
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    match chance.randrange(8):
        case 0:
            del lines[place]
        case 1:
            lines.insert(chance.randrange(len(lines)), lines[place])
        case 2:
            other = chance.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        case 3:
            lines[place] = b""
        case 4:
            lines.insert(place, chance.choice(ODD_TEXTS).encode("utf-8", "surrogatepass"))
        case _:
            fields = re.split(rb"([\t ,;=]+)", lines[place])
            fields[chance.randrange(len(fields))] = chance.choice((*FIELD_VALUES, *ODD_TEXTS)).encode(
                "utf-8", "surrogatepass"
            )
            lines[place] = b"".join(fields)
    return b"\n".join(lines)


def change_encoding(chance: Random, data: bytes) -> bytes:
    """The text as others would have written it."""
    text = data.decode("utf-8", "replace")
    match chance.randrange(5):
        case 0:
            return b"\xef\xbb\xbf" + data
        case 1:
            return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-32")))
        case 2:
            return text.encode("latin-1", "replace") + "é".encode("latin-1")
        case 3:
            return data.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\n", b"\x00", b"\x0b")))
        case _:
            return data.replace(b" ", chance.choice((b"\t", "\u00a0".encode(), b"", b"\xff")))


LINES: tuple[Mutator, ...] = (change_line, change_line, change_encoding, *BYTES)
JSON: tuple[Mutator, ...] = (change_json, change_json, change_json, nest, *BYTES)


def compressed(chance: Random, data: bytes) -> bytes:
    """A file in compressed form, maybe damaged."""
    packed = chance.choice((gzip.compress, bz2.compress, lambda data: lzma.compress(data, preset=0)))(data)
    return chance.choice(BYTES)(chance, packed) if chance.random() < 0.7 else packed
