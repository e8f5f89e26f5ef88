"""Files: models and counts as safetensors or ARPA, matrices as SciPy .npz. Outputs appear whole or not at all.

A safetensors file is an 8-byte length, a JSON header, and plain arrays: no code can hide in it, and any tool opens it.
It is mapped into memory, so that opening a large model costs next to nothing.
"""

import gzip
import json
import mmap
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.reading import Rejoined, open_source, read_bytes, source_name
from lmkit.corpus.settings import TextSettings
from lmkit.corpus.vocabulary import FIRST_WORD, MARKS, Vocabulary
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.additive import maximum_likelihood
from lmkit.ngrams.arpa import read_arpa, write_arpa
from lmkit.ngrams.counts import NgramCounts
from lmkit.ngrams.model import NgramModel, Precision, check_metadata
from lmkit.ngrams.orders import Order, first_order
from lmkit.ngrams.runs import NO_SUFFIXES, Run
from lmkit.version import __version__

FORMAT_VERSION = 1
LONGEST_HEADER = 100 << 20
DTYPES = {"U8": np.uint8, "I32": np.int32, "I64": np.int64, "F32": np.float32, "F64": np.float64}
DTYPE_NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}

Location = str | os.PathLike[str] | BinaryIO


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A stream to write to; what was written becomes the file when the block ends well, and vanishes when it does not.

    The temporary file lies in the same folder. Devices and pipes are written to directly. DataError if that fails.
    """
    final = Path(path)
    try:
        exists = final.exists()
        if exists and not final.is_file():  # follows links
            with final.open("wb") as stream:
                yield stream
            return
        final = final.resolve()
        temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if exists:
                temporary.chmod(final.stat().st_mode)
            temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DataError(
            f"cannot write {source_name(path)}: {error.strerror or error}.",
            "Check the folder, its permissions and the free space.",
        ) from None


def is_arpa_name(path: object) -> bool:
    """Whether a file name asks for the ARPA format; UsageError for one that asks for a compression lmkit does not write."""
    name = str(path)
    if re.search(r"\.arpa\.(bz2|xz|zst|zip|Z)$", name):
        raise UsageError(f"{name}: ARPA files are written plain (.arpa) or with gzip (.arpa.gz).")
    return name.endswith((".arpa", ".arpa.gz"))


def save(value: NgramModel | NgramCounts, path: Location, *, precision: Precision = "single") -> None:
    """Write a model or counts: ARPA when the name ends in .arpa or .arpa.gz, else safetensors.

    path: a file name or an open binary stream (safetensors). Counts written as ARPA are their maximum-likelihood
    model, in this precision.
    """
    if not isinstance(path, str | os.PathLike):
        write_tensors(value, path)
        return
    arpa = is_arpa_name(path)
    with whole_file(path) as stream:
        if not arpa:
            write_tensors(value, stream)
            return
        model = maximum_likelihood(value, precision=precision) if isinstance(value, NgramCounts) else value
        if str(path).endswith(".gz"):
            with gzip.GzipFile("", "wb", compresslevel=6, fileobj=stream, mtime=0) as compressed:
                write_arpa(model, cast(IO[bytes], compressed))
        else:
            write_arpa(model, stream)


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
    folder = value.run.folder if isinstance(value, NgramCounts) else None
    for name in names:
        stream.write(tensors[name].data)
        if folder is not None:
            folder.release()


def load(path: Location, *, precision: Precision = "single") -> NgramModel | NgramCounts:
    """The model or counts of a file: lmkit's own or ARPA, plain or compressed; "-" is standard input.

    precision: of the values of an ARPA file. DataError for a file that is neither, is damaged or cut short.
    """
    name = source_name(path)
    is_file = isinstance(path, str | os.PathLike) and Path(path).is_file()
    with open_source(path) as source:
        start = read_bytes(source, 9, name)
        if looks_like_safetensors(start):
            mapped = map_file(cast(str, path)) if is_file else None
            if mapped is not None and mapped[:9] == start:  # else it is compressed
                return from_buffer(mapped, name)
            return from_buffer(start + read_bytes(source, -1, name), name)
        if not is_file:
            return read_arpa(cast(BinaryIO, Rejoined(start, source, name)), precision=precision)
    return read_arpa(path, precision=precision)


def map_file(path: str | os.PathLike[str]) -> mmap.mmap:
    """The bytes of a file, mapped."""
    with Path(path).open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def load_model(path: Location, *, precision: Precision = "single") -> NgramModel:
    """The model of a file (see `load`); of counts, the maximum-likelihood model."""
    value = load(path, precision=precision)
    return maximum_likelihood(value) if isinstance(value, NgramCounts) else value


def load_counts(path: Location) -> NgramCounts:
    """The counts of a file (see `load`); DataError if it holds a model that is already smoothed."""
    value = load(path)
    if isinstance(value, NgramModel):
        smoothing = value.details.get("smoothing", "unknown")
        raise DataError(
            f"{source_name(path)} holds a model (smoothing: {smoothing}), and counts are needed.",
            "Counts are what `lmkit ngram train` writes.",
        )
    return value


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
        for k, counts in enumerate(value.counts, start=1):
            tensors[f"counts.{k}"] = counts
            if k > 1:
                tensors[f"suffixes.{k}"] = value.run.suffixes[k - 1]
    else:
        kind = "model"
        fields |= {"details": value.details, "parameters": value.parameters}
        for k, probs in enumerate(value.log10_probs, start=1):
            tensors[f"log10_probs.{k}"] = probs
        for k, backoffs in enumerate(value.log10_backoffs, start=1):
            tensors[f"log10_backoffs.{k}"] = backoffs
    fields = {"format_version": FORMAT_VERSION, "version": __version__, "kind": kind} | fields
    metadata = {"lmkit": json.dumps(fields, ensure_ascii=False)}
    return {name: np.ascontiguousarray(array) for name, array in tensors.items()}, metadata


def from_buffer(data: bytes | mmap.mmap, name: str) -> NgramModel | NgramCounts:
    """The model or counts in the bytes of a safetensors file; arrays stay in the buffer."""
    try:
        tensors, metadata = split_tensors(data)
        if "lmkit" not in metadata:
            raise DataError(
                f"{name}: a safetensors file, but not one of lmkit's.",
                "Models come from `lmkit ngram train` and `lmkit smooth`.",
            )
        fields = json.loads(metadata["lmkit"])
        if fields["format_version"] > FORMAT_VERSION:
            raise DataError(
                f"{name}: written by lmkit {fields['version']}, in a newer format than {__version__} reads.",
                "Upgrade lmkit.",
            )
        value = counts_of(tensors, fields) if fields["kind"] == "counts" else model_of(tensors, fields)
        check_chain(value)
        return value  # noqa: TRY300 (an else would hide that all of this belongs together)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError, UsageError) as error:
        raise DataError(
            f"{name}: the file is damaged or cut short ({error or type(error).__name__}).", "Write it again."
        ) from None


def split_tensors(data: bytes | mmap.mmap) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays (views, no copies) and metadata of a safetensors file. ValueError or KeyError for a malformed one."""
    start = 8 + int.from_bytes(data[:8], "little")
    if start > len(data):
        raise ValueError("the header is incomplete")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    tensors: dict[str, NDArray[Any]] = {}
    for key, entry in header.items():
        dtype = np.dtype(DTYPES[entry["dtype"]])
        first, last = entry["data_offsets"]
        size = (last - first) // dtype.itemsize
        if not 0 <= first <= last <= len(data) - start or [size] != entry["shape"]:
            raise ValueError(f"array {key} is incomplete")
        tensors[key] = np.frombuffer(data, dtype, size, start + first) if size else np.zeros(0, dtype)
    return tensors, metadata


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
    if tuple(vocabulary.words[:FIRST_WORD]) != MARKS or len(vocabulary.ids) != len(vocabulary):
        raise ValueError("the vocabulary is damaged")
    vocabulary.to_arrow().cast("large_string")  # every word must be UTF-8
    return vocabulary


