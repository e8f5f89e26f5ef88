"""Counts of n-grams of classes: those of words, whose words were given the ids of their classes."""

import warnings
from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.classes.choices import Unclassed
from lmkit.classes.members import CLASSES, Members
from lmkit.classes.model import ClassCounts
from lmkit.classes.word_classes import WordClasses
from lmkit.engine.resources import Resources
from lmkit.errors import DataError, UsageError, VocabularyWarning
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.renumbering import renumber_words
from lmkit.text.vocabulary import FIRST_WORD, MARKS, UNK, Vocabulary

MOST = 0.5  # of the running words of a text that are <unk>: beyond, the classes are those of another language, or shape
REMEDY = "Make the classes of this text, or read it as theirs was: in the same language, and the same shape (--lowercase, --tokenizer)."


@dataclass(frozen=True)
class Unplaced:
    """What of a text and of classes did not find to each other."""

    words: int  # distinct ones of the text that have no class
    tokens: int  # running ones
    of_tokens: int  # all running words of the text
    unseen: int  # words of the classes that the text lacks
    unclassed: Unclassed  # what became of the former
    added: float  # and of the latter: known if this is above 0, else left out

    def in_words(self) -> list[str]:
        """A line on each, if there are any."""
        lines = []
        if self.words:
            became = "which are <unk>" if self.unclassed == "unk" else "each a class of its own"
            share = self.tokens / max(self.of_tokens, 1)
            lines.append(f"words of the text without a class, {became}: {self.words:,}, {share:.2%} of its tokens")
        if self.unseen:
            became = f"counted {self.added:g} times" if self.added else "left out (--class-add knows them)"
            lines.append(f"words of the classes that the text lacks, {became}: {self.unseen:,}")
        return lines


def class_counts(
    counts: NgramCounts,
    classes: WordClasses,
    *,
    unclassed: Unclassed = "unk",
    add: float = 0.0,
    resources: Resources = Resources(),
) -> ClassCounts:
    """The counts of the n-grams of classes in the text that the words were counted in, with what each word has of its class.

    unclassed: what becomes of words of the text that have no class: <unk>, or each a class of its own. add: to the count of each word in
    p(word | class), so that words of the classes that the text lacks are known; otherwise they are left out. VocabularyWarning if most
    of the text becomes <unk>. UsageError for an `add` below 0; DataError for what are no counts of words, and if no word has a class.
    """
    if not 0 <= add < np.inf:
        raise UsageError(f"{add:g} would be added to the counts of words in their classes; it must be 0 or more.")
    if not isinstance(counts, NgramCounts):
        raise DataError(
            f"counts of words are needed, and this is {type(counts).__name__}.",
            "Count the text without classes: lmkit ngram train.",
        )
    of_text = classes_of(counts.vocabulary, classes)
    unplaced = unplaced_words(counts, of_text, classes, unclassed, add)
    warn_of_unclassed(unplaced)
    words, of_words, word_counts = kept_words(counts, classes, of_text, unclassed, add)
    names, ids = class_vocabulary(words, of_words, classes)
    new_ids = ids_after(counts.vocabulary, words, ids)
    chain = renumber_words(counts.chain, new_ids, len(names), workers=resources.workers)
    said: dict[str, Any] = {CLASSES: len(np.unique(of_words[of_words >= 0])), "unclassed": unclassed}
    said |= {"class_add": float(add)} if add else {}
    members = Members(words, ids, word_counts, None, said, float(add))
    without_cutoff = unclassed == "unk" and unplaced.words > 0 and counts.cutoff == 1
    limited = counts.fixed_vocabulary or without_cutoff  # by the words of the classes
    of_classes = replace(counts, vocabulary=names, fixed_vocabulary=limited, chain=chain)
    return ClassCounts(of_classes, members, unplaced)


def classes_of(words: Vocabulary, classes: WordClasses) -> NDArray[np.int32]:
    """(types,) the class of each word, as the place of its name; -1: none, as of the marks."""
    places = classes.vocabulary.ids_of(words.words)
    found: NDArray[np.int32] = np.where(places >= 0, classes.of_words.take(places), -1).astype(np.int32)
    found[:FIRST_WORD] = -1
    return found


