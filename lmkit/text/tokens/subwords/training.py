"""Training subword tokenizers: byte-level BPE, WordPiece, Unigram. The same text gives the same file.

BPE: Sennrich, Haddow & Birch 2016, on bytes as in Radford et al. 2019. WordPiece: Schuster & Nakajima 2012; its tokens are found as
those of BPE are, as in the `tokenizers` library. Unigram: see unigram.py; that of the library gives another file each time.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal, get_args

from lmkit.errors import DataError, UsageError
from lmkit.text.reading import Reading
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts, source_name, sources
from lmkit.text.sources.reading import read_blocks
from lmkit.text.tokens.normalization import QUOTES
from lmkit.text.tokens.subwords.counting import count_words
from lmkit.text.tokens.subwords.json_files import SPLIT, library
from lmkit.text.tokens.subwords.tokenizer import SubwordTokenizer, loaded
from lmkit.text.tokens.subwords.unigram import train_unigram
from lmkit.text.vocabulary import MARKS

Kind = Literal["bpe", "wordpiece", "unigram"]
BYTES = 256
UNKNOWN = {"wordpiece": "[UNK]", "unigram": "<unk>"}
NEVER = -1000.0  # log probability of tokens that stand for others
BATCH = 1000  # words handed over together


def train_tokenizer(
    texts: Texts,
    kind: Kind = "bpe",
    vocabulary_size: int = 8000,
    *,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
) -> SubwordTokenizer:
    """The subword tokenizer of so many tokens that is trained on the texts; `json` is its file.

    settings: how text is shaped (lower case, …); the tokenizer's own normalizer does the same. There are fewer tokens if the text does
    not give so many. DataError for an empty text, and for one with more characters than there may be tokens; UsageError for settings
    that a tokenizer file cannot hold.
    """
    settings = settings or TextSettings()
    check_training(kind, vocabulary_size, settings)
    tokenizers = library()
    tokenizer = untrained(tokenizers, kind, settings)
    words = count_words(tokenizer.pre_tokenizer, read_blocks(texts, reading), settings, white_space=kind == "bpe")
    if not words:
        raise DataError(f"{', '.join(map(source_name, sources(texts)))}: there is no text to train a tokenizer on.")
    found = json.loads(tokenizer.to_str())
    if kind == "bpe":
        found["model"] = trained_bpe(tokenizers, words, vocabulary_size)
    elif kind == "wordpiece":
        found["model"] = trained_wordpiece(tokenizers, words, vocabulary_size)
    else:
        found["model"] |= {"vocab": unigram_pieces(words, vocabulary_size), "byte_fallback": True, "unk_id": 0}
    found["added_tokens"] = []  # text that looks like the unknown token is text
    return loaded(json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n")


def trained_bpe(tokenizers: Any, words: dict[str, int], size: int) -> dict[str, Any]:
    """The model of a tokenizer file."""
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=size, min_frequency=2, show_progress=False, initial_alphabet=alphabet
    )
    return trained_on(tokenizers, tokenizers.models.BPE(), words, trainer)


def trained_wordpiece(tokenizers: Any, words: dict[str, int], size: int) -> dict[str, Any]:
    """The model of a tokenizer file. DataError if there are more characters than tokens."""
    # Single characters within words first, in an order of their own: the library would number them as it meets them.
    inner = sorted({letter for word in words for letter in word[1:]})
    fixed = [UNKNOWN["wordpiece"], *(f"##{letter}" for letter in inner)]
    least = len(fixed) + len({letter for word in words for letter in word})
    if size < least:
        raise too_few(size, least)
    trainer = tokenizers.trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=2, show_progress=False, special_tokens=fixed
    )
    return trained_on(tokenizers, tokenizers.models.WordPiece(unk_token=UNKNOWN["wordpiece"]), words, trainer)


def trained_on(tokenizers: Any, model: Any, words: dict[str, int], trainer: Any) -> dict[str, Any]:
    """A model that the library trains on words, which it counts another time: it takes no counts."""
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.CharDelimiterSplit(" ")
    tokenizer.train_from_iterator(repeated(words), trainer)
    found: dict[str, Any] = json.loads(tokenizer.to_str())["model"]
    return found


def repeated(words: dict[str, int]) -> Iterator[str]:
    """Text in which the words occur as often."""
    for word, occurs in words.items():
        for first in range(0, occurs, BATCH):
            yield f"{word} " * min(BATCH, occurs - first)


def unigram_pieces(words: dict[str, int], size: int) -> list[tuple[str, float]]:
    """The tokens of a file: the unknown one, bytes, and what the words give. DataError if there are more characters than tokens.

    Neither bytes nor the unknown token are ever the best reading of text: their scores are far below all others. White space but for
    the space is written in bytes, so that no token has any in it.
    """
    kept = {word: occurs for word, occurs in words.items() if not any(map(str.isspace, word))}
    letters = {letter for word in kept for letter in word}
    unseen = [letter for letter in ascii_letters() if letter not in letters]
    least = 1 + BYTES + len(unseen) + len(letters)
    if size < least:
        raise too_few(size, least)
    pieces = train_unigram(list(kept), list(kept.values()), size - 1 - BYTES - len(unseen))
    lowest = pieces[-1][1] if pieces else 0.0
    fixed = [(UNKNOWN["unigram"], NEVER), *((f"<0x{byte:02X}>", NEVER) for byte in range(BYTES))]
    listed = [piece for piece in pieces if piece[0].encode() not in MARKS]
    return [*fixed, *listed, *((letter, lowest) for letter in unseen)]


def check_training(kind: str, vocabulary_size: int, settings: TextSettings) -> None:
    """UsageError for what cannot be trained."""
    if kind not in get_args(Kind):
        raise UsageError(f"the kind of tokenizer is {kind!r}; it must be one of: {', '.join(get_args(Kind))}.")
    if any(not each.in_subwords for each, _, _ in settings.differences(TextSettings(), Role.WORDS)):
        raise UsageError(
            "a subword tokenizer is trained on lines of text, in lower case at most: its file cannot hold case folding, units or words.",
            "Use --lowercase in place of --casefold.",
        )
    least = {"bpe": BYTES, "wordpiece": 3, "unigram": BYTES + 1 + len(ascii_letters())}[kind]
    if vocabulary_size < least:
        raise too_few(vocabulary_size, least, UsageError)


def too_few(size: int, least: int, error: type[DataError | UsageError] = DataError) -> DataError | UsageError:
    """The error for a vocabulary that does not hold all bytes or characters."""
    return error(
        f"a vocabulary of {size:,} tokens is too small: bytes and single characters alone are {least:,}.",
        "Give a larger --vocabulary-size; 4000 to 32000 are usual.",
    )


def ascii_letters() -> list[str]:
    """The printable characters of ASCII, of which the names of bytes are made: text that looks like one is spelt with them."""
    return [chr(code) for code in range(0x21, 0x7F)]


def untrained(tokenizers: Any, kind: Kind, settings: TextSettings) -> Any:
    """A tokenizer of this kind without tokens."""
    models, pre, decoders = tokenizers.models, tokenizers.pre_tokenizers, tokenizers.decoders
    split = pre.Split(tokenizers.Regex(SPLIT), "isolated")
    normalizers = normalizers_of(tokenizers, settings)
    # A space before each line, so that its first word looks like the others; taken off again by the decoder.
    prepend, strip = tokenizers.normalizers.Prepend(" "), decoders.Strip(" ", 1, 0)
    if kind == "bpe":
        tokenizer = tokenizers.Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre.Sequence([split, pre.ByteLevel(add_prefix_space=False, use_regex=False)])
        tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), strip])
    elif kind == "unigram":
        tokenizer = tokenizers.Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre.Sequence([split, pre.Metaspace("▁", "never", split=True)])
        steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), strip]
        tokenizer.decoder = decoders.Sequence(steps)
    else:
        tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token=UNKNOWN[kind]))
        tokenizer.pre_tokenizer = pre.Sequence([pre.WhitespaceSplit(), split])
        tokenizer.decoder = decoders.WordPiece("##", cleanup=False)
    tokenizer.normalizer = tokenizers.normalizers.Sequence(normalizers + ([] if kind == "wordpiece" else [prepend]))
    return tokenizer


def normalizers_of(tokenizers: Any, settings: TextSettings) -> list[Any]:
    """What the tokenizer does to text by itself; to text that lmkit has shaped, nothing."""
    made, regex = tokenizers.normalizers, tokenizers.Regex
    form = {"nfc": [made.NFC()], "nfkc": [made.NFKC()], "none": []}[settings.normalize]
    steps = list(form)
    if settings.unify_quotes:
        for plain in ("'", '"'):
            quotes = "".join(chr(code) for code, other in QUOTES.items() if other == plain)
            steps.append(made.Replace(regex(f"[{quotes}]"), plain))
    steps += [made.Lowercase()] if settings.lowercase else []
    steps += [made.NFD(), made.StripAccents()] if settings.strip_accents else []
    steps += [made.Replace(regex(r"\p{Nd}"), "0")] if settings.fold_numbers else []
    return steps + (form if len(steps) > 1 else [])