def counts_of(tensors: dict[str, NDArray[Any]], fields: dict[str, Any]) -> NgramCounts:
    """The counts in the arrays and metadata of a file."""
    vocabulary, highest = vocabulary_of(tensors), fields["order"]
    suffixes = (NO_SUFFIXES, *(tensors[f"suffixes.{k}"] for k in range(2, highest + 1)))
    counts = tuple(tensors[f"counts.{k}"] for k in range(1, highest + 1))
    run = Run(orders_of(tensors, highest, len(vocabulary)), suffixes, counts)
    return NgramCounts(
        vocabulary, TextSettings.from_dict(fields["settings"]), fields["cutoff"], fields["fixed_vocabulary"], run
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
    )


def check_chain(value: NgramModel | NgramCounts) -> None:
    """ValueError unless the arrays fit each other and hold what they should: compiled code trusts them."""
    types = len(value.vocabulary)
    for k, order in enumerate(value.orders, start=1):
        check_integers(order.indptr, f"the rows of order {k}", len(order) + 1)
        check_integers(order.indices, f"the words of order {k}", types)
        histories = len(value.orders[k - 2]) if k > 1 else 1
        fits = len(order.indptr) == histories + 1 and order.indptr[0] == 0 and order.indptr[-1] == len(order)
        if not fits or (order.indptr[1:] < order.indptr[:-1]).any():
            raise ValueError(f"the rows of order {k} do not fit")
    if isinstance(value, NgramCounts):
        for k, order in enumerate(value.orders, start=1):  # merging relies on the order of words within a row
            descents = np.flatnonzero(order.indices[1:] <= order.indices[:-1]) + 1
            if not np.isin(descents, order.indptr).all():
                raise ValueError(f"the words of order {k} are not in order")
        for k, (order, counts) in enumerate(zip(value.orders, value.counts, strict=True), start=1):
            check_integers(counts, f"the counts of order {k}", 2**62)
            if len(counts) != len(order):
                raise ValueError(f"the counts of order {k} do not fit")
        for k, suffixes in enumerate(value.run.suffixes[1:], start=2):
            check_integers(suffixes, f"the suffixes of order {k}", len(value.orders[k - 2]))
            if len(suffixes) != len(value.orders[k - 1]):
                raise ValueError(f"the suffixes of order {k} do not fit")
        return
    check_metadata(value.details, value.parameters)
    for name, arrays, largest in (("probabilities", value.log10_probs, 0), ("backoffs", value.log10_backoffs, 100)):
        for k, (order, array) in enumerate(zip(value.orders, arrays, strict=False), start=1):
            # The comparison is false for NaN, too.
            if array.dtype.kind != "f" or len(array) != len(order) or not array.max(initial=-np.inf) <= largest:
                raise ValueError(f"the {name} of order {k} are damaged")


