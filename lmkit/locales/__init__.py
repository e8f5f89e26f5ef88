"""What people are told, in their language. The library speaks English; who speaks to people translates, where text meets them.

Nothing of this costs anything in English, which is spoken unless `speak` was called.
"""

from collections.abc import Callable
from contextvars import ContextVar

_TRANSLATE: ContextVar[Callable[[str], str] | None] = ContextVar("how English is translated", default=None)


def speak(language: str) -> None:
    """From now on, `said` translates to this language: en, or one that there is a catalogue of."""
    if language == "en":
        _TRANSLATE.set(None)
        return
    from lmkit.locales.catalogues import catalogue_of

    _TRANSLATE.set(catalogue_of(language).translated)


def is_english() -> bool:
    """Whether English is spoken."""
    return _TRANSLATE.get() is None


def said(text: str) -> str:
    """A text in the language that is spoken: a message with what is in it, its remedy, a label. English what there is no translation of."""
    translate = _TRANSLATE.get()
    return text if translate is None else translate(text)


def help_said(told: str) -> str:
    r"""The help of a command in the language that is spoken: paragraph by paragraph; of examples (below `\b`), the remarks."""
    if is_english():
        return told
    return "\n\n".join(map(paragraph_said, told.split("\n\n")))


def paragraph_said(paragraph: str) -> str:
    """A paragraph of help in the language that is spoken, on one line, unless its lines stay as they are."""
    lines = paragraph.split("\n")
    if lines[0] != "\b":
        return said(" ".join(paragraph.split()))
    remarked = [line.partition("  # ") for line in lines]
    return "\n".join(f"{line}{mark}{said(remark.strip()) if mark else remark}" for line, mark, remark in remarked)
