"""Counts and models as safetensors files: an 8-byte length, a JSON header, and plain arrays.

No code can hide in such a file, and any tool opens it. Arrays stay where the file is mapped. What is read is checked
before it is used, because compiled code trusts it: that takes one pass over the file, or, of large models, over the rows.
"""

import json
import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.model import NgramModel, parse_json
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.files.trust import check_chain
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import is_utf8
from lmkit.text.vocabulary import FIRST_WORD, MARKS, Vocabulary
from lmkit.version import __version__

FORMAT_VERSION = 4
NGRAM_KINDS = ("counts", "model")
LONGEST_HEADER = 100 << 20
PIECE = 8 << 20  # bytes written at a time
DTYPES = {
    "U8": np.uint8,
    "U16": np.uint16,
    "U32": np.uint32,
    "U64": np.uint64,
    "I32": np.int32,
    "I64": np.int64,
    "F32": np.float32,
    "F64": np.float64,
}
DTYPE_NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def write_tensors(value: NgramModel | NgramCounts, stream: BinaryIO) -> None:
    """Write a safetensors file array by array, so that nothing is held twice, whatever the stream is.

    Wide numbers come first, as the format's own library has it: then every array is aligned.
    """
    tensors, metadata = as_tensors(value)
    names = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    header: dict[str, Any] = {"__metadata__": metadata}
    offset = 0
    for name in names:
        array = tensors[name]
        header[name] = {
            "dtype": DTYPE_NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    stream.write(len(text).to_bytes(8, "little") + text)
    pieces = [(array.data.cast("B"), header[name]["data_offsets"][0]) for name in names if len(array := tensors[name])]
    pieces = [(data[at : at + PIECE], start + at) for data, start in pieces for at in range(0, len(data), PIECE)]
    write_pieces(pieces, stream, value.scratch)


def write_pieces(pieces: list[tuple[memoryview, int]], stream: BinaryIO, scratch: Scratch) -> None:
    """Write consecutive pieces, given with their offsets; into a file at once from several threads."""
    try:
        is_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode) and stream.seekable()
    except (OSError, AttributeError, ValueError):  # a stream that is no file
        is_file = False
    if not is_file or not hasattr(os, "pwrite"):
        for data, _ in pieces:
            stream.write(data)
            scratch.release()
        return
    stream.flush()
    descriptor, start = stream.fileno(), stream.tell()

    def write_piece(piece: tuple[memoryview, int]) -> None:
        data, at = piece
        while len(data):  # a full disk may take a part before it is an error
            written = os.pwrite(descriptor, data, start + at)
            data, at = data[written:], at + written

    advance = stage("writing", len(pieces))
    for _ in map_in_order(write_piece, pieces, None):
        advance(1)
        scratch.release()
    stream.seek(0, os.SEEK_END)


def looks_like_safetensors(start: bytes) -> bool:
    """Whether a file that begins so may be safetensors: a sane length, then a JSON object."""
    return len(start) > 8 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= LONGEST_HEADER


def as_tensors(value: NgramModel | NgramCounts) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays and the metadata of a file."""
    tensors: dict[str, NDArray[Any]] = {
        "vocabulary": value.vocabulary.utf8,
        "vocabulary_offsets": value.vocabulary.offsets,
    }
    for k, order in enumerate(value.orders, start=1):
        if k > 1:
            tensors[f"indptr.{k}"], tensors[f"indices.{k}"] = order.indptr, order.indices
    fields: dict[str, Any] = {"order": value.order, "settings": value.settings and value.settings.as_dict()}
    if isinstance(value, NgramCounts):
        kind = "counts"
        fields |= {"cutoff": value.cutoff, "fixed_vocabulary": value.fixed_vocabulary}
        for k, counts in enumerate(value.chain.counts, start=1):
            tensors[f"counts.{k}"] = counts
            if k > 1:
                tensors[f"suffixes.{k}"] = value.chain.suffixes[k - 1]
    else:
        kind = "model"
        fields |= {"details": value.details, "parameters": value.parameters}
        fields |= {"full_histories_only": value.full_histories_only}
        for k, probs in enumerate(value.log10_probs, start=1):
            tensors[f"log10_probs.{k}"] = probs
        for k, backoffs in enumerate(value.log10_backoffs, start=1):
            tensors[f"log10_backoffs.{k}"] = backoffs
        for k, counted in enumerate(value.counts or (), start=1):
            tensors[f"counts.{k}"] = counted
    fields = {"format_version": FORMAT_VERSION, "version": __version__, "kind": kind} | fields
    metadata = {"lmkit": json.dumps(fields, ensure_ascii=False)}
    return {name: np.ascontiguousarray(array) for name, array in tensors.items()}, metadata


def from_buffer(data: bytes | mmap.mmap, name: str, *, check: bool = True) -> NgramModel | NgramCounts:
    """The model or counts in the bytes of a safetensors file; arrays stay in the buffer.

    check: False leaves it to the caller to see whether the arrays can be trusted.
    """
    with damage_told(name):
        header, fields = read_header(data, name)
        check_fields(fields)
        tensors = tensors_of(data, 8 + int.from_bytes(data[:8], "little"), header)
        value = counts_of(tensors, fields, data) if fields["kind"] == "counts" else model_of(tensors, fields)
        if check:
            check_chain(value, len(data))
        return value


def kind_of(data: bytes | mmap.mmap, name: str) -> str:
    """What the bytes of a safetensors file hold: "counts", "model", or what another family calls its own."""
    with damage_told(name):
        return str(read_header(data, name)[1]["kind"])


def read_header(data: bytes | mmap.mmap, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The description of the arrays, and what lmkit says of them. DataError for a file of another program, or of a newer format."""
    header = parse_json(data[8 : 8 + int.from_bytes(data[:8], "little")].decode())
    metadata = header.pop("__metadata__", {})
    if "lmkit" not in metadata:
        raise DataError(
            f"{name}: a safetensors file, but not one of lmkit's.",
            "Models come from `lmkit ngram train` and `lmkit smooth`.",
        )
    fields = parse_json(metadata["lmkit"])
    if fields["format_version"] > FORMAT_VERSION:
        raise DataError(
            f"{name}: written by lmkit {fields['version']}, in a newer format than {__version__} reads.",
            "Upgrade lmkit.",
        )
    return header, fields


