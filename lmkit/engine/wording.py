"""Numbers of things, in words."""


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
