"""Tokenizers by name: what makes words, separated by spaces, of pieces of text.

A tokenizer gets distinct pieces of text and gives them back with spaces between the tokens (more spaces do no harm). Those of PIECEWISE get the text between
white space, of which there are few different ones; the others, whole lines.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from lmkit.errors import DataError
from lmkit.text.settings import TextSettings

Tokenize = Callable[[Sequence[str]], Any]  # distinct pieces of text -> an Arrow array of text, one each

# What stands within a word: letters, marks (Ewe's and Kabiye's tones), digits, _, and characters that only join or divide.
WITHIN = r"[\pL\pM\pN_\x{00AD}\x{200C}\x{200D}\x{2060}]"
WORDS = "|".join((
    r"(?i:aujourd['’]hui)",
    r"(?i:l|d|j|n|s|c|m|t|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu)['’]",  # French elision: the article, … a word of its own
    r"\pN+(?:[.,]\pN+)+",  # 12,5 and 1.000.000
    rf"{WITHIN}+(?:['’‐‑-]{WITHIN}+)*",  # words, with hyphens, English contractions and possessives
    r"\.\.\.",
    r"[^\s\pZ\pL\pM\pN_\x{00AD}\x{200C}\x{200D}\x{2060}](?:\pM|\x{200D}[^\s\pL\pN])*",  # any other character, with its marks
))  # fmt: skip
SPACES = r"[\s\pZ\x{0085}\x{200B}\x{FEFF}]+"  # no-break spaces, and those of no width, separate as well


def words(pieces: Sequence[str]) -> Any:
    """Words, numbers and punctuation apart, for any language that puts spaces between words."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(pieces, pa.large_string())
    spaced = pc.replace_substring_regex(texts, pattern=SPACES, replacement=" ")
    return pc.replace_substring_regex(spaced, pattern=WORDS, replacement=r"\0 ")


def whitespace(pieces: Sequence[str]) -> Any:
    """What stands between white space."""
    import pyarrow as pa

    return pa.array(pieces, pa.large_string())


def of_nltk(name: str) -> Tokenize:
    """A tokenizer of NLTK that needs no data."""

    def tokenize(lines: Sequence[str]) -> Any:
        import pyarrow as pa

        tokenizer = nltk_tokenizer(name)
        return pa.array([" ".join(tokenizer.tokenize(line)) for line in lines], pa.large_string())

    return tokenize


@cache
def nltk_tokenizer(name: str) -> Any:
    """NLTK's tokenizer object of this name."""
    try:
        from nltk.tokenize import ToktokTokenizer, TreebankWordTokenizer, TweetTokenizer, WordPunctTokenizer
    except ImportError as error:
        raise DataError(
            f"the tokenizer nltk:{name} needs NLTK: {error}.", "Install it with: pip install nltk"
        ) from None
    made = {
        "toktok": ToktokTokenizer,
        "treebank": TreebankWordTokenizer,
        "tweet": TweetTokenizer,
        "wordpunct": WordPunctTokenizer,
    }
    return made[name]()


TOKENIZERS: dict[str, Tokenize] = {
    "whitespace": whitespace,
    "words": words,
    "nltk:toktok": of_nltk("toktok"),
    "nltk:treebank": of_nltk("treebank"),
    "nltk:tweet": of_nltk("tweet"),
    "nltk:wordpunct": of_nltk("wordpunct"),
}
PIECEWISE = ("whitespace", "words")


def tokenizer_of(settings: TextSettings) -> Tokenize:
    """The tokenizer that the settings name."""
    return TOKENIZERS[settings.tokenizer]
