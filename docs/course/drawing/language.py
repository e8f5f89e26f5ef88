"""Words and numbers on pictures."""

import re
from typing import Literal

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")

WORDS = re.compile("""(?<=['"])>([^<>]+)</text>""")


def say(language: Language, english: str, french: str) -> str:
    """One of the two."""
    return french if language == "fr" else english


def numbers_said(language: Language, svg: str) -> str:
    """A picture whose numbers are written as in the text of the page: with a minus, and in French with a comma."""
    return WORDS.sub(lambda found: f">{number_said(language, found[1])}</text>", svg)


def number_said(language: Language, words: str) -> str:
    """Words with their numbers as in the text of the page."""
    words = re.sub(r"^-(?=\d)", "\N{MINUS SIGN}", words)
    return re.sub(r"(?<=\d)\.(?=\d)", ",", words).replace("%", "\N{NO-BREAK SPACE}%") if language == "fr" else words
