"""Class counts and class models as files of lmkit's own: the n-grams of classes as these are written alone, and the words beside."""

from functools import partial
from typing import BinaryIO

import numpy as np

from lmkit.classes.members import CLASSES, Members
from lmkit.classes.model import ClassCounts, ClassModel
from lmkit.engine.files.own_files import Fields, Tensors, damage_told, described, write_own_file
from lmkit.engine.files.tensors import Buffer
from lmkit.engine.shards.cuts import Parts
from lmkit.errors import DataError
from lmkit.ngrams.backoff.family import is_of_ngrams
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.files.origin import is_stated
from lmkit.ngrams.files.schema import parts_of, value_of
from lmkit.ngrams.files.sharding import cut_into
from lmkit.signature import stated
from lmkit.text.stored_words import stored_words, vocabulary_in
from lmkit.text.vocabulary import FIRST_WORD

COUNTS, MODEL = "class-counts", "class-model"
INNER = {COUNTS: "counts", MODEL: "model"}  # what the n-grams of classes are alone
PREFIX = "members."  # of the arrays of words
REMEDY = "Write the mixture of class models as a recipe: lmkit ngram mix -o mixed.recipe.json."


def write_classes_of(kind: str, value: ClassModel, stream: BinaryIO, *, compact: bool = False) -> None:
    """Write class counts or a class model, as this kind. compact: the n-grams in fewer bytes."""
    write_own_file(*parts_of_classes(kind, value, compact=compact), stream, value.inner.scratch)


def parts_of_classes(kind: str, value: ClassModel, *, compact: bool = False) -> tuple[Tensors, Fields]:
    """The arrays that keep class counts or a class model, as this kind, and what is said of them. compact: see above. DataError for models of other families."""
    if not is_of_ngrams(value.inner):
        raise DataError(
            f"only class models of n-grams are written to files, and this is one of {value.smoothing}.", REMEDY
        )
    tensors, fields = parts_of(value.inner, compact=compact)
    arrays, said = parts_of_members(value.members)
    return tensors | arrays, fields | {"kind": kind, "members": said}


def shards_of_classes(kind: str, value: ClassModel, number: int | None) -> Parts:
    """Class counts or a class model, as this kind, in shards of n-grams of classes (see `shards_of`)."""
    return cut_into(number, *parts_of_classes(kind, value), value.inner)


def parts_of_members(members: Members) -> tuple[Tensors, Fields]:
    """The arrays that keep the words of a class model, and what is said of them."""
    arrays = stored_words(members.vocabulary) | {"classes": members.classes}
    arrays |= {"shares": members.weights} if members.counts is None else {"counts": members.counts}
    return {PREFIX + name: array for name, array in arrays.items()}, {
        "details": members.details,
        "added": members.added,
    }


def read_class_model(data: Buffer, name: str) -> ClassModel:
    """The class counts or the class model in the bytes of a file; arrays stay in it. DataError for a file that is damaged, or of a newer format."""
    with damage_told(name):
        tensors, fields = described(data, name)
        inner = value_of(tensors, fields | {"kind": INNER[fields["kind"]]}, data)
        of_words = {key.removeprefix(PREFIX): array for key, array in tensors.items() if key.startswith(PREFIX)}
        members = members_in(of_words, fields["members"], len(inner.vocabulary))
        return ClassCounts(inner, members) if isinstance(inner, NgramCounts) else ClassModel(inner, members)


def members_in(arrays: Tensors, said: Fields, classes: int) -> Members:
    """The words of a class model in the arrays of a file. classes: how many there are, the marks among them. ValueError for what does not fit."""
    vocabulary = vocabulary_in(arrays)
    details, added = said["details"], said["added"]
    if not isinstance(details, dict) or not all(map(is_stated, (*details, *details.values()))):
        raise ValueError("the details of the classes are damaged")
    if type(stated(details, CLASSES)) is not int:
        raise ValueError("how many classes there are is damaged")
    if type(added) is not float or not 0 <= added < np.inf:
        raise ValueError("what is added to the counts of words is no number from 0 on")
    counts, shares = arrays.get("counts"), arrays.get("shares")
    members = Members(vocabulary, arrays["classes"], counts, shares, details, added)
    check_members(members, classes)
    return members


def check_members(members: Members, classes: int) -> None:
    """ValueError unless each word has a class that there is, all words of a class have it together, and the marks are what they are."""
    types, of_words = len(members.vocabulary), members.classes
    if of_words.dtype != np.int32 or of_words.shape != (types,) or of_words.min() < 0 or of_words.max() >= classes:
        raise ValueError("the classes of the words are damaged")
    if (of_words[:FIRST_WORD] != np.arange(FIRST_WORD)).any() or (of_words[FIRST_WORD:] < FIRST_WORD).any():
        raise ValueError("the marks are not the classes of themselves alone")
    weights, dtype = (members.stated, np.float64) if members.counts is None else (members.counts, np.int64)
    if weights is None or weights.dtype != dtype or weights.shape != (types,) or not (weights >= 0).all():
        raise ValueError("the shares of the words in their classes are damaged")
    if members.counts is None and (weights > 1).any():
        raise ValueError("there are shares of words in their classes above 1")


write_class_counts, write_class_model = partial(write_classes_of, COUNTS), partial(write_classes_of, MODEL)
write_compact_counts, write_compact_model = (
    partial(write_class_counts, compact=True),
    partial(write_class_model, compact=True),
)
shards_of_class_counts, shards_of_class_model = partial(shards_of_classes, COUNTS), partial(shards_of_classes, MODEL)
