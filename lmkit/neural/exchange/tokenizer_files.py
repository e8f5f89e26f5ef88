"""The files of a tokenizer that gives the ids of a model: tokenizer.json, as the `tokenizers` library reads it, and its settings.

Text is a line. <s> stands in front, as in lmkit; </s> is what a model says at the end of a sentence.
"""

import json
import warnings
from typing import Any

from lmkit.errors import DataError, ModelWarning
from lmkit.neural.exchange.normalizers import steps_of
from lmkit.neural.exchange.token_names import check_distinct, tokens_of
from lmkit.text.settings import WHITESPACE, TextSettings
from lmkit.text.tokens.subwords import sentencepiece
from lmkit.text.tokens.subwords.structure import parts_of
from lmkit.text.tokens.subwords.tokenizer import subwords_of
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, UNK, Vocabulary

Fields = dict[str, Any]

WORDS = {"type": "Split", "pattern": {"Regex": "[\\t-\\r ]+"}, "behavior": "Removed", "invert": False}
CHARACTERS = {"type": "Split", "pattern": {"Regex": r"[\s\S]"}, "behavior": "Isolated", "invert": False}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
OF_BPE: Fields = {"dropout": None, "continuing_subword_prefix": None, "end_of_word_suffix": None}


def tokenizer_of(vocabulary: Vocabulary, settings: TextSettings) -> Fields:
    """The content of tokenizer.json. DataError for settings that no such file carries; a ModelWarning for text that has to be cut first."""
    tokens = tokens_of(vocabulary, settings)
    check_distinct(tokens)
    check_letters(settings)
    found = subword_parts(tokens, settings) if settings.tokenizer_json else unit_parts(tokens, settings)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added(tokens, found.pop("added_tokens", ())),
        "post_processor": begins_with(tokens[BOS]),
    } | found


def check_letters(settings: TextSettings) -> None:
    """DataError for case folding of what is no word; a ModelWarning for words that `lmkit tokenize` has to make first."""
    by_words = settings.unit == "word" and not settings.tokenizer_json
    if settings.casefold and not by_words:
        raise DataError(
            "the model folds the case of text (--casefold), and tokenizer.json has no step that does.",
            "Train it with --lowercase instead.",
        )
    if by_words and (settings.casefold or settings.tokenizer != WHITESPACE):
        how = [f"--tokenizer {settings.tokenizer}"] * (settings.tokenizer != WHITESPACE)
        how += ["--casefold"] * settings.casefold
        warnings.warn(
            ModelWarning(
                f"tokenizer.json cannot do what {' and '.join(how)} does: the tokenizer of the folder splits text at white space, and nothing else.",
                f"Give it lines that `lmkit tokenize {' '.join(how)}` has made: then ids are the same.",
            ),
            stacklevel=4,
        )


def unit_parts(tokens: list[str], settings: TextSettings) -> Fields:
    """How words between white space, characters or bytes are found, and what their numbers are."""
    numbers = {token: number for number, token in enumerate(tokens)}
    listed: Fields = {"type": "WordLevel", "vocab": numbers, "unk_token": tokens[UNK]}
    cut: dict[str, tuple[Fields, Fields, Fields | None]] = {
        "word": (listed, WORDS, None),
        "character": (listed, CHARACTERS, {"type": "Fuse"}),
        "byte": (as_bpe(numbers, tokens[UNK]), BYTES, BYTES),
    }
    model, split, decoder = cut[settings.unit]
    return {"normalizer": sequence(steps_of(settings)), "pre_tokenizer": split, "model": model, "decoder": decoder}


def as_bpe(numbers: dict[str, int], unknown: str) -> Fields:
    """A model that joins nothing: its tokens are letters that stand for bytes."""
    return {"type": "BPE", "vocab": numbers, "merges": [], "unk_token": unknown, "fuse_unk": False} | OF_BPE


def subword_parts(tokens: list[str], settings: TextSettings) -> Fields:
    """The parts of a subword tokenizer, whose tokens get the numbers of the model. DataError for one that is no tokenizer.json, or has more tokens."""
    if sentencepiece.is_kept_in(settings.tokenizer_json):
        raise DataError(
            f"the tokenizer of the model, {settings.tokenizer}, is a model of SentencePiece, and the folder needs a tokenizer.json.",
            "Train the model with a .json tokenizer: lmkit tokenizer train.",
        )
    tokenizer = subwords_of(settings)
    numbers = {token: number for number, token in enumerate(tokens)}
    found: Fields = json.loads(settings.tokenizer_json)
    others = found.get("added_tokens") or ()
    wanted = dict.fromkeys((*tokenizer.tokens, *(other["content"] for other in others)))
    missing = [token for token in wanted if token and token not in numbers]
    if missing:
        raise DataError(
            f"the model lacks {len(missing):,} of the {len(tokenizer):,} tokens of its tokenizer {settings.tokenizer}, the first is {missing[0]!r}: what is unknown to the one is known to the other.",
            "Train it without --cutoff and --vocabulary: a subword tokenizer limits the vocabulary by itself.",
        )
    model = found["model"]
    if model["type"].lower() == "unigram":
        model |= numbered_pieces(model["vocab"], model.get("unk_id"), tokens)
    else:
        model["vocab"] = numbers
    if model["type"].lower() == "bpe":
        model["dropout"] = None
    own = parts_of(found.get("normalizer"))
    kept = {name: found.get(name) for name in ("pre_tokenizer", "model", "decoder")}
    return kept | {"normalizer": sequence([*steps_of(settings), *own]), "added_tokens": others}


def numbered_pieces(pieces: list[list[Any]], unknown: int | None, tokens: list[str]) -> Fields:
    """The pieces of a Unigram tokenizer in the order of these tokens; a mark is as probable as the least of them, and stands in no text."""
    scores: dict[str, float] = dict(map(tuple, pieces))
    least = min(scores.values(), default=0.0)
    return {
        "vocab": [[token, scores.get(token, least)] for token in tokens],
        "unk_id": None if unknown is None else tokens.index(pieces[unknown][0]),
    }


def sequence(steps: list[Fields]) -> Fields | None:
    """The steps as one."""
    return {"type": "Sequence", "normalizers": steps} if steps else None


def added(tokens: list[str], others: Any) -> list[Fields]:
    """The marks as tokens of their own wherever they stand in text, and the added tokens that there are, with their numbers."""
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    numbers = {token: number for number, token in enumerate(tokens)}
    found = {number: {"content": tokens[number], **plain, "special": True} for number in range(FIRST_WORD)}
    found |= {numbers[other["content"]]: other for other in others}
    return [found[number] | {"id": number} for number in sorted(found)]


def begins_with(mark: str) -> Fields:
    """What puts the mark in front of each text."""
    single: list[Fields] = [{"SpecialToken": {"id": mark, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    second: list[Fields] = [{"SpecialToken": {"id": mark, "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}]
    special = {mark: {"id": mark, "ids": [BOS], "tokens": [mark]}}
    return {"type": "TemplateProcessing", "single": single, "pair": single + second, "special_tokens": special}


def tokenizer_settings(vocabulary: Vocabulary, settings: TextSettings, context: int) -> Fields:
    """The content of tokenizer_config.json."""
    tokens = tokens_of(vocabulary, settings)
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokens[BOS],
        "eos_token": tokens[EOS],
        "unk_token": tokens[UNK],
        "pad_token": tokens[EOS],
        "model_max_length": context,
        "clean_up_tokenization_spaces": False,
        "add_prefix_space": False,
    }
