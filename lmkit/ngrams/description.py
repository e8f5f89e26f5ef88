"""What is in a counts file or a model, as figures."""

from typing import Any

from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.scoring.protocol import Model
from lmkit.text.vocabulary import FIRST_WORD


def describe(value: NgramCounts | Model) -> dict[str, Any]:
    """Order, n-grams, vocabulary, smoothing and signature, and what a family has to say besides (`about`); JSON values only.

    Unigrams are counted with the marks </s>, <s> and <unk>; the vocabulary without them.
    """
    figures: dict[str, Any] = {"kind": "counts" if isinstance(value, NgramCounts) else "model", "order": value.order}
    if hasattr(value, "ngrams"):
        figures["ngrams"] = {str(k): number for k, number in value.ngrams().items()}
    figures["vocabulary"] = len(value.vocabulary) - FIRST_WORD
    if isinstance(value, NgramCounts):
        figures |= {"sentences": value.sentences, "tokens": value.tokens, "smoothing": "none"}
    else:
        figures |= {"closed": value.closed, "smoothing": value.method}
    if isinstance(value, NgramModel):
        for name, parameter in value.parameters.items():
            for entry in parameter if isinstance(parameter, list) else []:
                figures[f"{name}_{entry['order']}"] = {key: item for key, item in entry.items() if key != "order"}
            if not isinstance(parameter, list):
                figures[name] = parameter
    figures |= getattr(value, "about", {})
    return figures | {"signature": value.signature()}


def follows_from_counts(model: NgramModel) -> bool:
    """Whether a smoothing made the model of counts, and nothing was done to it since, as far as its details tell."""
    changes = {"prune", "pruned", "restricted", "renormalized", "quantized"}
    is_ours = model.settings is not None and model.smoothing != "mixture"
    return is_ours and not changes & model.details.keys()
