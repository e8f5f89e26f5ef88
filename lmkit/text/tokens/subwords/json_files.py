"""Files of the `tokenizers` library of Hugging Face, and what cuts text as they say.

What lmkit trains never joins a word to the space after it, so that pieces of text, cut before spaces, are looked at once each. Other
tokenizers get whole lines.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lmkit.errors import DataError
from lmkit.text.tokens.subwords.engine import Cutting, refused_in_words
from lmkit.text.tokens.subwords.structure import check_ids, check_structure, parts_of

# What stands together before it is cut into subwords: a space with the word (its marks and apostrophes), number or signs after it.
LETTER = r"[\p{L}\p{M}\x{00AD}\x{200C}\x{200D}]"
SIGN = r"[^\s\p{L}\p{M}\p{N}\x{00AD}\x{200C}\x{200D}]"
SPLIT = rf" ?{LETTER}+(?:['’]{LETTER}+)*| ?\p{{N}}+| ?{SIGN}+|\s+(?!\S)|\s"
BYTE_PIECE = re.compile("<0x[0-9A-F]{2}>")
MISSING = "Install it with: pip install 'lmkit[subwords]'"
FAILING = "the tokenizers library fails"


def library(name: str = "") -> Any:
    """The module `tokenizers`; DataError if it is not installed."""
    try:
        import tokenizers
    except ImportError as error:
        what = f"the tokenizer {name} needs" if name else "subword tokenizers need"
        raise DataError(f"{what} the library tokenizers: {error}.", MISSING) from None
    return tokenizers


@dataclass(frozen=True, eq=False)
class JsonEngine:
    """What cuts text as a file of the library says."""

    tokenizer: Any  # of the library
    byte_of: dict[str, int] | None  # the bytes that letters stand for, in byte-level tokenizers

    def cut(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text, by id."""
        with refused_in_words(FAILING, "The text may be one that it cannot cut; another tokenizer can, perhaps."):
            return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    def join(self, tokens: Sequence[str]) -> str:
        """The text of tokens."""
        with refused_in_words(FAILING, "Its decoder may be damaged."):
            decoder = self.tokenizer.decoder
            return str(decoder.decode(tokens)) if decoder is not None else " ".join(tokens)

    def is_whole(self, token: str) -> bool:
        """Whether a token is made of whole characters."""
        return is_whole(token, self.byte_of)


def cutting_of(found: dict[str, Any], name: str, source: str) -> Cutting:
    """How text is cut by the tokenizer of this JSON object, called `name`. DataError if the library is missing or does not read it."""
    tokenizers = library(name)
    # Blocks of text are handled in threads already, and some programs that use lmkit fork.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    by_words, shaping = is_cut_at_spaces(found), shaping_of(found)
    if by_words:
        without_prepend = [part for part in parts_of(found.get("normalizer")) if part["type"] != "Prepend"]
        found["normalizer"] = {"type": "Sequence", "normalizers": without_prepend}
    if found["model"]["type"].lower() == "bpe":
        found["model"]["dropout"] = None  # tokens drawn by chance
    found |= {"post_processor": None, "truncation": None, "padding": None}
    with refused_in_words(f"{source} is not read by the tokenizers library", "Is it of a newer one?"):
        tokenizer = tokenizers.Tokenizer.from_str(json.dumps(found, ensure_ascii=False))
        ids = tokenizer.get_vocab(with_added_tokens=True)
    try:
        check_ids(ids.values(), len(found["model"]["vocab"]) + len(found.get("added_tokens") or ()))
    except ValueError as error:
        raise DataError(f"{source}: {error}.", "The numbers of n tokens are 0 to n - 1: write it again.") from None
    tokens = [""] * (max(ids.values(), default=-1) + 1)  # a piece that is listed twice leaves a gap
    for token, number in ids.items():
        tokens[number] = token
    engine = JsonEngine(tokenizer, byte_letters() if is_byte_level(found) else None)
    return Cutting(engine, tokens, unknown_token(found["model"]), by_words=by_words, shaping=shaping)


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


def parsed(text: str, source: str) -> dict[str, Any]:
    """The JSON object of a tokenizer. DataError if lmkit finds none in it."""
    try:
        found: dict[str, Any] = json.loads(text)
        check_structure(found)
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
    """The number of tokens of a tokenizer, and its kind."""
    model = found["model"]
    kind = model["type"].lower()
    vocabulary = model["vocab"]
    tokens = set(vocabulary) if isinstance(vocabulary, dict) else {token for token, _ in vocabulary}
    return len(tokens | {added["content"] for added in found.get("added_tokens") or ()}), kind


def steps_of(found: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The normalizers and the pre-tokenizers of a tokenizer."""
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
