"""Families of what files hold: n-gram counts and models, word vectors, neural models, models of KenLM's, recipes; another family is another row."""

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType
from typing import Any, BinaryIO

from lmkit.binary.hashed import HashedModel
from lmkit.binary.reading import read_kenlm
from lmkit.classes.description import describe_class_model
from lmkit.classes.model import ClassCounts, ClassModel
from lmkit.classes.model_files import COUNTS as CLASS_COUNTS
from lmkit.classes.model_files import MODEL as CLASS_MODEL
from lmkit.classes.model_files import (
    read_class_model,
    shards_of_class_counts,
    shards_of_class_model,
    write_class_counts,
    write_class_model,
    write_compact_counts,
    write_compact_model,
)
from lmkit.engine.files.output_formats import Kind
from lmkit.engine.shards.cuts import Parts
from lmkit.errors import DataError
from lmkit.neural.description import describe_neural
from lmkit.neural.files import KIND as NEURAL
from lmkit.neural.files import read_neural, write_neural
from lmkit.neural.model import NeuralModel
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.description import describe
from lmkit.ngrams.files.schema import from_buffer, write_compact, write_value
from lmkit.ngrams.files.sharding import shards_of
from lmkit.recipes.files import KIND as RECIPE
from lmkit.recipes.files import read_recipe, write_recipe
from lmkit.recipes.recipe import Recipe, RecipeMixture
from lmkit.text.sources.recognition import VECTORS as NEIGHBOURS
from lmkit.vectors.description import describe_vectors
from lmkit.vectors.files.own import KIND as VECTORS
from lmkit.vectors.files.own import read_own_vectors, write_own_vectors
from lmkit.vectors.files.recognition import MODELS
from lmkit.vectors.word_vectors import WordVectors


@dataclass(frozen=True)
class Family:
    """What files of one kind hold."""

    title: str  # in messages: "x holds …"
    type: type | UnionType  # of the values in memory
    read: Callable[[bytes | mmap.mmap, str], Any]  # the bytes of a file that is no text, and its name
    write: Callable[[Any, BinaryIO], None] | None  # None: such values are read, and not written
    write_compact: Callable[[Any, BinaryIO], None] | None = None  # in fewer bytes; None: there is no such form
    shards: Callable[[Any, int | None], Parts] | None = None  # so many (None: by size); None: it cannot be cut
    describe: Callable[[Any], dict[str, Any]] = describe  # its figures, as JSON values
    form: str = "safetensors"  # of its files, in words
    remedy: str = ""  # what else to give where another family is needed
    vectors_remedy: str = MODELS  # what to do where word vectors are needed; "": as where any other family is
    output: Kind = "model"  # what it is among the outputs


KENLM = "kenlm"
FAMILIES = {  # by the kind that stands in the file, or that its first bytes tell; another family is another row
    "counts": Family("n-gram counts", NgramCounts, from_buffer, write_value, write_compact, shards_of),
    "model": Family("an n-gram model", NgramModel, from_buffer, write_value, write_compact, shards_of),
    CLASS_COUNTS: Family(  # before models, of which they are some
        "counts of classes of words",
        ClassCounts,
        read_class_model,
        write_class_counts,
        write_compact_counts,
        shards_of_class_counts,
        describe_class_model,
        remedy="Count the words themselves: lmkit ngram train without --classes. Class counts are smoothed, scored, predicted from and explained as those of words are.",
    ),
    CLASS_MODEL: Family(
        "a class model",
        ClassModel,
        read_class_model,
        write_class_model,
        write_compact_model,
        shards_of_class_model,
        describe_class_model,
        remedy="Class models are scored, mixed (as recipes), pruned, quantized and checked as n-gram models are. What lists n-grams of words is for a model of words: lmkit ngram train without --classes.",
    ),
    VECTORS: Family(
        "word vectors",
        WordVectors,
        read_own_vectors,
        write_own_vectors,
        describe=describe_vectors,
        remedy=NEIGHBOURS,
        output="vectors",
    ),
    NEURAL: Family(
        "a neural model",
        NeuralModel,
        read_neural,
        write_neural,
        describe=describe_neural,
        vectors_remedy="It has a vector for each of its words: `lmkit neural embeddings` writes them.",
        remedy="Neural models are scored, mixed and asked for words as n-gram models are; what changes n-grams is not for them.",
        output="neural model",
    ),
    KENLM: Family(
        "a binary model of KenLM with hashes in place of its n-grams or words, which can be scored and not listed",
        HashedModel,
        read_kenlm,  # which gives n-gram models, too
        None,
        form="KenLM binary",
        vectors_remedy="",  # of hashes no words are predicted
        remedy="Give the model that it was made from, as ARPA or as a file of lmkit's own; or make a trie of that, which has words: lmkit ngram convert --kenlm trie.",
    ),
    RECIPE: Family(
        "a recipe of a mixture of models",
        Recipe | RecipeMixture,
        read_recipe,  # which is then opened: `lmkit.storage`
        write_recipe,
        form="recipe",
        remedy="Give one of the models that it names; or build one of them all, if they are n-gram models: lmkit ngram mix RECIPE -o FILE.",
        output="recipe",
    ),
}


def family_of(value: Any) -> Family:
    """The family of a value. DataError for what is not kept in files, such as a mixture."""
    for family in FAMILIES.values():
        if isinstance(value, family.type):
            return family
    raise DataError(
        f"{getattr(value, 'method', type(value).__name__)} models are not written to files.",
        "A mixture of n-gram models can be built into one first, and a mixture of any models in files has a recipe: `lmkit ngram mix`.",
    )


def other_family(name: str, found: Any, needed: str, remedy: str = "") -> DataError:
    """The error for a file of another family than what is needed. found: its value, or its kind. remedy: for a known family, in place of its own."""
    family = FAMILIES.get(found) if isinstance(found, str) else family_of(found)
    if family is None:
        return DataError(f"{name} holds {found}, and {needed}.")
    return DataError(f"{name} holds {family.title}, and {needed}.", remedy or family.remedy)
