"""The word tokenizers of NLTK that need no data. Each gets distinct lines, and gives them back with spaces between the tokens."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from lmkit.engine.arrow import texts_to_arrow
from lmkit.errors import DataError


def toktok(lines: Sequence[str]) -> Any:
    """What Dehdari's tok-tok makes of lines."""
    return tokenized("ToktokTokenizer", lines)


def treebank(lines: Sequence[str]) -> Any:
    """Tokens as in the Penn Treebank."""
    return tokenized("TreebankWordTokenizer", lines)


def tweet(lines: Sequence[str]) -> Any:
    """Tokens for short messages: emoticons and hashtags are whole."""
    return tokenized("TweetTokenizer", lines)


def wordpunct(lines: Sequence[str]) -> Any:
    """Letters and punctuation apart."""
    return tokenized("WordPunctTokenizer", lines)


def tokenized(kind: str, lines: Sequence[str]) -> Any:
    """(lines,) an Arrow array of what NLTK's tokenizer of this class makes of each line."""
    tokenizer = nltk_tokenizer(kind)
    return texts_to_arrow([" ".join(tokenizer.tokenize(line)) for line in lines])


@cache
def nltk_tokenizer(kind: str) -> Any:
    """NLTK's tokenizer of this class."""
    try:
        from nltk import tokenize
    except ImportError as error:
        raise DataError(f"NLTK's {kind} needs NLTK: {error}.", "Install it with: pip install nltk") from None
    return getattr(tokenize, kind)()
