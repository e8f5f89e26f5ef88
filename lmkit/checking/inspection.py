"""What a file of a model or of counts holds, damaged or not, with all problems of its structure."""

import mmap
import os
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from lmkit.arpa.frame import is_closed
from lmkit.arpa.grammar import read_lenient
from lmkit.checking.counts import check_counts_add_up
from lmkit.checking.values import ListedModel, check_listed, check_suffixes
from lmkit.classes.model import ClassModel
from lmkit.engine.arrays import IndexArray
from lmkit.engine.shards.reading import ShardsError
from lmkit.errors import DataError
from lmkit.families import FAMILIES, other_family
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.listed import chain_of, complete, suffix_entries
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.files.schema import KINDS, from_buffer
from lmkit.ngrams.files.trust import failures, structure_checks, value_checks
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.ngrams.values.protocol import precision_of
from lmkit.ngrams.values.stored import LARGEST_BACKOFF
from lmkit.ngrams.within import ngrams_in
from lmkit.problems import Problems
from lmkit.storage import kind_in, opened
from lmkit.text.settings import has_marks
from lmkit.text.sources.names import Place, source_name
from lmkit.text.vocabulary import BOS, EOS, MARKS, UNK
from lmkit.vectors.files.foreign import ForeignVectors
from lmkit.vectors.files.own import KIND as VECTORS

Format = Literal["arpa", "model", "counts"]


@dataclass(frozen=True, eq=False)
class Inspection:
    """A model or counts, as far as they can be read, and what is wrong with them."""

    source: str
    format: Format  # an ARPA file, or a model or counts of lmkit's own
    order: int
    ngrams: dict[int, int]  # n-grams in the file
    origin: Origin
    problems: Problems
    listed: ListedModel | None = None  # of a model that can be used
    model: NgramModel | None = None  # itself, if it is lmkit's own
    suffixes: list[IndexArray] = field(default_factory=list)  # of its n-grams, which are complete
    around: ClassModel | None = None  # the class model, or class counts, whose n-grams of classes these are


def inspect(value: Place | NgramModel | NgramCounts | ClassModel) -> Inspection:
    """What a file holds; also of models and counts in memory; of class models, their n-grams. DataError for a file that is neither."""
    if isinstance(value, NgramModel | NgramCounts | ClassModel):
        return inspect_around(value, "<memory>", Problems())
    if not isinstance(value, str | os.PathLike) and not hasattr(value, "read"):
        ngram_model(value, "checked")  # refuses it
    name = source_name(value)
    problems = Problems()
    try:
        return inspect_opened(value, name, problems)
    except ShardsError as error:
        for fault in error.faults:
            problems.add("error", "damaged", fault)
        return Inspection(name, "model", 0, {}, Origin({}), problems)


def inspect_opened(value: Place, name: str, problems: Problems) -> Inspection:
    """What a file holds. ShardsError for shards that are missing or damaged."""
    with opened(value) as content:
        if isinstance(content, ForeignVectors):
            raise other_family(name, VECTORS, "n-gram counts or a model are needed")
        if not isinstance(content, bytes | mmap.mmap):
            return inspect_arpa(content, problems)
        try:
            own = value_in(content, name)
        except DataError as error:
            text = error.message.removeprefix(f"{name}: ")
            problems.add("error", "damaged", text)
            return Inspection(name, "model", 0, {}, Origin({}), problems)
        if not isinstance(ngrams_in(own), NgramModel | NgramCounts):
            raise other_family(name, own, "n-gram counts or a model are needed")
        return inspect_around(own, name, problems)


def value_in(content: bytes | mmap.mmap, name: str) -> Any:
    """What the bytes of a file hold that is no text, its arrays unchecked; of another family, its value or its kind."""
    kind = kind_in(content, name)
    if kind in KINDS:
        return from_buffer(content, name, check=False)
    return FAMILIES[kind].read(content, name) if kind in FAMILIES else kind


