"""The language that people are spoken to in."""

import os

ASKED = ("LMKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set says it


def interface_language() -> str:
    """The language of what is said, fr or en: as LMKIT_LANG has it, else the locale."""
    told = next(filter(None, map(os.environ.get, ASKED)), "")
    return "fr" if told.casefold().startswith("fr") else "en"
