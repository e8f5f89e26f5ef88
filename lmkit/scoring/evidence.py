"""What each model of a mixture gives the words of texts: what weights are found by, and classes told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.scoring.bucketing.buckets import Numbers
from lmkit.scoring.mixture import Mixture, mixed
from lmkit.scoring.perplexity import effective_settings, map_encoded
from lmkit.scoring.protocol import TokenScores
from lmkit.text.ids.encoding import EncodedBlock
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import UNK, predicted_in


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the models of a mixture give predicted tokens."""

    log10_probs: NDArray[np.float64]  # (models, tokens)
    buckets: Numbers  # (tokens,) of their histories
    oov: NDArray[np.bool_]  # (tokens,) which of them no model knows


def of_each_part(log10_probs: NDArray[np.float64], parts: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """(parts, tokens) what each part gives the tokens. log10_probs: (models, tokens) of the models of all; parts: the weights of its models, which are 1 for one."""
    if len(parts) == len(log10_probs):
        return log10_probs
    ends = np.cumsum([len(weights) for weights in parts])[:-1]
    return np.array([mixed(rows, weights) for rows, weights in zip(np.split(log10_probs, ends), parts, strict=True)])


def evidence_of_each(
    mixture: Mixture,
    texts: Texts,
    *,
    settings: TextSettings | None = None,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> Iterator[Evidence]:
    """What each model gives the tokens of the texts, block by block (settings, reading, resources: see `map_scores`)."""
    scorer = mixture.scorer()

    def begin(block: EncodedBlock, _: Block) -> tuple[EncodedBlock, list[TokenScores | None], Numbers]:
        return block, scorer.begin(block), mixture.buckets.in_text(block.tokens)

    blocks = read_sentences(texts, effective_settings(mixture, settings), reading)
    for block, begun, buckets in map_encoded(mixture, blocks, begin, settings=settings, workers=resources.workers):
        oov = block.tokens[predicted_in(block.tokens)] == UNK
        yield Evidence(scorer.finish_each(block, begun)[0], np.broadcast_to(buckets, oov.shape), oov)
