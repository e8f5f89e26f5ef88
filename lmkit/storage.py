"""Files: models and counts as safetensors or ARPA, matrices as SciPy .npz. Outputs appear whole or not at all.

Models are mapped into memory: opening one reads it once, to check it, and holds the vocabulary.
"""

import mmap
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from lmkit.engine.output_formats import checked_output
from lmkit.engine.scratch import Scratch
from lmkit.engine.tensors import looks_like_safetensors
from lmkit.errors import DataError
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.model import NgramModel, Precision, float_dtype
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.files.arpa_reading import read_arpa
from lmkit.ngrams.files.arpa_writing import write_arpa
from lmkit.ngrams.files.schema import from_buffer, kind_of, write_value
from lmkit.ngrams.files.trust import warn_if_endless
from lmkit.ngrams.smoothing.additive import maximum_likelihood
from lmkit.scoring.protocol import Model
from lmkit.text.sources.names import is_file, source_name
from lmkit.text.sources.opening import HEAD_BYTES, Rejoined, open_source, read_bytes
from lmkit.text.sources.recognition import refuse_no_model
from lmkit.text.vocabulary import Vocabulary
from lmkit.version import __version__

Location = str | os.PathLike[str] | BinaryIO
ARPA = (".arpa", ".arpa.gz")


@dataclass(frozen=True)
class Family:
    """What files of one kind hold."""

    title: str  # in messages: "x holds …"
    type: type  # of the values in memory
    read: Callable[[bytes | mmap.mmap, str], Any]  # the bytes of a file of lmkit's own, and its name
    write: Callable[[Any, BinaryIO], None]


FAMILIES = {  # by the kind that stands in the file; another family is another row
    "counts": Family("n-gram counts", NgramCounts, from_buffer, write_value),
    "model": Family("an n-gram model", NgramModel, from_buffer, write_value),
}


def family_of(value: Any) -> Family:
    """The family of a value. DataError for what is not kept in files, such as a mixture."""
    for family in FAMILIES.values():
        if isinstance(value, family.type):
            return family
    raise DataError(
        f"{getattr(value, 'method', type(value).__name__)} models are not written to files.",
        "A mixture of n-gram models can be built into one first: `lmkit ngram mix`.",
    )


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


def save(value: Any, path: Location, *, precision: Precision = "single") -> None:
    """Write a model or counts, of a family that `FAMILIES` has: ARPA when the name ends in .arpa or .arpa.gz, else safetensors.

    path: a file name, whose suffix, if it has one, says the format (UsageError for others), or an open binary stream
    (safetensors). Counts written as ARPA are their maximum-likelihood model, in this precision.
    """
    if not isinstance(path, str | os.PathLike):
        family_of(value).write(value, path)
        return
    output = checked_output(path, "model")
    family_of(value)  # refuses what is not kept in files
    output.write(as_written(value, output.suffix, precision))


def as_written(value: Any, suffix: str, precision: Precision = "single") -> Any:
    """What a file with this suffix holds of a model or counts: of counts, ARPA holds their maximum-likelihood model."""
    if isinstance(value, NgramCounts) and suffix in ARPA:
        return maximum_likelihood(value, precision=precision)
    return value


def write_model(value: Any, stream: BinaryIO, suffix: str) -> None:
    """Write a model or counts into a stream, as the suffix says."""
    value = as_written(value, suffix)
    if suffix in ARPA:
        write_arpa(ngram_model(value, "written as ARPA"), stream, compressed=suffix == ARPA[1])
    else:
        family_of(value).write(value, stream)


def load(path: Location, *, precision: Precision | None = None) -> Any:
    """What a file holds, counts or a model: lmkit's own or ARPA, plain or compressed; "-" is standard input.

    precision: that its values are turned to (default: as they are stored; those of another tool's ARPA file single).
    DataError for a file that is neither, is damaged or cut short.
    """
    with opened(path) as content:
        if isinstance(content, bytes | mmap.mmap):
            name = source_name(path)
            kind = kind_of(content, name)
            if kind not in FAMILIES:
                raise other_family(name, kind, f"lmkit {__version__} does not know that")
            value = in_precision(FAMILIES[kind].read(content, name), precision)
        else:
            value = read_arpa(content, precision=precision)
    if isinstance(value, NgramModel):
        warn_if_endless(value, source_name(path))
    return value


