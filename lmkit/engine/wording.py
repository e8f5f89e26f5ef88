"""Numbers of things, in words."""


def numbered(number: int, what: str) -> str:
    """So many of them.

    >>> numbered(1, "step"), numbered(1200, "entry")
    ('1 step', '1,200 entries')
    """
    return f"{number:,} {what if number == 1 else plural(what)}"


def plural(what: str) -> str:
    """Several of them."""
    return what.removesuffix("y") + "ies" if what.endswith("y") and what[-2] not in "aeiou" else f"{what}s"
