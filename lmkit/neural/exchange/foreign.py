"""The words of a folder that another program wrote: which row of the embeddings is that of which word of lmkit."""

import json
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.engine.files.own_files import Fields, damage_told
from lmkit.errors import DataError, ModelWarning
from lmkit.neural.embeddings import TABLE
from lmkit.neural.parameters import Parameters
from lmkit.text.settings import TextSettings
from lmkit.text.stored_words import check_words
from lmkit.text.tokens.subwords.json_files import parsed, unknown_token
from lmkit.text.tokens.subwords.tokenizer import loaded
from lmkit.text.vocabulary import MARKS, UNK, Vocabulary

NEVER = -1000.0  # a logit far below all others


@dataclass(frozen=True, eq=False)
class Rows:
    """Where the rows of a vocabulary come from."""

    vocabulary: Vocabulary
    settings: TextSettings
    places: NDArray[np.int64]  # (types,) in the embeddings of the folder
    knows_unknown: bool  # whether the folder has a token for unknown words; else that of <unk> is to be made

    def give_unknown(self, parameters: Parameters) -> None:
        """Give <unk> a row of its own if the folder has none, and say so."""
        if self.knows_unknown:
            return
        row = constant_row(parameters["ln_f.weight"], parameters["ln_f.bias"])
        parameters[TABLE][UNK] = 0 if row is None else row
        what = (
            "its logit is 0, as the model was not trained, and it has a share of the probability"
            if row is None
            else f"its logit is {NEVER:g} whatever comes before, so that no other probability changes"
        )
        warnings.warn(
            f"the folder has no token for unknown words; <unk> gets a row of its own: {what}.",
            ModelWarning,
            stacklevel=4,
        )


def constant_row(gain: FloatArray, bias: FloatArray) -> FloatArray | None:
    """(d,) the row w whose product with every output of the last norm is NEVER; None if there is none.

    The output is n ⊙ gain + bias, and the numbers n of a row sum to 0: so w = c / gain gives c Σ n + c Σ bias / gain = c Σ bias / gain.
    """
    if np.abs(gain).min() < 1e-3:
        return None
    total = float((bias.astype(np.float64) / gain).sum())
    if abs(total) < 1e-2:
        return None
    return (NEVER / total / gain.astype(np.float64)).astype(np.float32)


def foreign_rows(config: Fields, tokenizer: str, types: int, name: str) -> Rows:
    """The words and the rows of a folder (name), whose tokenizer.json is this text. DataError for one without an end of text."""
    source = f"{name}/tokenizer.json"
    found = parsed(tokenizer, source)
    tokens, unknown = loaded(tokenizer, source).tokens, unknown_token(found["model"])
    if len(tokens) > types:
        raise DataError(
            f"{name}: the tokenizer has {len(tokens):,} tokens, and the embeddings have {types:,} rows.",
            "They do not belong together, or tokens were added: model.resize_token_embeddings in transformers.",
        )
    end = special(config, "eos_token_id", tokens, name)
    begin = end if config.get("bos_token_id") is None else special(config, "bos_token_id", tokens, name)
    kept = loaded(without_tokens(found, {tokens[end], tokens[begin]} - {unknown}))
    settings = kept.settings(normalize="none")
    of_token = {token: place for place, token in enumerate(tokens) if token}
    named = ((word, of_token[token]) for word, token in zip(kept.names, kept.tokens, strict=True) if token)
    place_of = {word: place for word, place in named if word == MARKS[UNK] or place not in (end, begin)}
    _, _, unknown_place = (place_of.pop(mark, None) for mark in MARKS)
    words = [*MARKS, *sorted(place_of, key=place_of.__getitem__)]
    vocabulary = Vocabulary.from_words(words)
    with damage_told(source):
        check_words(vocabulary)
    first = [end, begin, end if unknown_place is None else unknown_place]
    places = np.array([*first, *(place_of[word] for word in words[len(MARKS) :])], np.int64)
    warn_of_rows(places, types, unknown_ends=unknown_place == end)
    return Rows(vocabulary, settings, places, unknown_place is not None)


def special(config: Fields, key: str, tokens: list[str], name: str) -> int:
    """The number of a special token. DataError if the config has none, or one that is no token."""
    found: Any = config.get(key)
    number = found[0] if isinstance(found, list) and found else found
    if type(number) is not int or not 0 <= number < len(tokens):
        raise DataError(
            f"{name}/config.json: {key} is {found!r}, and a token is needed that {'ends' if key[0] == 'e' else 'begins'} a text: it is {MARKS[key[0] == 'b'].decode()} in lmkit.",
            f"Write the number of the token there, from 0 to {len(tokens) - 1:,}.",
        )
    return number


def without_tokens(tokenizer: Fields, marks: set[str]) -> str:
    """The text of tokenizer.json without the tokens that are marks, and with numbers anew: text that looks like a mark is text.

    Without gaps, as the library numbers added tokens by how many others there are.
    """
    model, listed = tokenizer["model"], tokenizer["model"]["vocab"]
    others = [each for each in tokenizer.get("added_tokens") or () if each["content"] not in marks]
    if isinstance(listed, dict):
        kept = [token for token in sorted(listed, key=listed.__getitem__) if token not in marks]
        model |= {"vocab": {token: number for number, token in enumerate(kept)}}
    else:
        pieces, unknown = [piece for piece in listed if piece[0] not in marks], unknown_token(model)
        place = next((number for number, (token, _) in enumerate(pieces) if token == unknown), None)
        model |= {"vocab": pieces, "unk_id": place}
    return json.dumps(tokenizer | {"model": model, "added_tokens": others}, ensure_ascii=False)


def warn_of_rows(places: NDArray[np.int64], types: int, *, unknown_ends: bool) -> None:
    """A ModelWarning for rows of the embeddings that no token has, and for one that is predicted twice."""
    told = []
    if spare := types - len(np.unique(places)):
        told.append(
            f"{spare:,} of {types:,} rows of the embeddings have no token, and are left out: their share of the probability goes to the others."
        )
    if unknown_ends:
        told.append(
            "the folder has one token for the end of a text and for unknown words: </s> and <unk> have its probability each, and all others somewhat less."
        )
    for each in told:
        warnings.warn(each, ModelWarning, stacklevel=4)
