"""Two vocabularies beside each other: what they share, and how much of one is unknown to the other."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lmkit.engine.arrow import to_numpy
from lmkit.engine.columns import as_texts
from lmkit.engine.kernels import call_arrow
from lmkit.one_line import one_line
from lmkit.statistics.word_list import WordList
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import FIRST_WORD

if TYPE_CHECKING:
    import pyarrow as pa


@one_line
@dataclass(frozen=True, eq=False)
class VocabularyComparison:
    """How much of B is known to A. Figures about running words are None where B has no counts."""

    a: WordList
    b: WordList
    shared_types: int
    oov: WordList  # the words of B that A lacks, most frequent first, ties by code point
    oov_tokens: int | None  # running words of B that A does not know, those of no known type included
    oov_types_known_in_lower_case: int
    a_has_capitals: bool
    differences: tuple[str, ...]  # how differently the words were shaped: then the figures say little

    @property
    def types_only_in_a(self) -> int:
        """The number of words of A that B lacks."""
        return self.a.types - self.shared_types

    @property
    def types_only_in_b(self) -> int:
        """The number of words of B that A lacks: its OOV types."""
        return self.oov.types

    def as_dict(self, top: int = 10) -> dict[str, Any]:
        """The figures as JSON values, with the `top` most frequent OOV words; None for what is not known."""
        oov_tokens, tokens = self.oov_tokens, self.b.tokens
        oov_rate = None if oov_tokens is None or not tokens else oov_tokens / tokens
        sides = {
            name: {"kind": side.kind, "types": side.types, "tokens": side.tokens, "signature": side.signature}
            for name, side in (("a", self.a), ("b", self.b))
        }
        first = self.oov.limited(cutoff=0, size=top)
        counts = [None] * first.types if first.counts is None else first.counts[FIRST_WORD:].tolist()
        return {
            **sides,
            "shared_types": self.shared_types,
            "types_only_in_a": self.types_only_in_a,
            "types_only_in_b": self.types_only_in_b,
            "coverage_of_types": self.shared_types / self.b.types if self.b.types else None,
            "oov_rate_of_types": self.types_only_in_b / self.b.types if self.b.types else None,
            "oov_tokens": oov_tokens,
            "coverage_of_tokens": None if oov_rate is None else 1 - oov_rate,
            "oov_rate_of_tokens": oov_rate,
            "oov_types_known_in_lower_case": self.oov_types_known_in_lower_case,
            "most_frequent_oov": [
                {"word": word, "count": count} for word, count in zip(first.words, counts, strict=True)
            ],
            "differences": list(self.differences),
        }


def compare_vocabularies(a: WordList, b: WordList) -> VocabularyComparison:
    """How much of B, its types and its running words, is known to A."""
    known, words = words_alone(a), words_alone(b)
    missing = call_arrow("invert", call_arrow("is_in", words, value_set=known))
    oov = b.by_count(np.flatnonzero(to_numpy(missing)) + FIRST_WORD)
    lowered = lower_case(words_alone(oov))
    return VocabularyComparison(
        a=a,
        b=b,
        shared_types=b.types - oov.types,
        oov=oov,
        oov_tokens=oov.tokens,
        oov_types_known_in_lower_case=call_arrow("sum", call_arrow("is_in", lowered, value_set=known)).as_py() or 0,
        a_has_capitals=not known.equals(lower_case(known)),
        differences=differences(a.settings, b.settings),
    )


def words_alone(words: WordList) -> "pa.Array[Any]":
    """The words as an Arrow array of bytes, without the marks."""
    return words.vocabulary.arrow_words()[FIRST_WORD:]


def lower_case(words: "pa.Array[Any]") -> "pa.Array[Any]":
    """The words in lower case."""
    import pyarrow as pa

    return call_arrow("utf8_lower", as_texts(words)).view(pa.large_binary())


def differences(a: TextSettings | None, b: TextSettings | None) -> tuple[str, ...]:
    """The settings that shape words, where they are known and not the same."""
    if a is None or b is None:
        return ()
    return tuple(f"{each.name}: {one} in A, {other} in B" for each, one, other in a.differences(b, Role.WORDS))
