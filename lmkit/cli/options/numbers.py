"""Numbers as they are written in options: sizes, and lists."""

import math
import re
import sys
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeVar

from lmkit.errors import UsageError

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse_size(text: str | None) -> int | None:
    """Bytes of a size such as 500M or 4G (binary units); UsageError if it is none."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"--memory {text!r} is not a size.", "Write it as 500M or 4G (K, M, G, T: powers of 1024).")
    return int(float(match[1]) * UNITS[match[2].upper()])


Number = TypeVar("Number", int, int | None)


def all_if_zero(top: Number) -> Number:
    """How many are wanted: 0 stands for all."""
    return sys.maxsize if top == 0 else top


def parse_numbers(option: str, text: str, example: str = "0,0,1") -> list[int]:
    """The whole numbers of a list such as the example; UsageError if it is none."""
    try:
        numbers = [int(number) for number in text.replace(",", " ").split()]
    except ValueError:
        numbers = []
    if not numbers:
        raise UsageError(f"{option} {text!r} is not a list of whole numbers.", f"Write it as {example}.")
    return numbers


def parse_share_or_number(option: str, text: str) -> Fraction | int:
    """A share such as 50%, or a number from 0 on; UsageError if it is neither."""
    try:
        if text.strip().endswith("%"):
            share = Fraction(text.strip()[:-1].strip()) / 100
            if 0 <= share <= 1:
                return share
        elif (number := int(text)) >= 0:
            return number
    except (ValueError, ZeroDivisionError):
        pass
    raise UsageError(f"{option} {text!r} is neither a share nor a number from 0 on.", "Write it as 50% or 20000.")


def parse_fractions(option: str, text: str) -> list[float]:
    """The numbers of a list such as 0.5,0.3,0.2; UsageError if it is none."""
    try:
        return [float(number) for number in text.replace(",", " ").split()]
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a list of numbers.", "Write it as 0.5,0.3,0.2.") from None


def parse_finite(texts: Iterable[str]) -> list[float]:
    """The numbers of arguments, of which one may have several: 2 1 0, or 2,1,0. UsageError for what is none, or infinite."""
    found = []
    for text in (part for each in texts for part in each.replace(",", " ").split() or [""]):
        try:
            found.append(float(text))
        except ValueError:
            raise UsageError(f"{text!r} is not a number.", "Write numbers as 2 1 0, or -0.5 3e4.") from None
        if not math.isfinite(found[-1]):
            raise UsageError(f"{text!r} is not a finite number.", "Write numbers as 2 1 0, or -0.5 3e4.")
    return found
