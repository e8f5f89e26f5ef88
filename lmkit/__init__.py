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
    from lmkit.checking.problems import Problem
    from lmkit.checking.repair import Repaired, repair_model
    from lmkit.checking.report import CheckReport, check_model
    from lmkit.errors import DataError, LmkitError, SkippedLinesWarning, UsageError
    from lmkit.evaluation.running import evaluate
    from lmkit.evaluation.suite import Suite, read_suite
    from lmkit.ngrams.backoff.mixing import build_mixture
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.backoff.pruning import prune
    from lmkit.ngrams.backoff.restriction import restrict
    from lmkit.ngrams.counting.adding import merge_counts
    from lmkit.ngrams.counting.counts import NgramCounts, count_ngrams
    from lmkit.ngrams.counting.listing import list_ngrams
    from lmkit.ngrams.smoothing.absolute import absolute_discounting
    from lmkit.ngrams.smoothing.additive import laplace, maximum_likelihood
    from lmkit.ngrams.smoothing.explaining import ExplainedWord, explain
    from lmkit.ngrams.smoothing.jelinek_mercer import jelinek_mercer
    from lmkit.ngrams.smoothing.katz import katz
    from lmkit.ngrams.smoothing.kneser_ney import kneser_ney
    from lmkit.ngrams.smoothing.stupid_backoff import stupid_backoff
    from lmkit.ngrams.smoothing.witten_bell import witten_bell
    from lmkit.plots.curves.smoothings import perplexity_plot
    from lmkit.plots.curves.text import text_plot
    from lmkit.plots.curves.texts import heaps_plot, zipf_plot
    from lmkit.plots.files import save_plot, save_surprisal
    from lmkit.plots.plot import Axis, Curve, Plot
    from lmkit.plots.surprisal.view import surprisal_view
    from lmkit.scoring.comparison import Comparison, compare
    from lmkit.scoring.figures import Perplexity
    from lmkit.scoring.generating.generated import GeneratedSentence, GeneratedText
    from lmkit.scoring.generating.generation import generate, generate_text
    from lmkit.scoring.generating.prediction import NextWords, conditional_log10_probs, next_words, probability
    from lmkit.scoring.mixture import Mixture, mixture
    from lmkit.scoring.perplexity import perplexity, score_text
    from lmkit.scoring.surprisal import Surprisal, sentence_surprisal, text_surprisal
    from lmkit.scoring.tokens import TokenScore, score_sentence
    from lmkit.scoring.tuning import tune_weights
    from lmkit.statistics.comparison import VocabularyComparison, compare_vocabularies
    from lmkit.statistics.entropy import Entropy, entropy
    from lmkit.statistics.frequencies import WordFrequencies, word_frequencies
    from lmkit.statistics.growth import VocabularyGrowth, vocabulary_growth
    from lmkit.statistics.word_list import WordList, read_word_list, word_list, words_of_model
    from lmkit.storage import load, load_counts, load_matrix, load_model, save, save_matrix
    from lmkit.text.ids.stored import EncodedText, encode_text
    from lmkit.text.lines.subwords import SubwordFigures, decoded_lines, encoded_lines, subword_figures
    from lmkit.text.lines.words import tokenize, tokenized_lines
    from lmkit.text.sentences.rules import split_sentences
    from lmkit.text.settings import TextSettings
    from lmkit.text.sources.names import TextFile
    from lmkit.text.tokens.subwords.tokenizer import SubwordTokenizer, read_tokenizer
    from lmkit.text.tokens.subwords.training import train_tokenizer
    from lmkit.text.tokens.units import join_units, unit_names
    from lmkit.text.vocabulary import Vocabulary
    from lmkit.vectors.association import ppmi
    from lmkit.vectors.cooccurrence import Cooccurrence, cooccurrence
    from lmkit.vectors.onehot import one_hot

