"""The shape of words: Unicode normalisation, letter case, quotes, numbers, accents.

Python looks at distinct words only, and at those that are not plain ASCII where that is enough.
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from lmkit.engine.arrow import bytes_to_arrow
from lmkit.engine.columns import as_texts
from lmkit.engine.kernels import call_arrow
from lmkit.text.settings import TextSettings

QUOTES = str.maketrans({  # what people and programs write for ' and "
    **dict.fromkeys("‘’‚‛′ʹʼ`´ˈ", "'"),
    **dict.fromkeys("“”„‟″«»〝〞", '"'),
})  # fmt: skip


def shape_words(words: Sequence[bytes], settings: TextSettings) -> list[bytes]:
    """The words, or texts, as the settings want them. Same length and order; a word can become empty, or have spaces in it.

    In this order: normalised, quotes unified, lower-cased or case-folded, accents stripped, digits 0, and normalised again,
    because a lower-cased letter may compose where the capital did not.
    """
    shaped = list(words)
    if settings.normalize != "none" and (settings.normalize == "nfkc" or changes_letters(settings)):
        shaped = normalize(shaped, settings.normalize)
    if settings.unify_quotes:
        shaped = unify_quotes(shaped)
    if settings.casefold:
        shaped = [word.lower() if word.isascii() else word.decode().casefold().encode() for word in shaped]
    elif settings.lowercase:
        shaped = lower(shaped)
    if settings.strip_accents:
        shaped = changed(shaped, without_accents)
    if settings.fold_numbers:
        shaped = fold_numbers(shaped)
    if settings.normalize != "none":
        shaped = normalize(shaped, settings.normalize)
    return shaped


def is_shaped(text: bytes, settings: TextSettings) -> bool:
    """Whether all words, of which the text is made, are as the settings want them; False where that takes a closer look."""
    # A word that is not normalized makes no normalized text, whatever stands beside it.
    return not (changes_letters(settings) or settings.fold_numbers) and (
        settings.normalize == "none" or is_normalized(text, settings.normalize)
    )


def changes_letters(settings: TextSettings) -> bool:
    """Whether there is more to do than to normalise."""
    return settings.lowercase or settings.casefold or settings.strip_accents or settings.unify_quotes


def normalize(words: list[bytes], form: str) -> list[bytes]:
    """The words in a Unicode normalisation form."""
    # Not Arrow's utf8_normalize: up to version 23 at least, its NFC leaves letters decomposed.
    wanted: Any = form.upper()
    if is_normalized(b"\n".join(words), form):
        return words
    return changed(words, lambda word: unicodedata.normalize(wanted, word))


def is_normalized(text: bytes, form: str) -> bool:
    """Whether the text is in a Unicode normalisation form."""
    wanted: Any = form.upper()
    return text.isascii() or unicodedata.is_normalized(wanted, text.decode())


def changed(words: list[bytes], change: Callable[[str], str]) -> list[bytes]:
    """The words with those changed that are not ASCII."""
    return [word if word.isascii() else change(word.decode()).encode() for word in words]


def unify_quotes(words: list[bytes]) -> list[bytes]:
    """The words with ' and " for all that stands for them: of ASCII, ` does."""
    return [word if word.isascii() and b"`" not in word else word.decode().translate(QUOTES).encode() for word in words]


def lower(words: list[bytes]) -> list[bytes]:
    """The words in lower case: the simple mapping, one code point to one."""
    return rewritten(words, "utf8_lower")


def without_accents(word: str) -> str:
    """The word without combining marks: é is e, and so is an e that has three of them."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if unicodedata.category(letter) != "Mn")


def fold_numbers(words: list[bytes]) -> list[bytes]:
    """The words with 0 for every decimal digit of any script."""
    return rewritten(words, "replace_substring_regex", pattern=r"\p{Nd}", replacement="0")


def rewritten(words: list[bytes], function: str, **options: str) -> list[bytes]:
    """What a function of Arrow's makes of the words."""
    import pyarrow as pa

    found: list[bytes] = (
        call_arrow(function, as_texts(bytes_to_arrow(words)), **options).view(pa.large_binary()).to_pylist()
    )
    return found
