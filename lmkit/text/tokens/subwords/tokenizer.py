"""Subword tokenizers: files of the `tokenizers` library and of SentencePiece, and the tokens that they make of text.

A token of lmkit is a word without white space: the token as the library shows it (in byte-level tokenizers a space is Ġ, in others
mostly ▁); white space and control characters within a token have names such as <U+0009>. No token is ever added at the ends.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.one_line import one_line
from lmkit.text.settings import TextSettings, subword_name
from lmkit.text.sources.names import Place, source_name
from lmkit.text.sources.opening import head_of, open_source, read_whole
from lmkit.text.sources.recognition import binary_kind
from lmkit.text.tokens.subwords import json_files, sentencepiece
from lmkit.text.tokens.subwords.engine import Cutting

UNWRITABLE = re.compile("[\x00-\x20\x7f]")  # what a token of lmkit cannot hold
CACHED_PIECES = 1 << 18  # pieces whose tokens are remembered, and the longest of them, in bytes
LONGEST_CACHED = 64
MOST_BYTES = 64 << 20  # of a file; those of the largest models, with 260,000 tokens, have 35 MB
UNK_NAME = "<unk>"
IS_JSON = re.compile(rb"\s*\{\s*[\"}]")
SENTENCEPIECE = re.compile(r"\.model(\.\w+)?$", re.IGNORECASE)  # names of its models


@one_line
@dataclass(frozen=True, eq=False)
class SubwordTokenizer:
    """A tokenizer ready for use."""

    json: str = field(repr=False)  # its file; of another kind of file, the JSON text that keeps it
    name: str  # such as bpe-8000-1a2b3c4d: kind, size, first digits of the SHA-256 of that text
    kind: str  # one of KINDS of structure.py, or sentencepiece
    names: list[bytes] = field(repr=False)  # (ids,) as lmkit writes them
    _cutting: Cutting = field(repr=False)
    _cache: dict[bytes, tuple[int, ...]] = field(default_factory=dict, repr=False)

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{self.name}: {self.kind}, {len(self):,} tokens"

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def tokens(self) -> list[str]:
        """(ids,) the tokens as the library has them."""
        return self._cutting.tokens

    @property
    def by_words(self) -> bool:
        """Whether text may be cut before spaces."""
        return self._cutting.by_words

    @property
    def defaults(self) -> dict[str, Any]:
        """How text is shaped for it if nothing else is asked for, where that is not as for any text."""
        return self._cutting.defaults

    @property
    def about(self) -> dict[str, Any]:
        """What it is, as JSON values."""
        return {"tokenizer": self.name, "model": self.kind, "vocabulary_size": len(self)}

    def settings(self, **others: Any) -> TextSettings:
        """The settings of text that is tokenized so."""
        given: dict[str, Any] = {"tokenizer": self.name, "tokenizer_json": self.json}
        return TextSettings(**given, **self.defaults | others)

    def shaping(self, settings: TextSettings) -> TextSettings:
        """How text is shaped before it is cut into pieces."""
        return replace(settings, **self._cutting.shaping) if self.by_words else settings

    def encode(self, pieces: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Where the tokens of each piece of text begin (pieces + 1,), and the tokens of all (tokens,), as ids.

        Pieces are whole lines; of tokenizers `by_words`, what stands between cuts, the first of a line with a space before it.
        """
        found = list(map(self._cache.get, pieces))
        new = [place for place, ids in enumerate(found) if ids is None]
        if new:
            cut = self._cutting.engine.cut([pieces[place].decode() for place in new])
            for place, ids in zip(new, cut, strict=True):
                found[place] = tuple(ids)
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
        return self._cutting.engine.join([self.token_of.get(name, name) for name in names])

    @cached_property
    def token_of(self) -> dict[str, str]:
        """The token of each name that is another one."""
        return {
            name.decode(): token for token, name in zip(self.tokens, self.names, strict=True) if name.decode() != token
        }

    def whole(self) -> NDArray[np.bool_]:
        """(ids,) which tokens are text: neither unknown, nor a byte of a character, nor a part of its bytes."""
        is_whole, unknown = self._cutting.engine.is_whole, self._cutting.unknown
        return np.array([is_whole(token) and token != unknown for token in self.tokens], bool)

    def words(self) -> list[bytes]:
        """The names of the tokens that a text can have."""
        never = self._cutting.never
        return [name for number, name in enumerate(self.names) if name and number not in never]


def holds_tokenizer(path: Place) -> bool:
    """Whether a file looks like that of a tokenizer. Pipes are not looked into."""
    head = head_of(path) if isinstance(path, str | os.PathLike) else b""
    return (IS_JSON.match(head) is not None and binary_kind(head) is None) or sentencepiece.looks_like(head)


def read_tokenizer(path: Place) -> SubwordTokenizer:
    """The tokenizer of a file that the `tokenizers` library, SentencePiece or lmkit wrote; DataError if it is none."""
    name = source_name(path)
    with open_source(path) as stream:
        data = read_whole(stream, name, MOST_BYTES)
    if not IS_JSON.match(data) and (SENTENCEPIECE.search(name) or sentencepiece.looks_like(data)):
        return loaded(sentencepiece.as_json(data), name)
    try:
        return loaded(data.decode(), name)
    except UnicodeDecodeError:
        raise json_files.no_tokenizer(name) from None


@lru_cache(maxsize=8)
def loaded(text: str, source: str = "the tokenizer") -> SubwordTokenizer:
    """The tokenizer of this JSON text. DataError if its library is missing or does not read it."""
    if sentencepiece.is_kept_in(text):
        data, size = sentencepiece.kept_model(text, source)
        kind = sentencepiece.KIND
        name = subword_name(kind, size, text)
        cutting = sentencepiece.cutting_of(data, name, source)
    else:
        found = json_files.parsed(text, source)
        size, kind = json_files.size_and_kind(found)
        name = subword_name(kind, size, text)
        cutting = json_files.cutting_of(found, name, source)
    return SubwordTokenizer(text, name, kind, names_of_tokens(cutting.tokens, cutting.unknown), cutting)


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


def subwords_of(settings: TextSettings) -> SubwordTokenizer:
    """The subword tokenizer that the settings hold."""
    return loaded(settings.tokenizer_json)
