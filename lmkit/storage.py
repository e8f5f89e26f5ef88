"""Files: models and counts as safetensors or ARPA, matrices as SciPy .npz. Outputs appear whole or not at all.

Models are mapped into memory: opening one reads it once, to check it, and holds the vocabulary.
"""

import mmap
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from lmkit.engine.output_formats import checked_output, formats_by_suffix
from lmkit.engine.tensors import looks_like_safetensors
from lmkit.errors import DataError, ModelWarning, UsageError
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.files.schema import from_buffer, kind_of, write_compact, write_value
from lmkit.ngrams.recounting import counts_in, holds_counts
from lmkit.ngrams.values.protocol import Precision
from lmkit.scoring.protocol import Model
from lmkit.smoothing.methods.maximum_likelihood import maximum_likelihood
from lmkit.text.sources.names import is_file, source_name
from lmkit.text.sources.opening import HEAD_BYTES, Rejoined, open_source, read_bytes
from lmkit.text.sources.recognition import looks_like_model, refuse_no_model
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, MARKS
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
    write_compact: Callable[[Any, BinaryIO], None] | None = None  # in fewer bytes; None: there is no such form


FAMILIES = {  # by the kind that stands in the file; another family is another row
    "counts": Family("n-gram counts", NgramCounts, from_buffer, write_value, write_compact),
    "model": Family("an n-gram model", NgramModel, from_buffer, write_value, write_compact),
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


def save(value: Any, path: Location, *, precision: Precision = "single", compact: bool = False) -> None:
    """Write a model or counts, of a family that `FAMILIES` has: ARPA when the name ends in .arpa or .arpa.gz, else safetensors.

    path: a file name, whose suffix, if it has one, says the format (UsageError for others), or an open binary stream
    (safetensors). Counts written as ARPA are their maximum-likelihood model, in this precision. compact: in a seventh of the bytes,
    without loss, which takes memory and a second or so at every opening.
    """
    if not isinstance(path, str | os.PathLike):
        write_own(value, path, compact=compact)
        return
    output = checked_output(path, "model")
    if compact:
        check_compact(output.suffix)
    family_of(value)  # refuses what is not kept in files
    output.write(as_written(value, output.suffix, precision), compact=compact)


def check_compact(suffix: str) -> None:
    """UsageError if a file with this suffix has no compact form."""
    if suffix in ARPA:
        raise UsageError(
            f"a compact file is one of lmkit's own, and {suffix} is text.", "End the name in .safetensors."
        )


def as_written(value: Any, suffix: str, precision: Precision = "single") -> Any:
    """What a file with this suffix holds of a model or counts: of counts, ARPA holds their maximum-likelihood model."""
    if isinstance(value, NgramCounts) and suffix in ARPA:
        return maximum_likelihood(value, precision=precision)
    return value


def write_model(value: Any, stream: BinaryIO, suffix: str, *, compact: bool = False) -> None:
    """Write a model or counts into a stream, as the suffix says."""
    value = as_written(value, suffix)
    if suffix in ARPA:
        from lmkit.arpa.writing import write_arpa

        write_arpa(ngram_model(value, "written as ARPA"), stream, compressed=suffix == ARPA[1])
    else:
        write_own(value, stream, compact=compact)


def write_own(value: Any, stream: BinaryIO, *, compact: bool) -> None:
    """Write a model or counts in lmkit's own format. UsageError for a compact file of a family without that form."""
    family = family_of(value)
    if compact and family.write_compact is None:
        raise UsageError(f"there are no compact files of {family.title}.")
    (family.write_compact if compact and family.write_compact else family.write)(value, stream)


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
            from lmkit.arpa.reading import read_arpa

            value = read_arpa(content, precision=precision)
    if isinstance(value, NgramModel):
        warn_if_endless(value, source_name(path))
    return value


def warn_if_endless(model: NgramModel, name: str) -> None:
    """ModelWarning if every text has probability 0, because no sentence can end."""
    of_words = model.values.word_log10_probs
    if np.isfinite(of_words[EOS]) or any((order.indices == EOS).any() for order in model.orders[1:]):
        return
    others = [word.decode() for word in model.vocabulary.words[FIRST_WORD:] if word.lower() in (MARKS[BOS], MARKS[EOS])]
    if not np.isfinite(of_words).any():
        problem, remedy = "it has no n-grams", "Fetch or write it again."
    elif others:
        missing = " and ".join(dict.fromkeys(word.lower() for word in others))
        problem = f"{missing} are not among the 1-grams (the file has {' and '.join(others)})"
        remedy = "Write the marks of sentences as <s> and </s> in the file."
    else:
        problem = "</s> is not among the 1-grams, or has probability 0"
        remedy = "Make the model from text whose sentences have an end."
    message = f"{name}: {problem}: no sentence can end, and every text has probability 0.\n{remedy}"
    warnings.warn(message, ModelWarning, stacklevel=3)


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
    details = value.details | {"precision": precision}
    return replace(value, details=details, values=value.values.in_precision(precision))


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


def load_history(path: Location) -> Any:
    """What tells how frequent histories are: the counts in a file, also those of a model, or another model (see `load`)."""
    value = load(path)
    return counts_in(value, source_name(path)) if isinstance(value, NgramModel) and holds_counts(value) else value


def other_family(name: str, found: str, needed: str) -> DataError:
    """The error for a file of another family than what is needed. found: a value's title, or the kind of a file."""
    return DataError(f"{name} holds {FAMILIES[found].title if found in FAMILIES else found}, and {needed}.")


def load_counts(path: Location) -> NgramCounts:
    """The counts of a file (see `load`), also of a model that is kept as counts. DataError if it holds none."""
    value = load(path)
    if isinstance(value, NgramModel):
        return counts_in(value, source_name(path))
    if not isinstance(value, NgramCounts):
        raise other_family(source_name(path), family_of(value).title, "n-gram counts are needed")
    return value


def holds_model(path: str | os.PathLike[str]) -> bool:
    """Whether a file is one of a model or counts, by its name or its first bytes. Pipes are not looked into."""
    name = source_name(path)
    if name.lower().endswith(tuple(formats_by_suffix("model"))):
        return True
    if not is_file(path):
        return False
    with open_source(path) as source:
        return looks_like_model(read_bytes(source, HEAD_BYTES, name))
