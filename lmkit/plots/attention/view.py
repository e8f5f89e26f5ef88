"""What the ways of showing the attention of a sentence have in common."""

from dataclasses import dataclass

from lmkit.locales import to_say
from lmkit.neural.attention_weights import AttentionWeights
from lmkit.one_line import one_line
from lmkit.plots.drawn import Drawn
from lmkit.plots.words import standing_alone


@one_line
@dataclass(frozen=True, eq=False)
class AttentionView(Drawn):
    """The attention of a sentence under a title."""

    weights: AttentionWeights
    title: str

    @property
    def tokens(self) -> list[str]:
        """The tokens as they are shown."""
        return list(map(standing_alone, self.weights.tokens))


def attention_view(weights: AttentionWeights, title: str | None = None) -> AttentionView:
    """The view of weights. title: of one's own (default: the sentence)."""
    as_written = " ".join(map(standing_alone, weights.tokens))
    return AttentionView(weights, title or to_say(f"Attention: {as_written}"))
