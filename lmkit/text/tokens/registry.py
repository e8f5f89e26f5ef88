"""The word tokenizers by name: where each is made, and what it makes of text. To add one, write its module, and its row here.

Nothing is imported before a tokenizer is used: these names stand in the help of commands.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

Tokenize = Callable[[Sequence[str]], Any]  # distinct pieces of text -> an Arrow array of text, one each


@dataclass(frozen=True)
class WordTokenizer:
    """A row of the registry."""

    target: str  # module:function, a `Tokenize`: it puts spaces between tokens (more spaces do no harm)
    makes: str  # what tokens are, for the documentation
    piecewise: bool = (
        False  # it gets the text between white space, of which there are few different ones; else whole lines
    )


OF_NLTK = "what NLTK's tokenizers of these names make of each line; they need no data"
TOKENIZERS = {
    "whitespace": WordTokenizer(
        "lmkit.text.tokens.word_tokenizers:whitespace", "what stands between white space", piecewise=True
    ),
    "words": WordTokenizer(
        "lmkit.text.tokens.word_tokenizers:words", "Unicode words, numbers and punctuation apart: below", piecewise=True
    ),
    "nltk:toktok": WordTokenizer("lmkit.text.tokens.nltk:toktok", OF_NLTK),
    "nltk:treebank": WordTokenizer("lmkit.text.tokens.nltk:treebank", OF_NLTK),
    "nltk:tweet": WordTokenizer("lmkit.text.tokens.nltk:tweet", OF_NLTK),
    "nltk:wordpunct": WordTokenizer("lmkit.text.tokens.nltk:wordpunct", OF_NLTK),
}


@cache
def tokenizer_of(name: str) -> Tokenize:
    """The tokenizer of this name."""
    module, _, function = TOKENIZERS[name].target.partition(":")
    found: Tokenize = getattr(import_module(module), function)
    return found
