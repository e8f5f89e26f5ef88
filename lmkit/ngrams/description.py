"""What is in a counts file or a model, as figures."""

from typing import Any

from lmkit.corpus.vocabulary import FIRST_WORD
from lmkit.ngrams.counts import NgramCounts
from lmkit.ngrams.model import NgramModel


def describe(value: NgramCounts | NgramModel) -> dict[str, Any]:
    """Order, n-grams, vocabulary, smoothing and signature; JSON values only.

    Unigrams are counted with the marks </s>, <s> and <unk>; the vocabulary without them.
    """
    figures: dict[str, Any] = {
        "kind": "counts" if isinstance(value, NgramCounts) else "model",
        "order": value.order,
        "ngrams": {str(k): number for k, number in value.ngrams().items()},
        "vocabulary": len(value.vocabulary) - FIRST_WORD,
    }
    if isinstance(value, NgramCounts):
        figures |= {"sentences": value.sentences, "tokens": value.tokens, "smoothing": "none"}
    else:
        figures |= {"closed": value.closed, "smoothing": value.details.get("smoothing", "unknown")}
        for entry in value.parameters.get("discounts", []):
            key = f"discounts_{entry['order']}"
            figures[key] = {"d": entry["d"], "source": entry["source"], "counts_of_counts": entry["counts_of_counts"]}
        if "alpha" in value.parameters:
            figures["alpha"] = value.parameters["alpha"]
    return figures | {"signature": value.signature()}
