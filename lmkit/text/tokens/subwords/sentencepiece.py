"""Models of SentencePiece (.model), and what cuts text as they say: its own library, so that tokens are those of `spm_encode`.

The `tokenizers` library can hold such models, too, but cuts some lines otherwise: runs of one sign, of which several cuts are equally
probable; symbols that users defined; letters whose marks it drops when it normalizes them. A model is kept in its own bytes, in base64,
where lmkit keeps the JSON text of other tokenizers.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lmkit.errors import DataError
from lmkit.text.tokens.subwords.engine import Cutting, refused_in_words

KIND = "sentencepiece"
START = f'{{"{KIND}":'  # of the JSON text
PIECES, NORMALIZER = 1, 3  # fields of the message that a .model file is (sentencepiece_model.proto)
VARINT, EIGHT_BYTES, SIZED, FOUR_BYTES = 0, 1, 2, 5  # how values are written in such messages
REMEDY = (
    "spm_train writes such files beside a .vocab, which is a list. They are binary: copy or fetch it again, unchanged."
)
MISSING = "Install it with: pip install 'lmkit[sentencepiece]'"
FAILING = "the library sentencepiece fails"


@dataclass(frozen=True, eq=False)
class SentencePieceEngine:
    """What cuts text as a model of SentencePiece says."""

    processor: Any  # of the library
    of_bytes: frozenset[str]  # the pieces that stand for a byte

    def cut(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text, by id."""
        with refused_in_words(FAILING, REMEDY):
            found: list[list[int]] = self.processor.encode(list(texts), out_type=int, num_threads=1)
            return found

    def join(self, tokens: Sequence[str]) -> str:
        """The text of pieces."""
        with refused_in_words(FAILING, REMEDY):
            return str(self.processor.decode(list(tokens))) if tokens else ""

    def is_whole(self, token: str) -> bool:
        """Whether a piece is made of whole characters."""
        return token not in self.of_bytes


def library(name: str) -> Any:
    """The module `sentencepiece`; DataError if it is not installed."""
    try:
        import sentencepiece
    except ImportError as error:
        raise DataError(f"the tokenizer {name} needs the library sentencepiece: {error}.", MISSING) from None
    return sentencepiece


def looks_like(data: bytes) -> bool:
    """Whether bytes begin as a .model file does: with a piece."""
    return data[:1] == data[2:3] == b"\n"


def as_json(data: bytes) -> str:
    """The JSON text that keeps the bytes of a .model file."""
    return json.dumps({KIND: base64.b64encode(data).decode()}) + "\n"


def is_kept_in(text: str) -> bool:
    """Whether this JSON text keeps a model."""
    return text.startswith(START)


def kept_model(text: str, source: str) -> tuple[bytes, int]:
    """The bytes of the .model file that a JSON text keeps, and the number of its pieces. DataError for what keeps none, or one that is cut short."""
    try:
        data = base64.b64decode(json.loads(text)[KIND], validate=True)
        numbers = Counter(field_numbers(data))
    except (ValueError, TypeError, IndexError, RecursionError):
        numbers = Counter()
    if PIECES not in numbers:
        raise DataError(f"{source} is not a model of SentencePiece, or is cut short.", REMEDY)
    if NORMALIZER not in numbers:
        raise DataError(
            f"{source}: the model of SentencePiece does not say how text is normalized: it is cut short.", REMEDY
        )
    return data, numbers[PIECES]


def field_numbers(message: bytes) -> Iterator[int]:
    """The numbers of the fields of a message of Protocol Buffers, in order. ValueError, IndexError for what is none, or is cut short."""
    place = 0
    while place < len(message):
        key, place = varint(message, place)
        number, how = key >> 3, key & 7
        if how == VARINT:
            _, place = varint(message, place)
        elif how == SIZED:
            size, place = varint(message, place)
            place += size
        elif how in (EIGHT_BYTES, FOUR_BYTES):
            place += 8 if how == EIGHT_BYTES else 4
        else:
            raise ValueError(how)
        if place > len(message):
            raise ValueError(place)
        yield number


def varint(message: bytes, place: int) -> tuple[int, int]:
    """The number at a place, 7 bits a byte, least first, and the place after it."""
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place += 1
        shift += 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise ValueError(shift)


def cutting_of(data: bytes, name: str, source: str) -> Cutting:
    """How text is cut by the model in these bytes of a .model file. DataError if the library is missing or does not read it."""
    module = library(name)
    with refused_in_words(
        f"{source} is not read by the library sentencepiece", REMEDY
    ):  # also for pieces that are no UTF-8
        processor = module.SentencePieceProcessor(model_proto=data)
        ids = range(len(processor))
        tokens = list(map(processor.id_to_piece, ids))
    return Cutting(
        SentencePieceEngine(processor, frozenset(tokens[number] for number in ids if processor.is_byte(number))),
        tokens,
        unknown=next((tokens[number] for number in ids if processor.is_unknown(number)), None),
        never=frozenset(number for number in ids if processor.is_control(number) or processor.is_unused(number)),
        defaults={"normalize": "none"},  # it normalizes text by itself
    )
