"""Counts and models as arrays with names, in files of lmkit's own.

What is read is checked before it is used, because compiled code trusts it: that takes one pass over the file for its checksums, and one over
its arrays, or, of large models, over those that could lead beyond others.
"""

import mmap
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import BinaryIO

from lmkit.engine.arrays import IndexArray
from lmkit.engine.files.mapped import Buffer
from lmkit.engine.files.own_files import Fields, Tensors, damage_told, described, is_summed, write_own_file
from lmkit.engine.scratch import Scratch
from lmkit.engine.shards.cuts import By
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.files.compact import compacted, expanded
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.files.trust import check_chain
from lmkit.ngrams.files.values import CUT as VALUES_CUT
from lmkit.ngrams.files.values import (
    DISCOUNTS,
    PROBABILITIES,
    check_said,
    fields_of_values,
    interpolated_of,
    numbered,
    stored_of,
    tensors_of_values,
)
from lmkit.ngrams.trie.links import StoredLinks
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.ngrams.trie.suffixes import all_suffixes_of
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.ngrams.values.protocol import Values
from lmkit.text.settings import TextSettings
from lmkit.text.stored_words import stored_words, vocabulary_in

CUT: dict[str, By] = VALUES_CUT | {"indptr": "rows", "indices": "entries", "suffixes": "entries"}
LAST_WITH_PROBABILITIES_ONLY = 4  # later ones keep interpolated models as counts
LAST_WITHOUT_TRAITS = 3  # formats up to this one say what a model is like in its signature only


def write_value(value: NgramModel | NgramCounts, stream: BinaryIO, *, compact: bool = False) -> None:
    """Write a model or counts, whatever the stream is. compact: in fewer bytes, which are expanded when the file is opened."""
    write_own_file(*parts_of(value, compact=compact), stream, value.scratch)


def parts_of(value: NgramModel | NgramCounts, *, compact: bool = False) -> tuple[Tensors, Fields]:
    """The arrays that keep a model or counts, and what is said of them (compact: see `write_value`)."""
    tensors, fields = tensors_of_counts(value) if isinstance(value, NgramCounts) else tensors_of_model(value)
    tensors |= stored_words(value.vocabulary)
    for k, order in enumerate(value.orders[1:], start=2):
        tensors |= {f"indptr.{k}": order.indptr, f"indices.{k}": order.indices}
    fields = Fields(order=value.order) | fields
    if compact:
        tensors, fields["compact"] = compacted(tensors, value.orders, suffixes_in(value))
    return tensors, fields


def suffixes_in(value: NgramModel | NgramCounts) -> Sequence[IndexArray] | None:
    """The suffixes of what is counted, which has them all; None: of probabilities, whose n-grams may lack theirs."""
    if isinstance(value, NgramCounts):
        return value.chain.suffixes
    if isinstance(value.values, InterpolatedValues):
        return value.values.suffixes or all_suffixes_of(value.orders, value.scratch)
    return None


def write_compact(value: NgramModel | NgramCounts, stream: BinaryIO) -> None:
    """Write a model or counts in fewer bytes."""
    write_value(value, stream, compact=True)


def tensors_of_counts(counts: NgramCounts) -> tuple[Tensors, Fields]:
    """The arrays and the metadata of counts alone."""
    fields = {
        "kind": "counts",
        "settings": counts.settings.as_dict(),
        "cutoff": counts.cutoff,
        "fixed_vocabulary": counts.fixed_vocabulary,
    } | ({} if counts.whole else {"whole": False})
    return numbered("counts", counts.chain.counts) | numbered("suffixes", counts.chain.suffixes[1:], 2), fields


def tensors_of_model(model: NgramModel) -> tuple[Tensors, Fields]:
    """The arrays and the metadata of models alone."""
    fields = {"kind": "model"} | fields_of_values(model.values) | {"precision": model.precision}
    return tensors_of_values(model.values), fields | Origin.of(model).as_dict()


def from_buffer(data: Buffer, name: str, *, check: bool = True) -> NgramModel | NgramCounts:
    """The model or counts in the bytes of a safetensors file; arrays stay in the buffer.

    check: False leaves it to the caller to see whether the arrays can be trusted. DataError for a file that is damaged, not lmkit's,
    or of a newer format.
    """
    with damage_told(name):
        return value_of(*described(data, name), data, check=check)


