"""Writing files: models and counts as safetensors, ARPA or KenLM's binaries, word vectors, recipes. Outputs appear whole or not at all."""

import os
from typing import Any, BinaryIO, Literal, cast, get_args

from lmkit.engine.files.output_formats import checked_output
from lmkit.engine.shards.places import SUFFIX as SHARDS
from lmkit.errors import UsageError
from lmkit.families import family_of, other_family
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.values.protocol import Precision
from lmkit.smoothing.methods.maximum_likelihood import maximum_likelihood
from lmkit.text.sources.names import Place

ARPA = (".arpa", ".arpa.gz")
KENLM_SUFFIXES = (".binary", ".bin", ".mmap", ".klm")
Structure = Literal["probing", "trie"]  # of KenLM's files


def save(
    value: Any,
    path: Place,
    *,
    precision: Precision = "single",
    compact: bool = False,
    kenlm: Structure | None = None,
    shards: int | None = None,
) -> None:
    """Write a model, counts or word vectors, of a family that `FAMILIES` has, as the name ends: .arpa and .arpa.gz are ARPA, .binary, .bin, .mmap and .klm KenLM's, .lmkit a folder of shards, else safetensors.

    Of word vectors, .txt, .vec and .bin are word2vec's text and binary files, .glove.txt GloVe's text. A recipe (`lmkit.recipe`), or a mixture
    that was loaded from one, is written as .recipe.json: paths in its folder or below are relative to it.

    path: a file name, whose suffix, if it has one, says the format (UsageError for others), or an open binary stream
    (safetensors). Counts written in formats of other tools are their maximum-likelihood model, in this precision. compact: in a seventh of
    the bytes, without loss, which takes memory and a second or so at every opening. kenlm: the structure of KenLM's files: probing
    (default) or trie. shards: how many, of a folder (default: of about 1 GB each).
    """
    if not isinstance(path, str | os.PathLike):
        check_form(".safetensors", compact=compact, kenlm=kenlm, shards=shards)
        write_own(value, cast("BinaryIO", path), compact=compact)
        return
    family = family_of(value)  # refuses what is not kept in files
    output = checked_output(path, family.output)
    if family.output == "model":
        check_form(output.suffix, compact=compact, kenlm=kenlm, shards=shards)
        output.write(as_written(value, output.suffix, precision), compact=compact, kenlm=kenlm, shards=shards)
        return
    given = {
        "compact": compact,
        "kenlm": kenlm is not None,
        "shards": shards is not None,
        "precision": precision != "single",
    }
    if told := [name for name, is_given in given.items() if is_given]:
        raise UsageError(f"{', '.join(told)}: for n-gram models, and not for {family.title}.", "Leave it out.")
    output.write(value, **({"place": path} if family.output == "recipe" else {}))


def check_form(
    suffix: str,
    *,
    compact: bool = False,
    kenlm: Structure | None = None,
    shards: int | None = None,
    order: int | None = None,
    of_classes: bool = False,
) -> None:
    """UsageError if a file with this suffix has no compact form, no structure of KenLM's, or no words in classes; DataError if it has no such order."""
    if of_classes and suffix in ARPA + KENLM_SUFFIXES:
        raise UsageError(
            f"what is counted by class is kept in files of lmkit's own, and {suffix} has no place for the words of classes.",
            "End the name in .safetensors.",
        )
    if compact and suffix == SHARDS:
        raise UsageError(
            "a compact file is one, and shards are several.", "Leave compact out, or end the name in .safetensors."
        )
    if shards is not None and suffix != SHARDS:
        raise UsageError(f"{suffix} is one file, without shards.", f"End the name in {SHARDS}.")
    if shards is not None and shards < 1:
        raise UsageError(f"there are {shards} shards; it must be 1 or more.")
    if compact and suffix in ARPA + KENLM_SUFFIXES:
        what = "text" if suffix in ARPA else "KenLM's"
        raise UsageError(
            f"a compact file is one of lmkit's own, and {suffix} is {what}.", "End the name in .safetensors."
        )
    if kenlm not in (None, *get_args(Structure)):
        raise UsageError(f"kenlm is {kenlm!r}; it must be {' or '.join(get_args(Structure))}.")
    if kenlm is not None and suffix not in KENLM_SUFFIXES:
        raise UsageError(
            f"{kenlm} is the structure of a binary file of KenLM, and {suffix} is none.",
            f"End the name in {', '.join(KENLM_SUFFIXES[:-1])} or {KENLM_SUFFIXES[-1]}.",
        )
    if order is not None and suffix in KENLM_SUFFIXES:
        from lmkit.binary.content import check_order

        check_order(order)


def as_written(value: Any, suffix: str, precision: Precision = "single") -> Any:
    """What a file with this suffix holds of a model or counts: of counts, formats of other tools hold the maximum-likelihood model."""
    if isinstance(value, NgramCounts) and suffix in ARPA + KENLM_SUFFIXES:
        list(value.chain.suffixes)  # which refuses wrong ones
        return maximum_likelihood(value, precision=precision)
    return value


def write_model(
    value: Any,
    stream: BinaryIO,
    suffix: str,
    *,
    compact: bool = False,
    kenlm: Structure | None = None,
    shards: int | None = None,
) -> None:
    """Write a model, counts or word vectors (these in lmkit's own format) into a stream, as the suffix says."""
    del shards  # there are none in a stream
    value = as_written(value, suffix)
    if suffix in ARPA:
        from lmkit.arpa.writing import write_arpa

        write_arpa(ngram_model(value, "written as ARPA"), stream, compressed=suffix == ARPA[1])
    elif suffix in KENLM_SUFFIXES:
        from lmkit.binary.writing import write_kenlm

        write_kenlm(ngram_model(value, "written for KenLM"), stream, kenlm or "probing")
    else:
        write_own(value, stream, compact=compact)


def write_sharded(value: Any, path: Place, _suffix: str, *, shards: int | None = None, **_form: Any) -> None:
    """Write a model or counts as a folder of shards, so many (None: of about 1 GB each). DataError for a family that cannot be cut."""
    from lmkit.engine.shards.writing import write_shards

    family = family_of(value)
    if family.shards is None:
        raise other_family("the model", value, "one of n-grams is needed for shards")
    write_shards(family.shards(value, shards), cast(str, path))


def write_own(value: Any, stream: BinaryIO, *, compact: bool) -> None:
    """Write a value of any family in lmkit's own format. UsageError for a compact file of a family without that form."""
    family = family_of(value)
    if family.write is None:
        raise other_family("the model", value, "one that can be written is needed")
    if compact and family.write_compact is None:
        raise UsageError(f"there are no compact files of {family.title}.")
    (family.write_compact if compact and family.write_compact else family.write)(value, stream)
