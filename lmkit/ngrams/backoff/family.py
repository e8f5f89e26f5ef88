"""What is for n-grams alone: the n-gram model in what was given, and a plain refusal of other families."""

from lmkit.errors import DataError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts


def is_of_ngrams(model: object) -> bool:
    """Whether `ngram_model` takes it."""
    return isinstance(model, NgramModel | NgramCounts)


def ngram_model(model: object, done: str) -> NgramModel:
    """The model itself; of counts, their maximum-likelihood model. DataError for models of other families.

    done: what is asked for, as in "only n-gram models can be pruned".
    """
    if isinstance(model, NgramCounts):
        return model.maximum_likelihood
    if not isinstance(model, NgramModel):
        kind = getattr(model, "method", type(model).__name__)
        raise DataError(
            f"only n-gram models can be {done}, and this is another one ({kind}).",
            "Give counts or a model that lmkit made of them, or an ARPA file.",
        )
    return model
