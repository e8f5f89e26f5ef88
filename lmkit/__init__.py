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
    from lmkit.corpus.encoded import EncodedText, encode_text
    from lmkit.corpus.settings import TextSettings
    from lmkit.corpus.sources import TextFile
    from lmkit.corpus.units import join_units, unit_names
    from lmkit.corpus.vocabulary import Vocabulary
    from lmkit.errors import DataError, LmkitError, SkippedLinesWarning, UsageError
    from lmkit.ngrams.absolute import absolute_discounting
    from lmkit.ngrams.additive import laplace, maximum_likelihood
    from lmkit.ngrams.counts import NgramCounts, count_ngrams
    from lmkit.ngrams.entropy import Entropy, entropy
    from lmkit.ngrams.explanation import ExplainedWord, explain
    from lmkit.ngrams.generated import GeneratedSentence, GeneratedText
    from lmkit.ngrams.generation import generate, generate_text
    from lmkit.ngrams.jelinek_mercer import jelinek_mercer
    from lmkit.ngrams.katz import katz
    from lmkit.ngrams.kneser_ney import kneser_ney
    from lmkit.ngrams.listing import list_ngrams
    from lmkit.ngrams.merging import merge_counts
    from lmkit.ngrams.mixture import Mixture, mixture
    from lmkit.ngrams.mixture_building import build_mixture
    from lmkit.ngrams.mixture_tuning import tune_weights
    from lmkit.ngrams.model import NgramModel
    from lmkit.ngrams.perplexity import Perplexity, TokenScore, perplexity, score_sentence, score_text
    from lmkit.ngrams.prediction import NextWords, next_words
    from lmkit.ngrams.pruning import prune
    from lmkit.ngrams.restriction import restrict
    from lmkit.ngrams.scoring import conditional_log10_probs, probability
    from lmkit.ngrams.stupid_backoff import stupid_backoff
    from lmkit.ngrams.witten_bell import witten_bell
    from lmkit.storage import load, load_counts, load_matrix, load_model, save, save_matrix
    from lmkit.vectors.association import ppmi
    from lmkit.vectors.cooccurrence import Cooccurrence, cooccurrence
    from lmkit.vectors.onehot import one_hot

_HOMES = {
    "lmkit.corpus.encoded": ("EncodedText", "encode_text"),
    "lmkit.corpus.settings": ("TextSettings",),
    "lmkit.corpus.sources": ("TextFile",),
    "lmkit.corpus.units": ("join_units", "unit_names"),
    "lmkit.corpus.vocabulary": ("Vocabulary",),
    "lmkit.errors": ("DataError", "LmkitError", "SkippedLinesWarning", "UsageError"),
    "lmkit.ngrams.absolute": ("absolute_discounting",),
    "lmkit.ngrams.additive": ("laplace", "maximum_likelihood"),
    "lmkit.ngrams.counts": ("NgramCounts", "count_ngrams"),
    "lmkit.ngrams.entropy": ("Entropy", "entropy"),
    "lmkit.ngrams.explanation": ("ExplainedWord", "explain"),
    "lmkit.ngrams.jelinek_mercer": ("jelinek_mercer",),
    "lmkit.ngrams.katz": ("katz",),
    "lmkit.ngrams.generated": ("GeneratedSentence", "GeneratedText"),
    "lmkit.ngrams.generation": ("generate", "generate_text"),
    "lmkit.ngrams.kneser_ney": ("kneser_ney",),
    "lmkit.ngrams.listing": ("list_ngrams",),
    "lmkit.ngrams.merging": ("merge_counts",),
    "lmkit.ngrams.mixture": ("Mixture", "mixture"),
    "lmkit.ngrams.mixture_building": ("build_mixture",),
    "lmkit.ngrams.mixture_tuning": ("tune_weights",),
    "lmkit.ngrams.model": ("NgramModel",),
    "lmkit.ngrams.perplexity": ("Perplexity", "TokenScore", "perplexity", "score_sentence", "score_text"),
    "lmkit.ngrams.pruning": ("prune",),
    "lmkit.ngrams.restriction": ("restrict",),
    "lmkit.ngrams.prediction": ("NextWords", "next_words"),
    "lmkit.ngrams.scoring": ("conditional_log10_probs", "probability"),
    "lmkit.ngrams.stupid_backoff": ("stupid_backoff",),
    "lmkit.ngrams.witten_bell": ("witten_bell",),
    "lmkit.storage": ("load", "load_counts", "load_matrix", "load_model", "save", "save_matrix"),
    "lmkit.vectors.association": ("ppmi",),
    "lmkit.vectors.cooccurrence": ("Cooccurrence", "cooccurrence"),
    "lmkit.vectors.onehot": ("one_hot",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Cooccurrence",
    "DataError",
    "EncodedText",
    "Entropy",
    "ExplainedWord",
    "GeneratedSentence",
    "GeneratedText",
    "LmkitError",
    "Mixture",
    "NextWords",
    "NgramCounts",
    "NgramModel",
    "Perplexity",
    "SkippedLinesWarning",
    "TextFile",
    "TextSettings",
    "TokenScore",
    "UsageError",
    "Vocabulary",
    "__version__",
    "absolute_discounting",
    "build_mixture",
    "conditional_log10_probs",
    "cooccurrence",
    "count_ngrams",
    "encode_text",
    "entropy",
    "explain",
    "generate",
    "generate_text",
    "jelinek_mercer",
    "join_units",
    "katz",
    "kneser_ney",
    "laplace",
    "list_ngrams",
    "load",
    "load_counts",
    "load_matrix",
    "load_model",
    "maximum_likelihood",
    "merge_counts",
    "mixture",
    "next_words",
    "one_hot",
    "perplexity",
    "ppmi",
    "probability",
    "prune",
    "restrict",
    "save",
    "save_matrix",
    "score_sentence",
    "score_text",
    "stupid_backoff",
    "tune_weights",
    "unit_names",
    "witten_bell",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"module 'lmkit' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