def unplaced_words(
    counts: NgramCounts, of_text: NDArray[np.int32], classes: WordClasses, unclassed: Unclassed, add: float
) -> Unplaced:
    """What of the text has no class, and what of the classes is not in the text. of_text: (types,) the classes of its words."""
    of_words = counts.chain.counts[0].astype(np.int64)
    there = (of_words > 0) & (np.arange(len(of_words)) >= FIRST_WORD)
    without = there & (of_text < 0)
    placed = int(np.count_nonzero(there & (of_text >= 0)))
    unseen = int(np.count_nonzero(classes.of_words >= 0)) - placed
    return Unplaced(
        int(np.count_nonzero(without)), int(of_words[without].sum()), counts.tokens, unseen, unclassed, float(add)
    )


def warn_of_unclassed(unplaced: Unplaced) -> None:
    """VocabularyWarning where most of the text is <unk>, as it has no class; DataError where nothing has one."""
    share = unplaced.tokens / max(unplaced.of_tokens, 1)
    if unplaced.tokens and unplaced.tokens == unplaced.of_tokens:
        raise DataError("no word of the text has a class.", REMEDY)
    if unplaced.unclassed == "unk" and share > MOST:  # where others are their own classes, a few classes may be meant
        warnings.warn(VocabularyWarning(f"{share:.2%} of the running words have no class.", REMEDY), stacklevel=4)


def kept_words(
    counts: NgramCounts, classes: WordClasses, of_text: NDArray[np.int32], unclassed: Unclassed, add: float
) -> tuple[Vocabulary, NDArray[np.int32], NDArray[np.int64]]:
    """The words of the model after the marks, the class of each (-1: its own), and how often it was counted: (types,) each.

    Those of the text come first, in its order. A word that nothing is counted of would have no share of its class.
    """
    of_words = counts.chain.counts[0].astype(np.int64)
    kept = (of_text >= 0) & ((of_words > 0) | (add > 0))
    if unclassed == "own":
        kept |= of_text < 0
    kept[:FIRST_WORD] = True
    places = np.flatnonzero(kept)
    listed = [counts.vocabulary.words[place] for place in places.tolist()]
    found, counted = of_text[places], of_words[places]
    if add > 0:
        known = set(listed)
        others = [place for place, word in enumerate(classes.vocabulary.words) if word not in known]
        listed += [classes.vocabulary.words[place] for place in others]
        found = np.concatenate((found, classes.of_words[others])).astype(np.int32)
        counted = np.concatenate((counted, np.zeros(len(others), np.int64)))
    counted[:FIRST_WORD] = 0
    return Vocabulary.from_words(listed), found, counted


def class_vocabulary(
    words: Vocabulary, of_words: NDArray[np.int32], classes: WordClasses
) -> tuple[Vocabulary, NDArray[np.int32]]:
    """The names of the classes that have words, after the marks, and the id of the class of each word (types,).

    of_words: (types,) the class of each word; -1: its own, which is called as the word. An = comes before what a mark or another class is called.
    """
    used, places = np.unique(of_words[of_words >= 0], return_inverse=True)
    names = list(MARKS)
    taken = set(names)
    own = np.flatnonzero(of_words < 0)[FIRST_WORD:]
    for name in (*(classes.names[place] for place in used.tolist()), *(words.words[place] for place in own.tolist())):
        names.append(free_name(name, taken))
        taken.add(names[-1])
    ids = np.arange(len(words), dtype=np.int32)  # the marks stay what they are
    ids[of_words >= 0] = FIRST_WORD + places
    ids[own] = FIRST_WORD + len(used) + np.arange(len(own))
    return Vocabulary.from_words(names), ids


def free_name(name: bytes, taken: Container[bytes]) -> bytes:
    """The name, with an = before it as long as something else is called so."""
    while name in taken:
        name = b"=" + name
    return name


def ids_after(old: Vocabulary, words: Vocabulary, ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """(old types,) the id of the class of each word of a text; <unk> for those that are not among the words that have one."""
    places = words.ids_of(old.words)
    found: NDArray[np.int32] = np.where(places >= 0, ids.take(places), UNK).astype(np.int32)
    return found
