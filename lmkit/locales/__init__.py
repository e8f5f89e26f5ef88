"""What people are told, in their language. The library speaks English; who speaks to people translates, where text meets them.

Nothing of this costs anything in English, which is spoken unless `speak` was called.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar

REMARK = re.compile(r"(\s# +)(.+)$")  # behind a command line

_LANGUAGE: ContextVar[str] = ContextVar("the language that is spoken", default="en")
_TRANSLATE: ContextVar[Callable[[str], str] | None] = ContextVar("how English is translated", default=None)


class AsGiven(str):
    """A text of the user's, or a name, which is said as it is, also where it reads like one of ours."""

    __slots__ = ()


def speak(language: str) -> None:
    """From now on, `said` translates to this language: en, or one that there is a catalogue of."""
    _LANGUAGE.set(language)
    if language == "en":
        _TRANSLATE.set(None)
        return

    def translate(text: str) -> str:
        from lmkit.locales.catalogues import catalogue_of  # read when there is something to say

        return catalogue_of(language).translated(text)

    _TRANSLATE.set(translate)


def spoken() -> str:
    """The language that is spoken, as pages name it."""
    return _LANGUAGE.get()


def said(text: str) -> str:
    """A text in the language that is spoken: a message with what is in it, its remedy, a label. English what there is no translation of."""
    translate = _TRANSLATE.get()
    return text if translate is None or isinstance(text, AsGiven) else translate(text)


def to_say(text: str) -> str:
    """The text as it is: a title or a label that `said` is to find a translation of, where it is shown."""
    return text


def number_said(written: str) -> str:
    """A number as it stands at an axis, with its thousands apart as the language that is spoken has them."""
    if spoken() == "en":
        return written
    from lmkit.locales.catalogues import grouped

    return grouped(written)


def help_said(told: str) -> str:
    r"""The help of a command in the language that is spoken: paragraph by paragraph; of examples (below `\b`), the remarks."""
    if spoken() == "en":
        return told
    return "\n\n".join(map(paragraph_said, told.split("\n\n")))


def paragraph_said(paragraph: str) -> str:
    """A paragraph of help in the language that is spoken, on one line, unless its lines stay as they are."""
    lines = paragraph.split("\n")
    if lines[0] != "\b":
        return said(" ".join(paragraph.split()))
    return "\n".join(REMARK.sub(lambda found: found[1] + said(found[2]), line) for line in lines)
