"""Tokens as `tokenizer.json` has them, for words as a vocabulary has them, and back: units and subwords have names in lmkit."""

from collections.abc import Callable, Iterable

from lmkit.errors import DataError
from lmkit.text.settings import TextSettings
from lmkit.text.tokens.subwords.json_files import byte_letters
from lmkit.text.tokens.subwords.tokenizer import subwords_of
from lmkit.text.tokens.units import BYTE_NAMES, character_of, unit_name
from lmkit.text.vocabulary import FIRST_WORD, MARKS, Vocabulary


def tokens_of(vocabulary: Vocabulary, settings: TextSettings) -> list[str]:
    """(types,) the token of each word; that of <unk> is the unknown token of a subword tokenizer, if it has one."""
    names = [word.decode() for word in vocabulary.words]
    if settings.tokenizer_json:
        tokenizer = subwords_of(settings)
        token_of = dict(zip((name.decode() for name in tokenizer.names), tokenizer.tokens, strict=True))
        return [token_of.get(name, name) for name in names]
    marks, words = names[:FIRST_WORD], names[FIRST_WORD:]
    if settings.unit == "byte":
        letter_of = dict(zip(BYTE_NAMES, letters(), strict=True))
        return [*marks, *(letter_of.get(name, name) for name in words)]
    return [*marks, *(map(character_of, words) if settings.unit == "character" else words)]


def words_of(tokens: Iterable[str], settings: TextSettings) -> list[bytes]:
    """(tokens,) the name in lmkit of each token: what `tokens_of` undoes."""
    name_of = naming(settings)
    marks = [mark.decode() for mark in MARKS]
    return [(token if token in marks else name_of(token)).encode() for token in tokens]


def naming(settings: TextSettings) -> Callable[[str], str]:
    """What gives the name of a token that is no mark."""
    if settings.tokenizer_json:
        tokenizer = subwords_of(settings)
        names = {token: name.decode() for token, name in zip(tokenizer.tokens, tokenizer.names, strict=True)}
        return lambda token: names.get(token, token)
    if settings.unit == "byte":
        byte_names = dict(zip(letters(), BYTE_NAMES, strict=True))
        return lambda token: byte_names.get(token, token)
    if settings.unit == "character":
        return lambda token: unit_name(ord(token), "character") if len(token) == 1 else token
    return lambda token: token


def letters() -> list[str]:
    """(256,) the letter that stands for each byte in byte-level tokenizers."""
    return [letter for letter, _ in sorted(byte_letters().items(), key=lambda pair: pair[1])]


def check_distinct(tokens: list[str]) -> None:
    """DataError for two words that are one token."""
    if len(set(tokens)) < len(tokens):
        twice = next(token for place, token in enumerate(tokens) if token in tokens[:place])
        raise DataError(
            f"two words of the vocabulary are the token {twice!r}, and a token of tokenizer.json has one number.",
            "Were tokens named by hand? Train the model on text that the tokenizer has cut.",
        )
