"""Words on pictures."""

from typing import Literal

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


def say(language: Language, english: str, french: str) -> str:
    """One of the two."""
    return french if language == "fr" else english
