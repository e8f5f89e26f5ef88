"""Numbers of things, in words."""

import unicodedata


def numbered(number: int, what: str) -> str:
    """So many of them.

    >>> numbered(1, "step"), numbered(1200, "entry"), numbered(2, "class")
    ('1 step', '1,200 entries', '2 classes')
    """
    return f"{number:,} {what if number == 1 else plural(what)}"


def plural(what: str) -> str:
    """Several of them."""
    if what.endswith("y") and what[-2] not in "aeiou":
        return what.removesuffix("y") + "ies"
    return f"{what}es" if what.endswith(("s", "x", "ch", "sh")) else f"{what}s"


def display_width(text: str) -> int:
    """The columns that a text takes on a terminal: none for combining marks, two for wide letters."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
