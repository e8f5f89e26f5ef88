"""lmkit: classical language modelling.

>>> import lmkit
>>> counts = lmkit.count_ngrams("corpora/fr.train.tok", order=3)
>>> model = lmkit.kneser_ney(counts)
>>> round(lmkit.perplexity(model, "corpora/fr.test.tok").perplexity, 3)
29.245

Each name is imported when it is first used, so that `import lmkit` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lmkit.version import __version__

if TYPE_CHECKING:
    from lmkit.checking import CheckReport, check_model
    from lmkit.corpus.encoded import EncodedText, encode_text
    from lmkit.corpus.settings import TextSettings
    from lmkit.corpus.vocabulary import Vocabulary
    from lmkit.errors import DataError, LmkitError, UsageError
    from lmkit.ngrams.additive import laplace, maximum_likelihood
    from lmkit.ngrams.counts import NgramCounts, count_ngrams
    from lmkit.ngrams.entropy import Entropy, entropy
    from lmkit.ngrams.kneser_ney import kneser_ney
    from lmkit.ngrams.listing import list_ngrams
    from lmkit.ngrams.merging import merge_counts
    from lmkit.ngrams.model import NgramModel
    from lmkit.ngrams.perplexity import Perplexity, TokenScore, perplexity, score_sentence, score_text
    from lmkit.ngrams.problems import Problem
    from lmkit.ngrams.scoring import conditional_log10_probs, probability
    from lmkit.repairing import Repaired, repair_model
    from lmkit.storage import load, load_counts, load_matrix, load_model, save, save_matrix
    from lmkit.vectors.association import ppmi
    from lmkit.vectors.cooccurrence import Cooccurrence, cooccurrence
    from lmkit.vectors.onehot import one_hot

_HOMES = {
    "lmkit.checking": ("CheckReport", "check_model"),
    "lmkit.corpus.encoded": ("EncodedText", "encode_text"),
    "lmkit.corpus.settings": ("TextSettings",),
    "lmkit.corpus.vocabulary": ("Vocabulary",),
    "lmkit.errors": ("DataError", "LmkitError", "UsageError"),
    "lmkit.ngrams.additive": ("laplace", "maximum_likelihood"),
    "lmkit.ngrams.counts": ("NgramCounts", "count_ngrams"),
    "lmkit.ngrams.entropy": ("Entropy", "entropy"),
    "lmkit.ngrams.kneser_ney": ("kneser_ney",),
    "lmkit.ngrams.listing": ("list_ngrams",),
    "lmkit.ngrams.merging": ("merge_counts",),
    "lmkit.ngrams.model": ("NgramModel",),
    "lmkit.ngrams.perplexity": ("Perplexity", "TokenScore", "perplexity", "score_sentence", "score_text"),
    "lmkit.ngrams.problems": ("Problem",),
    "lmkit.ngrams.scoring": ("conditional_log10_probs", "probability"),
    "lmkit.repairing": ("Repaired", "repair_model"),
    "lmkit.storage": ("load", "load_counts", "load_matrix", "load_model", "save", "save_matrix"),
    "lmkit.vectors.association": ("ppmi",),
    "lmkit.vectors.cooccurrence": ("Cooccurrence", "cooccurrence"),
    "lmkit.vectors.onehot": ("one_hot",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CheckReport",
    "Cooccurrence",
    "DataError",
    "EncodedText",
    "Entropy",
    "LmkitError",
    "NgramCounts",
    "NgramModel",
    "Perplexity",
    "Problem",
    "Repaired",
    "TextSettings",
    "TokenScore",
    "UsageError",
    "Vocabulary",
    "__version__",
    "check_model",
    "conditional_log10_probs",
    "cooccurrence",
    "count_ngrams",
    "encode_text",
    "entropy",
    "kneser_ney",
    "laplace",
    "list_ngrams",
    "load",
    "load_counts",
    "load_matrix",
    "load_model",
    "maximum_likelihood",
    "merge_counts",
    "one_hot",
    "perplexity",
    "ppmi",
    "probability",
    "repair_model",
    "save",
    "save_matrix",
    "score_sentence",
    "score_text",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"module 'lmkit' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