@contextmanager
def damage_told(name: str) -> Iterator[None]:
    """Within this block, what goes wrong with the bytes of a file is a DataError."""
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError, UsageError) as error:
        raise DataError(
            f"{name}: the file is damaged or cut short ({error or type(error).__name__}).", "Write it again."
        ) from None


def check_fields(fields: dict[str, Any]) -> None:
    """ValueError unless the settings in the metadata are such as lmkit writes."""
    order, cutoff = fields["order"], fields.get("cutoff", 1)
    fits = type(order) is int and order >= 1 and fields["kind"] in NGRAM_KINDS
    fits &= all(type(fields.get(name, False)) is bool for name in ("fixed_vocabulary", "full_histories_only"))
    if not fits or type(cutoff) is not int or cutoff < 1:
        raise ValueError("the settings are damaged")


def tensors_of(data: bytes | mmap.mmap, start: int, header: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays (views, no copies) that a header describes; they begin at `start`."""
    tensors: dict[str, NDArray[Any]] = {}
    for key, entry in header.items():
        dtype = np.dtype(DTYPES[entry["dtype"]])
        first, last = entry["data_offsets"]
        size = (last - first) // dtype.itemsize
        if not 0 <= first <= last <= len(data) - start or [size] != entry["shape"]:
            raise ValueError(f"array {key} is incomplete")
        tensors[key] = np.frombuffer(data, dtype, size, start + first) if size else np.zeros(0, dtype)
    return tensors


def orders_of(tensors: dict[str, NDArray[Any]], highest: int, types: int) -> tuple[Order, ...]:
    """The chain of orders in the arrays of a file."""
    higher = [Order(tensors[f"indptr.{k}"], tensors[f"indices.{k}"]) for k in range(2, highest + 1)]
    return (first_order(types), *higher)


def vocabulary_of(tensors: dict[str, NDArray[Any]]) -> Vocabulary:
    """The vocabulary in the arrays of a file."""
    vocabulary = Vocabulary(tensors["vocabulary"], tensors["vocabulary_offsets"])
    offsets = vocabulary.offsets
    fits = vocabulary.utf8.dtype == np.uint8 and offsets.dtype == np.int64 and len(offsets) > FIRST_WORD
    if not fits or offsets[0] or offsets[-1] != len(vocabulary.utf8) or (offsets[1:] <= offsets[:-1]).any():
        raise ValueError("the vocabulary does not fit its offsets")
    letters = vocabulary.utf8
    split = (letters[offsets[:-1]] & 0xC0 == 0x80).any()  # a word that begins within a character
    separators = ((letters <= ord(" ")) | (letters == 127)).any()
    if split or separators or not is_utf8(letters.tobytes()):
        raise ValueError("the vocabulary has words that are none")
    if tuple(vocabulary.words[:FIRST_WORD]) != MARKS or len(vocabulary.ids) != len(vocabulary):
        raise ValueError("the vocabulary is damaged")
    return vocabulary


def counts_of(tensors: dict[str, NDArray[Any]], fields: dict[str, Any], data: bytes | mmap.mmap) -> NgramCounts:
    """The counts in the arrays and metadata of a file."""
    scratch = Scratch(0 if hasattr(mmap, "MADV_DONTNEED") else None)
    if isinstance(data, mmap.mmap):
        scratch.watch(data)
    vocabulary, highest = vocabulary_of(tensors), fields["order"]
    suffixes = (NO_SUFFIXES, *(tensors[f"suffixes.{k}"] for k in range(2, highest + 1)))
    counts = tuple(tensors[f"counts.{k}"] for k in range(1, highest + 1))
    chain = Chain(orders_of(tensors, highest, len(vocabulary)), suffixes, counts, scratch)
    return NgramCounts(
        vocabulary, TextSettings.from_dict(fields["settings"]), fields["cutoff"], fields["fixed_vocabulary"], chain
    )


def model_of(tensors: dict[str, NDArray[Any]], fields: dict[str, Any]) -> NgramModel:
    """The model in the arrays and metadata of a file."""
    vocabulary, highest = vocabulary_of(tensors), fields["order"]
    return NgramModel(
        vocabulary,
        None if fields["settings"] is None else TextSettings.from_dict(fields["settings"]),
        fields["details"],
        orders_of(tensors, highest, len(vocabulary)),
        tuple(tensors[f"log10_probs.{k}"] for k in range(1, highest + 1)),
        tuple(tensors[f"log10_backoffs.{k}"] for k in range(1, highest)),
        parameters=fields["parameters"],
        counts=tuple(tensors[f"counts.{k}"] for k in range(1, highest + 1)) if "counts.1" in tensors else None,
        full_histories_only=fields.get(
            "full_histories_only", False
        ),  # up to format 3, lower orders are those of `backing_off`
    )