def check_integers(array: NDArray[Any], name: str, limit: int) -> None:
    """ValueError unless the array holds integers from 0 to below the limit."""
    signed = array.dtype in (np.int32, np.int64)
    if not signed or (len(array) and not 0 <= int(array.min()) <= int(array.max()) < limit):
        raise ValueError(f"{name} are damaged")


def save_matrix(path: str | os.PathLike[str] | BinaryIO, matrix: Any, words: Vocabulary) -> None:
    """Write a CSR matrix as `scipy.sparse.load_npz` opens it, with its words in the same file.

    words: UTF-8 bytes `words` and where each begins and ends, `word_offsets`.
    """
    arrays = {
        "format": np.array(b"csr"),
        "shape": np.array(matrix.shape, np.int64),
        "data": matrix.data,
        "indices": matrix.indices,
        "indptr": matrix.indptr,
        "_is_array": np.array(True),
        "words": words.utf8,
        "word_offsets": words.offsets,
    }
    if not isinstance(path, str | os.PathLike):
        np.savez(path, allow_pickle=False, **arrays)
        return
    with whole_file(path) as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def load_matrix(path: str | os.PathLike[str]) -> tuple[Any, list[str]]:
    """The CSR matrix and the words of a file written by `save_matrix`."""
    from scipy.sparse import csr_array

    with np.load(path, allow_pickle=False) as file:
        matrix = csr_array((file["data"], file["indices"], file["indptr"]), shape=tuple(file["shape"]))
        words = Vocabulary(file["words"], file["word_offsets"]).words
    return matrix, [word.decode() for word in words]