def inspect_arpa(content: Place, problems: Problems) -> Inspection:
    """What an ARPA file holds."""
    read = read_lenient(content, problems)
    builder = read.builder
    origin = read.origin or Origin()
    unk_log10_prob = float(builder.chain[0].log10_probs[UNK]) if builder.chain else 0.0
    closed = is_closed(origin, MARKS[UNK] in builder.marks_listed, unk_log10_prob)
    origin = Origin(
        precision=precision_of(builder.dtype), **origin.fields_of_model(precision_of(builder.dtype), closed)
    )
    listed = ListedModel(
        builder.vocabulary(),
        builder.chain,
        frozenset(builder.marks_listed),
        alias=builder.alias is not None,
        marks=has_marks(origin.settings),
    )
    ngrams = {k: int(np.count_nonzero(order.listed)) for k, order in enumerate(builder.chain, start=1)}
    found = Inspection(read.source, "arpa", len(ngrams), ngrams, origin, problems)
    return completed(found, listed)


def inspect_around(value: Any, name: str, problems: Problems) -> Inspection:
    """What counts or a model of n-grams hold, or what a class model holds, which is around some."""
    found = inspect_own(ngrams_in(value), name, problems)
    return replace(found, around=value) if isinstance(value, ClassModel) else found


def inspect_own(value: NgramModel | NgramCounts, name: str, problems: Problems) -> Inspection:
    """What a model or counts of lmkit's own hold."""
    is_counts = isinstance(value, NgramCounts)
    found = Inspection(
        name,
        "counts" if is_counts else "model",
        value.order,
        value.ngrams(),
        origin_of_counts(value) if isinstance(value, NgramCounts) else Origin.of(value),
        problems,
    )
    is_counted = isinstance(value, NgramCounts) or isinstance(value.values, InterpolatedValues)
    damages = failures(value, structure_checks) or (failures(value, value_checks) if is_counted else [])
    for damage in damages:
        problems.add("error", "damaged", damage)
    if damages:
        return found
    if isinstance(value, NgramCounts):
        check_counts_add_up(value, problems)
        return found
    try:
        listed = listed_of(value)
    except DataError as error:  # n-grams of counts have suffixes
        problems.add("error", "damaged", error.message)
        return found
    found = replace(found, model=value)
    check_own_values(listed, problems)
    if value.traits.full_histories_only:  # what is checked from here on is how orders lean on one another
        probs, backoffs = (
            [getattr(order, name) for order in listed.chain] for name in ("log10_probs", "log10_backoffs")
        )
        mended = value.with_values(probs, backoffs[:-1])
        listed = listed_of(backing_off(mended))
    return completed(found, listed)


def origin_of_counts(counts: NgramCounts) -> Origin:
    """What is said of counts."""
    return Origin({"smoothing": "none"} | counts.details(), {}, counts.settings)


def completed(found: Inspection, listed: ListedModel) -> Inspection:
    """The inspection with a model whose n-grams have all their suffixes, after all checks of those that it lists."""
    check_listed(listed, found.problems)
    suffixes = suffix_entries(listed.chain)
    check_suffixes(listed, suffixes, found.problems)
    suffixes = complete(listed.chain, suffixes)
    return replace(found, listed=listed, suffixes=suffixes)


def listed_of(model: NgramModel) -> ListedModel:
    """A model of lmkit's own as one that a file lists."""
    marks = has_marks(model.settings)
    listed = {*([MARKS[EOS], MARKS[BOS]] if marks else []), *([] if model.closed else [MARKS[UNK]])}
    return ListedModel(model.vocabulary, chain_of(model), frozenset(listed), marks=marks)


def check_own_values(listed: ListedModel, problems: Problems) -> None:
    """Tell values that are no log10 probabilities or backoffs, and take them out."""
    for k, order in enumerate(listed.chain, start=1):
        highest = k == len(listed.chain)
        wrong = np.flatnonzero(~(order.log10_probs <= 0))
        listed.tell_each(problems, "error", "probability", k, wrong, "{ngram} has no log10 probability of 0 or below")
        odd = np.zeros(0, np.int64) if highest else np.flatnonzero(~(order.log10_backoffs <= LARGEST_BACKOFF))
        listed.tell_each(
            problems, "error", "backoff", k, odd, f"{{ngram}} has no log10 backoff up to {LARGEST_BACKOFF:g}"
        )
        if len(wrong) or len(odd):
            probs, backoffs = order.log10_probs.copy(), order.log10_backoffs.copy()
            probs[wrong] = np.minimum(probs[wrong], 0)
            if k == 1:
                probs[np.isnan(probs)] = -np.inf  # there is nothing to back off to
            backoffs[odd] = 0.0
            listed.chain[k - 1] = replace(order, log10_probs=probs, log10_backoffs=backoffs)
