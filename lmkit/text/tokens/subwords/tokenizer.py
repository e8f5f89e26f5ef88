"""Subword tokenizers: files of the `tokenizers` library of Hugging Face, and the tokens that they make of text.

A token of lmkit is a word without white space: the token as the library shows it (in byte-level tokenizers a space is Ġ, in others
mostly ▁); white space and control characters within a token have names such as <U+0009>. No token is ever added at the ends.

What lmkit trains never joins a word to the space after it, so that pieces of text, cut before spaces, are looked at once each. Other
tokenizers get whole lines.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.text.settings import TextSettings, subword_name
from lmkit.text.sources.names import Place, source_name
from lmkit.text.sources.opening import open_source, read_bytes

KINDS = ("bpe", "wordpiece", "unigram", "wordlevel")
# What stands together before it is cut into subwords: a space with the word (its marks and apostrophes), number or signs after it.
LETTER = r"[\p{L}\p{M}\x{00AD}\x{200C}\x{200D}]"
SIGN = r"[^\s\p{L}\p{M}\p{N}\x{00AD}\x{200C}\x{200D}]"
SPLIT = rf" ?{LETTER}+(?:['’]{LETTER}+)*| ?\p{{N}}+| ?{SIGN}+|\s+(?!\S)|\s"
UNWRITABLE = re.compile("[\x00-\x20\x7f]")  # what a token of lmkit cannot hold
BYTE_PIECE = re.compile("<0x[0-9A-F]{2}>")
CACHED_PIECES = 1 << 18  # pieces whose tokens are remembered, and the longest of them, in bytes
LONGEST_CACHED = 64
MOST_TOKENS = 1 << 26  # a table of tokens by number is made
UNK_NAME = "<unk>"
MISSING = "Install it with: pip install 'lmkit[subwords]'"


def library(name: str = "") -> Any:
    """The module `tokenizers`; DataError if it is not installed."""
    try:
        import tokenizers
    except ImportError as error:
        what = f"the tokenizer {name} needs" if name else "subword tokenizers need"
        raise DataError(f"{what} the library tokenizers: {error}.", MISSING) from None
    return tokenizers


@dataclass(frozen=True, eq=False)
class SubwordTokenizer:
    """A tokenizer of the `tokenizers` library, ready for use."""

    json: str = field(repr=False)  # its file
    name: str  # such as bpe-8000-1a2b3c4d: kind, size, first digits of the SHA-256 of the file
    kind: str  # one of KINDS
    tokens: list[str] = field(repr=False)  # (ids,) as the library has them
    names: list[bytes] = field(repr=False)  # (ids,) as lmkit writes them
    by_words: bool  # whether text may be cut before spaces
    shaping: dict[str, Any]  # text settings that its own normalizer amounts to
    _tokenizer: Any = field(repr=False)
    _cache: dict[bytes, tuple[int, ...]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.tokens)

    def settings(self, **others: Any) -> TextSettings:
        """The settings of text that is tokenized so."""
        given: dict[str, Any] = {"tokenizer": self.name, "tokenizer_json": self.json}
        return TextSettings(**given, **others)

    def encode(self, pieces: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Where the tokens of each piece of text begin (pieces + 1,), and the tokens of all (tokens,), as ids.

        Pieces are whole lines; of tokenizers `by_words`, what stands between cuts, the first of a line with a space before it.
        """
        found = list(map(self._cache.get, pieces))
        new = [place for place, ids in enumerate(found) if ids is None]
        if new:
            texts = [pieces[place].decode() for place in new]
            for place, encoding in zip(
                new, self._tokenizer.encode_batch_fast(texts, add_special_tokens=False), strict=True
            ):
                found[place] = tuple(encoding.ids)
            if len(self._cache) + len(new) > CACHED_PIECES:
                self._cache.clear()
            if len(new) <= CACHED_PIECES:
                self._cache.update((pieces[n], found[n] or ()) for n in new if len(pieces[n]) <= LONGEST_CACHED)
        listed = [ids or () for ids in found]
        starts = np.zeros(len(listed) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, listed), np.int64, len(listed)), out=starts[1:])
        return starts, np.fromiter(chain.from_iterable(listed), np.int32, int(starts[-1]))

    def decode(self, names: Sequence[str]) -> str:
        """The text of tokens given by name; what is no token stays as it is, and bytes that are no UTF-8 become U+FFFD."""
        tokens = [self.token_of.get(name, name) for name in names]
        decoder = self._tokenizer.decoder
        return str(decoder.decode(tokens)) if decoder is not None else " ".join(tokens)

    @cached_property
    def token_of(self) -> dict[str, str]:
        """The token of each name that is another one."""
        return {
            name.decode(): token for token, name in zip(self.tokens, self.names, strict=True) if name.decode() != token
        }

    def whole(self) -> NDArray[np.bool_]:
        """(ids,) which tokens are text: neither unknown, nor a byte of a character, nor a part of its bytes."""
        found = json.loads(self.json)
        byte_of, unknown = byte_letters() if is_byte_level(found) else None, unknown_token(found["model"])
        return np.array([is_whole(token, byte_of) and token != unknown for token in self.tokens], bool)


