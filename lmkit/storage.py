"""Opening files: models, counts and word vectors, lmkit's own and those of other tools, told by their first bytes.

Models are mapped into memory: opening one reads it once, to check it, and holds the vocabulary.
"""

import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lmkit.binary.hashed import HashedModel
from lmkit.binary.header import looks_like_kenlm
from lmkit.engine.files.output_formats import formats_by_suffix
from lmkit.engine.files.own_files import kind_of
from lmkit.engine.files.tensors import looks_like_safetensors
from lmkit.errors import DataError
from lmkit.families import FAMILIES, KENLM, other_family
from lmkit.ngrams.backoff.endless import warn_if_endless, warn_of_endless
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.recounting import counts_in, holds_counts
from lmkit.ngrams.values.protocol import Precision
from lmkit.scoring.protocol import Model, Predictive
from lmkit.smoothing.spelling import BUILT_IN, spell_unknown
from lmkit.text.reading import EncodingErrors
from lmkit.text.sources.names import Place, is_file, source_name
from lmkit.text.sources.opening import HEAD_BYTES, Rejoined, open_source, read_bytes
from lmkit.text.sources.recognition import looks_like_model, refuse_no_model
from lmkit.vectors.files.foreign import ForeignVectors
from lmkit.vectors.files.own import KIND as VECTORS
from lmkit.vectors.files.own import read_own_vectors
from lmkit.vectors.files.recognition import MODELS, form_of_vectors, refuse_no_vectors
from lmkit.vectors.word_vectors import WordVectors
from lmkit.version import __version__


def load(path: Place, *, precision: Precision | None = None, unknown_word: str | None = None) -> Any:
    """What a file holds, counts, a model or word vectors: lmkit's own, ARPA, or vectors of other tools, plain or compressed; "-" is standard input.

    precision: that its values are turned to (default: as they are stored; those of another tool's ARPA file single).
    unknown_word: the word that stands for unknown ones in another tool's ARPA file, if that is not <unk> or <UNK>.
    DataError for a file that is neither, is damaged or cut short.
    """
    with opened(path) as content:
        if isinstance(content, bytes | mmap.mmap):
            name = source_name(path)
            kind = kind_in(content, name)
            if kind not in FAMILIES:
                raise DataError(f"{name} holds {kind}, and lmkit {__version__} does not know that.")
            value = in_precision(FAMILIES[kind].read(content, name), precision)
        elif isinstance(content, ForeignVectors):
            value = content.read()
        else:
            from lmkit.arpa.reading import read_arpa

            value = read_arpa(content, precision=precision, unknown_word=unknown_word)
    if isinstance(value, NgramModel):
        warn_if_endless(value, source_name(path))
    elif isinstance(value, HashedModel) and not value.can_end:
        warn_of_endless(source_name(path))
    return value


def kind_in(content: bytes | mmap.mmap, name: str) -> str:
    """What the bytes of a file that is no text hold: a key of `FAMILIES`, or what another lmkit calls it."""
    return KENLM if looks_like_kenlm(content[:HEAD_BYTES]) else kind_of(content, name)


@contextmanager
def opened(
    path: Place, refuse: Callable[[bytes, str], None] = refuse_no_model
) -> Iterator[bytes | mmap.mmap | ForeignVectors | Place]:
    """What a file of a model holds: its bytes, mapped where they can be, if it is lmkit's own or KenLM's; else a source to read.

    refuse: raises DataError if a file that begins with these bytes is of a known kind that is none of these, and no text.
    """
    name = source_name(path)
    in_file = isinstance(path, str | os.PathLike) and is_file(path)
    with open_source(path) as source:
        start = read_bytes(source, HEAD_BYTES, name)
        if looks_like_safetensors(start) or looks_like_kenlm(start):
            mapped = map_file(cast(str, path)) if in_file else None
            is_plain = mapped is not None and mapped[: len(start)] == start  # else it is compressed
            yield cast(mmap.mmap, mapped) if is_plain else start + read_bytes(source, -1, name)
            return
        form = form_of_vectors(start)
        if form is None:
            refuse(start, name)
        rest = cast(Place, path if in_file else Rejoined(start, source, name))
        yield rest if form is None else ForeignVectors(rest, form)


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