_HOMES = {
    "lmkit.checking.report": ("CheckReport", "check_model"),
    "lmkit.text.ids.stored": ("EncodedText", "encode_text"),
    "lmkit.text.sentences.rules": ("split_sentences",),
    "lmkit.text.settings": ("TextSettings",),
    "lmkit.text.lines.subwords": ("SubwordFigures", "decoded_lines", "encoded_lines", "subword_figures"),
    "lmkit.text.tokens.subwords.training": ("train_tokenizer",),
    "lmkit.text.tokens.subwords.tokenizer": ("SubwordTokenizer", "read_tokenizer"),
    "lmkit.text.lines.words": ("tokenize", "tokenized_lines"),
    "lmkit.text.sources.names": ("TextFile",),
    "lmkit.text.tokens.units": ("join_units", "unit_names"),
    "lmkit.text.vocabulary": ("Vocabulary",),
    "lmkit.errors": ("DataError", "LmkitError", "SkippedLinesWarning", "UsageError"),
    "lmkit.ngrams.smoothing.absolute": ("absolute_discounting",),
    "lmkit.evaluation.running": ("evaluate",),
    "lmkit.evaluation.suite": ("Suite", "read_suite"),
    "lmkit.ngrams.smoothing.additive": ("laplace", "maximum_likelihood"),
    "lmkit.scoring.comparison": ("Comparison", "compare"),
    "lmkit.ngrams.counting.counts": ("NgramCounts", "count_ngrams"),
    "lmkit.statistics.entropy": ("Entropy", "entropy"),
    "lmkit.ngrams.smoothing.explaining": ("ExplainedWord", "explain"),
    "lmkit.ngrams.smoothing.jelinek_mercer": ("jelinek_mercer",),
    "lmkit.ngrams.smoothing.katz": ("katz",),
    "lmkit.scoring.figures": ("Perplexity",),
    "lmkit.scoring.generating.generated": ("GeneratedSentence", "GeneratedText"),
    "lmkit.scoring.generating.generation": ("generate", "generate_text"),
    "lmkit.ngrams.smoothing.kneser_ney": ("kneser_ney",),
    "lmkit.ngrams.counting.listing": ("list_ngrams",),
    "lmkit.ngrams.counting.adding": ("merge_counts",),
    "lmkit.scoring.mixture": ("Mixture", "mixture"),
    "lmkit.ngrams.backoff.mixing": ("build_mixture",),
    "lmkit.scoring.tuning": ("tune_weights",),
    "lmkit.ngrams.backoff.model": ("NgramModel",),
    "lmkit.ngrams.backoff.pruning": ("prune",),
    "lmkit.ngrams.backoff.restriction": ("restrict",),
    "lmkit.scoring.generating.prediction": ("NextWords", "conditional_log10_probs", "next_words", "probability"),
    "lmkit.scoring.perplexity": ("perplexity", "score_text"),
    "lmkit.scoring.tokens": ("TokenScore", "score_sentence"),
    "lmkit.ngrams.smoothing.stupid_backoff": ("stupid_backoff",),
    "lmkit.statistics.comparison": ("VocabularyComparison", "compare_vocabularies"),
    "lmkit.statistics.growth": ("VocabularyGrowth", "vocabulary_growth"),
    "lmkit.ngrams.smoothing.witten_bell": ("witten_bell",),
    "lmkit.checking.problems": ("Problem",),
    "lmkit.checking.repair": ("Repaired", "repair_model"),
    "lmkit.statistics.frequencies": ("WordFrequencies", "word_frequencies"),
    "lmkit.statistics.word_list": ("WordList", "read_word_list", "word_list", "words_of_model"),
    "lmkit.scoring.surprisal": ("Surprisal", "sentence_surprisal", "text_surprisal"),
    "lmkit.plots.files": ("save_plot", "save_surprisal"),
    "lmkit.plots.plot": ("Axis", "Curve", "Plot"),
    "lmkit.plots.curves.smoothings": ("perplexity_plot",),
    "lmkit.plots.curves.text": ("text_plot",),
    "lmkit.plots.curves.texts": ("heaps_plot", "zipf_plot"),
    "lmkit.plots.surprisal.view": ("surprisal_view",),
    "lmkit.storage": ("load", "load_counts", "load_matrix", "load_model", "save", "save_matrix"),
    "lmkit.vectors.association": ("ppmi",),
    "lmkit.vectors.cooccurrence": ("Cooccurrence", "cooccurrence"),
    "lmkit.vectors.onehot": ("one_hot",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Axis",
    "CheckReport",
    "Comparison",
    "Cooccurrence",
    "Curve",
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
    "Plot",
    "Problem",
    "Repaired",
    "SkippedLinesWarning",
    "SubwordFigures",
    "SubwordTokenizer",
    "Suite",
    "Surprisal",
    "TextFile",
    "TextSettings",
    "TokenScore",
    "UsageError",
    "Vocabulary",
    "VocabularyComparison",
    "VocabularyGrowth",
    "WordFrequencies",
    "WordList",
    "__version__",
    "absolute_discounting",
    "build_mixture",
    "check_model",
    "compare",
    "compare_vocabularies",
    "conditional_log10_probs",
    "cooccurrence",
    "count_ngrams",
    "decoded_lines",
    "encode_text",
    "encoded_lines",
    "entropy",
    "evaluate",
    "explain",
    "generate",
    "generate_text",
    "heaps_plot",
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
    "perplexity_plot",
    "ppmi",
    "probability",
    "prune",
    "read_suite",
    "read_tokenizer",
    "read_word_list",
    "repair_model",
    "restrict",
    "save",
    "save_matrix",
    "save_plot",
    "save_surprisal",
    "score_sentence",
    "score_text",
    "sentence_surprisal",
    "split_sentences",
    "stupid_backoff",
    "subword_figures",
    "surprisal_view",
    "text_plot",
    "text_surprisal",
    "tokenize",
    "tokenized_lines",
    "train_tokenizer",
    "tune_weights",
    "unit_names",
    "vocabulary_growth",
    "witten_bell",
    "word_frequencies",
    "word_list",
    "words_of_model",
    "zipf_plot",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"module 'lmkit' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