def unknown_token(model: dict[str, Any]) -> str | None:
    """The token that a model of a tokenizer file has for what it does not know, if it has one."""
    if model["type"].lower() == "unigram":
        place = model.get("unk_id")
        return None if place is None else str(model["vocab"][place][0])
    token: str | None = model.get("unk_token")
    return token


def is_whole(token: str, byte_of: dict[str, int] | None) -> bool:
    """Whether a token is made of whole characters. byte_of: the bytes that letters stand for, in byte-level tokenizers."""
    if byte_of is None:
        return BYTE_PIECE.fullmatch(token) is None
    try:
        bytes(byte_of[letter] for letter in token).decode()
    except (KeyError, UnicodeDecodeError):
        return False
    return True


def byte_letters() -> dict[str, int]:
    """The byte that each letter of byte-level tokens stands for (Radford et al. 2019): printable ones are themselves."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(others)}


def read_tokenizer(path: Place) -> SubwordTokenizer:
    """The tokenizer of a file that the `tokenizers` library, or lmkit, wrote; DataError if it is none."""
    name = source_name(path)
    with open_source(path) as stream:
        data = read_bytes(stream, -1, name)
    try:
        return loaded(data.decode(), name)
    except UnicodeDecodeError:
        raise no_tokenizer(name) from None


def parsed(text: str, source: str) -> dict[str, Any]:
    """The JSON object of a tokenizer. DataError if lmkit finds none in it."""
    try:
        found: dict[str, Any] = json.loads(text)
        size_and_kind(found)
        steps_of(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise no_tokenizer(source) from None
    return found


def no_tokenizer(source: str) -> DataError:
    """The error for a file that was given as a tokenizer and is none."""
    return DataError(
        f"{source} is not the JSON file of a tokenizer.",
        "Such files are written by `lmkit tokenizer train`, and by the tokenizers library.",
    )


def size_and_kind(found: dict[str, Any]) -> tuple[int, str]:
    """The number of tokens of a tokenizer, and its kind; ValueError, KeyError and the like if it is none."""
    model = found["model"]
    kind = model["type"].lower()
    if kind not in KINDS:
        raise ValueError(kind)
    vocabulary = model["vocab"]
    tokens = set(vocabulary) if isinstance(vocabulary, dict) else {token for token, _ in vocabulary}
    return len(tokens | {added["content"] for added in found.get("added_tokens") or ()}), kind


@lru_cache(maxsize=8)
def loaded(text: str, source: str = "the tokenizer") -> SubwordTokenizer:
    """The tokenizer of this JSON text. DataError if the library is missing or does not read it."""
    found = parsed(text, source)
    size, kind = size_and_kind(found)
    name = subword_name(kind, size, text)
    tokenizers = library(name)
    # Blocks of text are handled in threads already, and some programs that use lmkit fork.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    by_words, shaping = is_cut_at_spaces(found), shaping_of(found)
    if by_words:
        without_prepend = [part for part in parts_of(found.get("normalizer")) if part["type"] != "Prepend"]
        found["normalizer"] = {"type": "Sequence", "normalizers": without_prepend}
    if kind == "bpe":
        found["model"]["dropout"] = None  # tokens drawn by chance
    found |= {"post_processor": None, "truncation": None, "padding": None}
    try:
        tokenizer = tokenizers.Tokenizer.from_str(json.dumps(found, ensure_ascii=False))
    except BaseException as error:  # the library raises nothing narrower, and what it calls a panic is no Exception
        if isinstance(error, KeyboardInterrupt | MemoryError):
            raise
        raise DataError(f"{source} is not read by the tokenizers library: {error}.", "Is it of a newer one?") from None
    ids = tokenizer.get_vocab(with_added_tokens=True)
    largest = max(ids.values(), default=-1)
    if largest >= MOST_TOKENS:
        raise DataError(
            f"{source}: a token has the number {largest:,}; lmkit takes numbers below {MOST_TOKENS:,}.",
            "Write it again.",
        )
    tokens = [""] * (largest + 1)
    for token, number in ids.items():
        tokens[number] = token
    names = names_of_tokens(tokens, unknown_token(found["model"]))
    return SubwordTokenizer(text, name, kind, tokens, names, by_words, shaping, tokenizer)


def names_of_tokens(tokens: list[str], unknown: str | None) -> list[bytes]:
    """The names of tokens in lmkit; that of the unknown token is <unk>, so that it counts as any unknown word does.

    A token <unk> beside another unknown token is text, and gets a name of its own.
    """
    taken = unknown is not None and unknown != UNK_NAME
    named = {unknown: UNK_NAME} | ({UNK_NAME: "<U+003C>unk>"} if taken else {})
    return [
        (named.get(token) or UNWRITABLE.sub(lambda match: f"<U+{ord(match[0]):04X}>", token)).encode()
        for token in tokens
    ]


def parts_of(part: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The parts of a sequence of normalizers or the like, or the one that there is."""
    if part is None:
        return []
    if not isinstance(part["type"], str):
        raise TypeError(part["type"])
    if part["type"] != "Sequence":
        return [part]
    (listed,) = (value for key, value in part.items() if key != "type")
    return [inner for one in listed for inner in parts_of(one)]