def value_of(tensors: Tensors, fields: Fields, data: Buffer, *, check: bool = True) -> NgramModel | NgramCounts:
    """The model or counts in the arrays of a file, and what is said of them (data: its bytes; check: see `from_buffer`). ValueError and the like for damages."""
    check_fields(fields)
    for array_name, array in tensors.items():
        if array.ndim != 1 and array_name != DISCOUNTS:
            raise ValueError(f"array {array_name} has {array.ndim} dimensions")
    if "compact" in fields:
        tensors = expanded(tensors, fields["compact"], fields["order"])
    value = KINDS[fields["kind"]](tensors, fields, data)
    if check:
        check_chain(value, sum(array.nbytes for array in tensors.values()) if is_summed(fields) else 0)
        return with_links(value) if isinstance(value, NgramCounts) else value
    return value


def with_links(counts: NgramCounts) -> NgramCounts:
    """The counts of a file, with links that are looked at when they are first used."""
    chain = counts.chain
    return replace(counts, chain=replace(chain, suffixes=StoredLinks(chain.orders, chain.suffixes, chain.scratch)))


def check_fields(fields: Fields) -> None:
    """ValueError unless the settings in the metadata are such as lmkit writes."""
    order, cutoff = fields["order"], fields.get("cutoff", 1)
    fits = type(order) is int and order >= 1 and fields["kind"] in KINDS
    flags = [fields.get(name, False) for name in ("fixed_vocabulary", "whole")]
    if not fits or type(cutoff) is not int or cutoff < 1 or not all(type(flag) is bool for flag in flags):
        raise ValueError("the settings are damaged")
    if ("traits" in fields) != (fields["kind"] == "model" and fields["format_version"] > LAST_WITHOUT_TRAITS):
        raise ValueError("the traits of the model are missing, or of another format")


def orders_of(tensors: Tensors, highest: int, types: int) -> tuple[Order, ...]:
    """The chain of orders in the arrays of a file."""
    higher = [Order(tensors[f"indptr.{k}"], tensors[f"indices.{k}"]) for k in range(2, highest + 1)]
    return (first_order(types), *higher)


def counts_of(tensors: Tensors, fields: Fields, data: Buffer) -> NgramCounts:
    """The counts in the arrays and metadata of a file."""
    scratch = Scratch(0 if hasattr(mmap, "MADV_DONTNEED") else None)
    if isinstance(data, mmap.mmap):
        scratch.watch(data)
    vocabulary, highest = vocabulary_in(tensors), fields["order"]
    suffixes = (NO_SUFFIXES, *(tensors[f"suffixes.{k}"] for k in range(2, highest + 1)))
    counts = tuple(tensors[f"counts.{k}"] for k in range(1, highest + 1))
    chain = Chain(orders_of(tensors, highest, len(vocabulary)), suffixes, counts, scratch)
    settings, whole = TextSettings.from_dict(fields["settings"]), fields.get("whole", True)
    return NgramCounts(vocabulary, settings, fields["cutoff"], fields["fixed_vocabulary"], chain, whole)


def model_of(tensors: Tensors, fields: Fields, _data: Buffer) -> NgramModel:
    """The model in the arrays and metadata of a file."""
    vocabulary, highest = vocabulary_in(tensors), fields["order"]
    origin, orders = Origin.from_dict(fields), orders_of(tensors, highest, len(vocabulary))
    kind = fields["values"] if fields["format_version"] > LAST_WITH_PROBABILITIES_ONLY else PROBABILITIES
    values: Values
    if kind == PROBABILITIES:
        values = stored_of(tensors, highest)
    else:
        values = interpolated_of(tensors, orders, fields, origin)
        check_said(values, fields, origin)
    return NgramModel(
        vocabulary,
        origin.settings,
        origin.details,
        orders,
        values,
        origin.traits,
        origin.closed,
        parameters=origin.parameters,
    )


KINDS: dict[str, Callable[[Tensors, Fields, Buffer], NgramModel | NgramCounts]] = {
    "counts": counts_of,
    "model": model_of,
}
