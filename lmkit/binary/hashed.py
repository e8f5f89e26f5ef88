"""Models of KenLM that can be scored and not listed: they keep hashes in place of their n-grams, or of their words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lmkit.binary.header import Header
from lmkit.one_line import one_line
from lmkit.scoring.protocol import Scorer
from lmkit.scoring.traits import Traits
from lmkit.signature import openness, signature
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from lmkit.binary.probing import ProbingTables
    from lmkit.ngrams.backoff.model import NgramModel


@one_line
@dataclass(frozen=True, eq=False)
class HashedModel:
    """A model that gives texts probabilities, and nothing else."""

    header: Header
    vocabulary: Vocabulary
    can_end: bool  # whether </s> is known; if not, every text has probability 0
    content: "ProbingTables | NgramModel"  # what it is scored with
    make_scorer: Callable[["HashedModel"], Scorer]
    settings: TextSettings | None = None
    closed: bool = False
    traits: Traits = field(default_factory=Traits)

    def in_brief(self) -> str:
        """What it is, in a line."""
        ngrams = " ".join(f"{number:,}" for number in self.ngrams().values())
        return f"order {self.order}: {self.method}, n-grams {ngrams}"

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return self.header.order

    @property
    def method(self) -> str:
        """What made it, in a word."""
        return method_of(self.header)

    def signature(self, settings: TextSettings | None = None) -> str:
        """All that shapes its figures (settings: see `NgramModel.signature`)."""
        parts = {"order": self.order, "smoothing": self.method} | openness(self.closed)
        return signature(parts | ({} if settings is None else settings.for_signature()))

    def scorer(self) -> Scorer:
        """One for texts."""
        return self.make_scorer(self)

    def ngrams(self) -> dict[int, int]:
        """The number of n-grams of each order, as the file says."""
        return dict(enumerate(self.header.counts, start=1))

    @property
    def about(self) -> dict[str, Any]:
        """How the file keeps the model; JSON values only."""
        kind = self.header.kind
        figures: dict[str, Any] = {"kept_as": kind.title, "words_stored": self.header.has_words}
        return figures if kind.is_trie else figures | {"multiplier": self.header.multiplier}


def method_of(header: Header) -> str:
    """What made a model, in a word, as signatures have it."""
    return f"kenlm-{header.kind.name}"