def steps_of(found: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The normalizers and the pre-tokenizers of a tokenizer; KeyError, TypeError and the like if they are none."""
    return parts_of(found.get("normalizer")), parts_of(found.get("pre_tokenizer"))


def is_cut_at_spaces(found: dict[str, Any]) -> bool:
    """Whether this is a tokenizer as lmkit trains them, for which pieces cut before spaces may be looked at alone."""
    normalizers, splits = steps_of(found)
    if found.get("added_tokens") or not splits:
        return False
    if splits[0] == {"type": "WhitespaceSplit"}:
        return not any(part["type"] == "Prepend" for part in normalizers)
    by_lmkit = splits[0].get("pattern") == {"Regex": SPLIT} and splits[0].get("behavior") == "Isolated"
    plain = all(part.get("prepend_scheme", "never") == "never" for part in splits)
    return by_lmkit and plain and normalizers[-1:] == [{"type": "Prepend", "prepend": " "}]


def is_byte_level(found: dict[str, Any]) -> bool:
    """Whether the letters of its tokens stand for bytes."""
    return any(part["type"] == "ByteLevel" for part in parts_of(found.get("pre_tokenizer")))


def shaping_of(found: dict[str, Any]) -> dict[str, Any]:
    """The settings among what a normalizer does that can make spaces out of other characters."""
    types = {part["type"] for part in parts_of(found.get("normalizer"))}
    return ({"normalize": "nfkc"} if types & {"NFKC", "NFKD"} else {}) | (
        {"strip_accents": True} if "StripAccents" in types else {}
    )


def subwords_of(settings: TextSettings) -> SubwordTokenizer:
    """The subword tokenizer that the settings hold."""
    return loaded(settings.tokenizer_json)


def shaping_for(tokenizer: SubwordTokenizer, settings: TextSettings) -> TextSettings:
    """How text is shaped before it is cut into pieces."""
    return replace(settings, **tokenizer.shaping) if tokenizer.by_words else settings