def load_model(path: Place, *, precision: Precision | None = None) -> NgramModel:
    """The n-gram model of a file (see `load`); of counts, the maximum-likelihood model. DataError for other families."""
    value = load(path, precision=precision)
    if not isinstance(value, NgramModel | NgramCounts):
        raise other_family(source_name(path), value, "an n-gram model is needed")
    return ngram_model(value, "loaded")


def load_scoring(path: Place, unknown_word: str | None = None) -> Model:
    """The model of a file (see `load`), of any family that gives texts probabilities. DataError for other families."""
    value = load(path, unknown_word=unknown_word)
    if not hasattr(value, "scorer"):
        raise other_family(source_name(path), value, "a model that gives texts probabilities is needed")
    model: Model = value
    return model


def load_spelled(model: Model, speller: Place | None, name: str = "") -> Model:
    """The model, charged the letters of unknown words by a speller: the name of the built-in one, or a file; None: the model as it is.

    name: of the option that named the speller, for what goes wrong. DataError for what cannot spell (see `spell_unknown`).
    """
    if speller is None:
        return model
    try:
        return spell_unknown(model, None if speller == BUILT_IN else load_scoring(speller))
    except DataError as error:
        raise DataError(f"{name} {source_name(speller)}: {error}") from None


def load_predicting(path: Place) -> Model:
    """The model of a file (see `load`), of any family that can say which words come next. DataError for other families."""
    model = load_scoring(path)
    if not isinstance(model, Predictive):
        raise other_family(source_name(path), model, "a model that can say which word comes next is needed")
    return model


def load_listed(
    path: Place, *, precision: Precision | None = None, unknown_word: str | None = None
) -> NgramModel | NgramCounts:
    """The counts or the n-gram model of a file (see `load`). DataError for other families."""
    value = load(path, precision=precision, unknown_word=unknown_word)
    if not isinstance(value, NgramModel | NgramCounts):
        raise other_family(source_name(path), value, "n-gram counts or a model are needed")
    return value


def load_knowing(path: Place) -> Any:
    """The counts or the model of a file, of any family that gives texts probabilities (see `load`). DataError for other families."""
    value = load(path)
    if not isinstance(value, NgramCounts) and not hasattr(value, "scorer"):
        raise other_family(source_name(path), value, "counts or a model are needed")
    return value


def load_vectors(path: Place, *, encoding_errors: EncodingErrors = None) -> WordVectors:
    """The word vectors of a file: lmkit's own, word2vec's text or binary, GloVe's, fastText's .vec; plain or compressed; "-" is standard input.

    encoding_errors: what is done with words that are no UTF-8 in files of other tools: "replace" puts U+FFFD there. DataError for files
    of other families, and for what is damaged or cut short.
    """
    return load_vectors_and_form(path, encoding_errors)[0]


def load_vectors_and_form(path: Place, encoding_errors: EncodingErrors = None) -> tuple[WordVectors, str]:
    """The word vectors of a file (see `load_vectors`), and the form of the file in words."""
    name = source_name(path)
    with opened(path, refuse_no_vectors) as content:
        if isinstance(content, ForeignVectors):
            return content.read(encoding_errors), content.form
        data = cast(bytes | mmap.mmap, content)  # all else was refused
        kind = kind_in(data, name)
        if kind != VECTORS:
            raise other_family(name, kind, "word vectors are needed", "" if kind == KENLM else MODELS)
        return read_own_vectors(data, name), "safetensors"


def load_history(path: Place) -> NgramModel | NgramCounts:
    """What tells how frequent histories are: the counts in a file, also those of a model, or an n-gram model (see `load_listed`)."""
    value = load_listed(path)
    return counts_in(value, source_name(path)) if isinstance(value, NgramModel) and holds_counts(value) else value


def load_counts(path: Place) -> NgramCounts:
    """The counts of a file (see `load`), also of a model that is kept as counts. DataError if it holds none."""
    value = load(path)
    if isinstance(value, NgramModel):
        return counts_in(value, source_name(path))
    if not isinstance(value, NgramCounts):
        raise other_family(source_name(path), value, "n-gram counts are needed")
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