@contextmanager
def opened(path: Location) -> Iterator[bytes | mmap.mmap | Location]:
    """What a file of a model holds: the bytes of lmkit's own format, mapped where they can be; else a source to read.

    DataError for a file of a known kind that is neither lmkit's own nor text.
    """
    name = source_name(path)
    in_file = isinstance(path, str | os.PathLike) and is_file(path)
    with open_source(path) as source:
        start = read_bytes(source, HEAD_BYTES, name)
        if looks_like_safetensors(start):
            mapped = map_file(cast(str, path)) if in_file else None
            is_plain = mapped is not None and mapped[: len(start)] == start  # else it is compressed
            yield cast(mmap.mmap, mapped) if is_plain else start + read_bytes(source, -1, name)
            return
        refuse_no_model(start, name)
        if in_file:
            yield path
        else:
            yield cast(BinaryIO, Rejoined(start, source, name))


def in_precision(value: Any, precision: Precision | None) -> Any:
    """An n-gram model with its values in this precision (None: as they are); nothing else has one."""
    if precision is None or not isinstance(value, NgramModel) or value.precision == precision:
        return value
    dtype = float_dtype(precision)
    return replace(
        value,
        details=value.details | {"precision": precision},
        log10_probs=tuple(values.astype(dtype) for values in value.log10_probs),
        log10_backoffs=tuple(values.astype(dtype) for values in value.log10_backoffs),
    )


def map_file(path: str | os.PathLike[str]) -> mmap.mmap:
    """The bytes of a file, mapped."""
    with Path(path).open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def load_model(path: Location, *, precision: Precision | None = None) -> NgramModel:
    """The n-gram model of a file (see `load`); of counts, the maximum-likelihood model. DataError for other families."""
    value = load(path, precision=precision)
    if not isinstance(value, NgramModel | NgramCounts):
        raise other_family(source_name(path), family_of(value).title, "an n-gram model is needed")
    return ngram_model(value, "loaded")


def load_scoring(path: Location) -> Model:
    """The model of a file (see `load`), of any family that gives texts probabilities. DataError for other families."""
    value = load(path)
    if not hasattr(value, "scorer"):
        raise other_family(
            source_name(path), family_of(value).title, "a model that gives texts probabilities is needed"
        )
    model: Model = value
    return model


def other_family(name: str, found: str, needed: str) -> DataError:
    """The error for a file of another family than what is needed. found: a value's title, or the kind of a file."""
    return DataError(f"{name} holds {FAMILIES[found].title if found in FAMILIES else found}, and {needed}.")


def load_counts(path: Location) -> NgramCounts:
    """The counts of a file (see `load`); DataError if it holds a model that is already smoothed."""
    value = load(path)
    if isinstance(value, NgramModel):
        raise DataError(
            f"{source_name(path)} holds a model (smoothing: {value.smoothing}), and counts are needed.",
            "Counts are what `lmkit ngram train` writes.",
        )
    if not isinstance(value, NgramCounts):
        raise other_family(source_name(path), family_of(value).title, "n-gram counts are needed")
    return value


class Releasing:
    """A stream that has memory given back after each write."""

    def __init__(self, stream: BinaryIO, scratch: Scratch) -> None:
        self._stream, self._scratch = stream, scratch

    def write(self, data: Any) -> int:
        """Write the data."""
        written = self._stream.write(data)
        self._scratch.release()
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@dataclass(frozen=True, eq=False)
class NamedMatrix:
    """A CSR matrix and the words on its axes. scratch: where it is, if that gives memory back."""

    matrix: Any
    words: Vocabulary
    scratch: Scratch | None = None


def save_matrix(
    path: str | os.PathLike[str] | BinaryIO, matrix: Any, words: Vocabulary, scratch: Scratch | None = None
) -> None:
    """Write a CSR matrix as `scipy.sparse.load_npz` opens it, with its words in the same file.

    path: a file name that ends in .npz, if it has a suffix (UsageError for others), or an open binary stream.
    scratch: where the matrix is, if that gives memory back.
    """
    named = NamedMatrix(matrix, words, scratch)
    if isinstance(path, str | os.PathLike):
        checked_output(path, "matrix").write(named)
    else:
        write_matrix(named, path)


def write_matrix(named: NamedMatrix, stream: BinaryIO, _suffix: str = ".npz") -> None:
    """Write a matrix and its words into a stream: UTF-8 bytes `words`, and where each begins and ends, `word_offsets`."""
    matrix, words = named.matrix, named.words
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
    target = Releasing(stream, named.scratch) if named.scratch else stream
    np.savez(cast(BinaryIO, target), allow_pickle=False, **arrays)


def load_matrix(path: str | os.PathLike[str]) -> tuple[Any, list[str]]:
    """The CSR matrix and the words of a file written by `save_matrix`."""
    from scipy.sparse import csr_array

    try:
        with np.load(path, allow_pickle=False) as file:
            matrix = csr_array((file["data"], file["indices"], file["indptr"]), shape=tuple(file["shape"]))
            words = Vocabulary(file["words"], file["word_offsets"]).words
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{source_name(path)} is not a matrix that lmkit wrote: {error}.") from None
    return matrix, [word.decode() for word in words]
