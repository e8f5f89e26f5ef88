"""Opening files: models, counts and word vectors, lmkit's own and those of other tools, told by their first bytes.

Models are mapped into memory: opening one reads it once, to check it, and holds the vocabulary. A recipe is opened with all its models, but
where no mixture is of use: there it is refused as it stands.
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
from lmkit.engine.files.mapped import Buffer, bytes_of_file
from lmkit.engine.files.output_formats import suffixes
from lmkit.engine.files.own_files import kind_of
from lmkit.engine.files.tensors import looks_like_safetensors
from lmkit.engine.shards.manifest import SHARD_KINDS
from lmkit.engine.shards.places import is_folder_of_shards
from lmkit.engine.shards.reading import joined
from lmkit.errors import DataError
from lmkit.families import FAMILIES, KENLM, other_family
from lmkit.neural.files import CHECKPOINT
from lmkit.neural.model import NeuralModel
from lmkit.ngrams.backoff.endless import warn_if_endless, warn_of_endless
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.recounting import counts_in
from lmkit.ngrams.values.protocol import Precision
from lmkit.ngrams.within import AroundNgrams, ngrams_in
from lmkit.recipes.files import KIND as RECIPE
from lmkit.recipes.opening import opened_mixture
from lmkit.recipes.recipe import Recipe
from lmkit.scoring.explaining.explanation import Explaining
from lmkit.scoring.protocol import Model, Predictive
from lmkit.smoothing.spelling import BUILT_IN, spell_unknown
from lmkit.text.reading import EncodingErrors
from lmkit.text.sources.names import Place, is_file, source_name
from lmkit.text.sources.opening import HEAD_BYTES, Rejoined, head_of, open_source, read_bytes
from lmkit.text.sources.recognition import is_recipe, looks_like_model, refuse_no_model
from lmkit.text.sources.whole_models import read_whole_model
from lmkit.vectors.files.foreign import ForeignVectors
from lmkit.vectors.files.own import KIND as VECTORS
from lmkit.vectors.files.own import read_own_vectors
from lmkit.vectors.files.recognition import form_of_vectors, refuse_no_vectors
from lmkit.vectors.word_vectors import WordVectors
from lmkit.version import __version__


def load(path: Place, *, precision: Precision | None = None, unknown_word: str | None = None) -> Any:
    """What a file, or a folder of shards, holds, counts, a model or word vectors: lmkit's own, ARPA, KenLM's, or vectors of other tools, plain or compressed; of a recipe, the mixture of its models. "-" is standard input.

    precision: that its values are turned to (default: as they are stored; those of another tool's ARPA file single).
    unknown_word: the word that stands for unknown ones in another tool's ARPA file, if that is not <unk> or <UNK>.
    DataError for a file that is none of these, is damaged or cut short, and for a recipe whose models are not what they were.
    """
    return load_and_form(path, precision=precision, unknown_word=unknown_word)[0]


def load_and_form(
    path: Place,
    *,
    precision: Precision | None = None,
    unknown_word: str | None = None,
    encoding_errors: EncodingErrors = None,
    wanted: Callable[[Any, Place], Model] | None = None,
) -> tuple[Any, str]:
    """What a file holds (see `load`; encoding_errors: see `load_vectors`), and the form of the file in words.

    wanted: takes the models of a recipe, with the files that they are from, and refuses those that are of no use (default: `scoring`).
    """
    value, form = unopened_and_form(
        path, precision=precision, unknown_word=unknown_word, encoding_errors=encoding_errors
    )
    if not isinstance(value, Recipe):
        return value, form

    def read(place: Path) -> Model | Recipe:
        part = load_unopened(place, precision=precision, unknown_word=unknown_word)
        return part if isinstance(part, Recipe) else (wanted or scoring)(part, place)

    return opened_mixture(value, read), form


def load_unopened(path: Place, *, precision: Precision | None = None, unknown_word: str | None = None) -> Any:
    """What a file holds (see `load`), a recipe as it stands."""
    return unopened_and_form(path, precision=precision, unknown_word=unknown_word)[0]


def unopened_and_form(
    path: Place,
    *,
    precision: Precision | None = None,
    unknown_word: str | None = None,
    encoding_errors: EncodingErrors = None,
) -> tuple[Any, str]:
    """The same, and the form of the file in words (encoding_errors: see `load_vectors`)."""
    with opened(path) as content:
        if isinstance(content, bytes | mmap.mmap):
            name = source_name(path)
            kind = kind_in(content, name)
            if kind not in FAMILIES:
                raise unknown_kind(name, kind)
            form = FAMILIES[kind].form
            value = in_precision(FAMILIES[kind].read(content, name), precision)
            if isinstance(value, Recipe) and isinstance(path, str | os.PathLike) and is_file(path):
                value = replace(value, place=Path(path))
        elif isinstance(content, ForeignVectors):
            value, form = content.read(encoding_errors), content.form
        else:
            from lmkit.arpa.reading import read_arpa

            value, form = read_arpa(content, precision=precision, unknown_word=unknown_word), "ARPA"
    if isinstance(ngrams := ngrams_in(value), NgramModel):
        warn_if_endless(ngrams, source_name(path))
    elif isinstance(value, HashedModel) and not value.can_end:
        warn_of_endless(source_name(path))
    return value, form


def kind_in(content: bytes | mmap.mmap, name: str) -> str:
    """What the bytes of a file that is no text hold: a key of `FAMILIES`, or what another lmkit calls it."""
    start = content[:HEAD_BYTES]
    return KENLM if looks_like_kenlm(start) else RECIPE if is_recipe(start) else kind_of(content, name)


def unknown_kind(name: str, kind: str) -> DataError:
    """The error for a file of lmkit's that holds nothing of the `FAMILIES`."""
    if kind == CHECKPOINT:
        return DataError(
            f"{name} holds {kind}, which is no model yet.", "Finish it: `lmkit neural train` as before, with --resume."
        )
    if kind in SHARD_KINDS:
        return DataError(f"{name} is a part of a model, which lies in a folder of shards.", "Name the folder.")
    return DataError(f"{name} holds {kind}, and lmkit {__version__} does not know that.", "Upgrade lmkit.")


@contextmanager
def opened(
    path: Place, refuse: Callable[[bytes, str], None] = refuse_no_model
) -> Iterator[bytes | mmap.mmap | ForeignVectors | Place]:
    """What a file of a model, or a folder of shards, holds: its bytes, mapped where they can be, if it is lmkit's own, a recipe, or KenLM's; else a source to read.

    refuse: raises DataError if a file that begins with these bytes is of a known kind that is none of these, and no text.
    """
    name = source_name(path)
    if is_folder_of_shards(path):
        yield joined(cast(str, path))
        return
    in_file = isinstance(path, str | os.PathLike) and is_file(path)
    with open_source(path) as source:
        start = read_bytes(source, HEAD_BYTES, name)
        if looks_like_safetensors(start) or looks_like_kenlm(start) or is_recipe(start):
            mapped = bytes_of_file(cast(str, path)) if in_file else None
            is_plain = mapped is not None and mapped[: len(start)] == start  # else it is compressed
            yield cast(Buffer, mapped) if is_plain else read_whole_model(source, start, name)
            return
        form = form_of_vectors(start)
        if form is None:
            refuse(start, name)
        rest = cast(Place, path if in_file else Rejoined(start, source, name))
        yield rest if form is None else ForeignVectors(rest, form)


def in_precision(value: Any, precision: Precision | None) -> Any:
    """An n-gram model, be it within another one, with its values in this precision (None: as they are); nothing else has one."""
    if isinstance(value, AroundNgrams):
        return value.with_inner(in_precision(value.inner, precision))
    if precision is None or not isinstance(value, NgramModel) or value.precision == precision:
        return value
    details = value.details | {"precision": precision}
    return replace(value, details=details, values=value.values.in_precision(precision))


def load_model(path: Place, *, precision: Precision | None = None) -> NgramModel:
    """The n-gram model of a file (see `load`); of counts, the maximum-likelihood model. DataError for other families."""
    value = load_unopened(path, precision=precision)
    if not isinstance(value, NgramModel | NgramCounts):
        raise other_family(source_name(path), value, "an n-gram model is needed")
    return ngram_model(value, "loaded")


def load_scoring(path: Place, unknown_word: str | None = None) -> Model:
    """The model of a file (see `load`), of any family that gives texts probabilities. DataError for other families."""
    return scoring(load(path, unknown_word=unknown_word), path)


def scoring(value: Any, path: Place) -> Model:
    """A value as a model that gives texts probabilities. path: that it is from. DataError for other families."""
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
        raise DataError(f"{name} {source_name(speller)}: {error.message}", error.remedy) from None


def load_predicting(path: Place) -> Model:
    """The model of a file (see `load`), of any family that can say which words come next. DataError for other families, also in a recipe."""
    return predicting(load_and_form(path, wanted=predicting)[0], path)


def predicting(value: Any, path: Place) -> Model:
    """A value as a model that can say which words come next. path: that it is from. DataError for other families."""
    model = scoring(value, path)
    if not isinstance(model, Predictive):
        raise other_family(source_name(path), model, "a model that can say which word comes next is needed")
    return model


def load_neural(path: Place) -> NeuralModel:
    """The neural model of a file (see `load`). DataError for other families."""
    value = load_unopened(path)
    if not isinstance(value, NeuralModel):
        raise other_family(source_name(path), value, "a neural model is needed", "Train one: lmkit neural train.")
    return value


def load_explained(path: Place) -> Any:
    """The counts or the model of a file, of n-grams, or of any family whose models explain themselves (see `load`). DataError for others."""
    value = load(path)
    if not isinstance(value, NgramModel | NgramCounts | Explaining):
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
            remedy = FAMILIES[kind].vectors_remedy if kind in FAMILIES else ""
            raise other_family(name, kind, "word vectors are needed", remedy)
        return read_own_vectors(data, name), FAMILIES[kind].form


def load_counts(path: Place) -> NgramCounts:
    """The counts of a file (see `load`), also of a model that is kept as counts. DataError if it holds none."""
    value = load_unopened(path)
    if isinstance(value, NgramModel):
        return counts_in(value, source_name(path))
    if not isinstance(value, NgramCounts):
        raise other_family(source_name(path), value, "n-gram counts are needed")
    return value


def holds_model(path: str | os.PathLike[str]) -> bool:
    """Whether a file is one of a model or counts, by its name or its first bytes. Pipes are not looked into."""
    name = source_name(path)
    if name.lower().endswith(tuple(suffixes("model", "recipe"))) or is_folder_of_shards(path):
        return True
    return looks_like_model(head_of(path))
