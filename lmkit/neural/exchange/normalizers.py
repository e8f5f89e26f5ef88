"""What lmkit does to letters before text is cut, as steps of the `tokenizers` library: the same text for the same settings."""

from typing import Any

from lmkit.text.settings import TextSettings
from lmkit.text.tokens.normalization import QUOTES

Step = dict[str, Any]


def steps_of(settings: TextSettings) -> list[Step]:
    """The steps in the order of `shape_words`. Case folding is none of them: no step of the library does it."""
    form: list[Step] = [] if settings.normalize == "none" else [{"type": settings.normalize.upper()}]
    steps: list[Step] = []
    if settings.unify_quotes:
        for plain in "'\"":
            quotes = "".join(chr(code) for code, other in QUOTES.items() if other == plain)
            steps.append(replaced(f"[{quotes}]", plain))
    if settings.lowercase:  # one letter is one letter; the library would make two of İ
        steps += [replaced("İ", "i"), {"type": "Lowercase"}]
    if settings.strip_accents:  # the library's own step takes other marks away, too: vowels of Indic scripts
        steps += [{"type": "NFD"}, replaced(r"\p{Mn}", "")]
    if settings.fold_numbers:
        steps.append(replaced(r"\p{Nd}", "0"))
    return [*form, *steps, *(form if steps else [])]


def replaced(pattern: str, text: str) -> Step:
    """The step that puts a text for whatever fits a pattern."""
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": text}
