"""What the JSON object of a tokenizer must be made of. It is looked at before it is used: a file may hold anything."""

from collections.abc import Iterable
from typing import Any

KINDS = ("bpe", "wordpiece", "unigram", "wordlevel")
LONGEST_PIECE = (
    1000  # letters: the library has a tree of pieces, and the stack ends where it takes down one that is too deep
)
MOST_GROWTH = 1000  # letters out of one
MOST_IDS = 1 << 32  # numbers of tokens are 32-bit in the library
TEXTS = {  # settings of models that are texts, or not there
    "bpe": ("unk_token", "continuing_subword_prefix", "end_of_word_suffix"),
    "wordpiece": ("unk_token", "continuing_subword_prefix"),
    "unigram": (),
    "wordlevel": ("unk_token",),
}


def check_structure(found: Any) -> None:
    """ValueError, KeyError, TypeError or AttributeError for what is no tokenizer, or has a part that is none."""
    model = found["model"]
    kind = model["type"].lower()
    wanted(kind in KINDS, "type")
    if kind == "unigram":
        check_pieces(model["vocab"], model.get("unk_id"))
    else:
        check_numbers(model["vocab"])
    for name in TEXTS[kind]:
        wanted(isinstance(model.get(name), str | None), name)
    if kind == "bpe":
        check_merges(model)
    added = found.get("added_tokens")
    wanted(isinstance(added, list | None), "added_tokens")
    for token in added or ():
        wanted(isinstance(token["content"], str), "added_tokens")
    for name in ("normalizer", "pre_tokenizer", "decoder"):
        wanted(growth_of(parts_of(found.get(name))) <= MOST_GROWTH, name)


def wanted(fits: bool, name: str) -> None:
    """ValueError about a part of this name, unless it fits."""
    if not fits:
        raise ValueError(name)


def check_numbers(vocabulary: Any) -> None:
    """ValueError unless this gives tokens numbers."""
    wanted(isinstance(vocabulary, dict), "vocab")
    wanted(all(type(number) is int and 0 <= number < MOST_IDS for number in vocabulary.values()), "vocab")


def check_pieces(pieces: Any, unknown: Any) -> None:
    """ValueError unless this is a list of pieces with scores, in which the place of the unknown one is, if there is one."""
    wanted(isinstance(pieces, list), "vocab")
    for piece, score in pieces:
        wanted(isinstance(piece, str) and len(piece) <= LONGEST_PIECE and type(score) in (int, float), "vocab")
    wanted(unknown is None or (type(unknown) is int and 0 <= unknown < len(pieces)), "unk_id")


def check_merges(model: dict[str, Any]) -> None:
    """ValueError unless merges are pairs of texts. The library cuts the prefix from the second, which must be long enough: it ends in a panic else."""
    merges = model.get("merges", [])
    wanted(isinstance(merges, list), "merges")
    prefix = model.get("continuing_subword_prefix") or ""
    for merge in merges:
        first, second = merge.split(" ") if isinstance(merge, str) else merge
        wanted(isinstance(first, str) and isinstance(second, str), "merges")
        wanted(not prefix or second.startswith(prefix), "continuing_subword_prefix")


def parts_of(part: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The parts of a sequence of normalizers or the like, or the one that there is. KeyError, TypeError and the like for what is none."""
    if part is None:
        return []
    if not isinstance(part["type"], str):
        raise TypeError(part["type"])
    if part["type"] != "Sequence":
        return [part]
    (listed,) = (value for key, value in part.items() if key != "type")
    return [inner for one in listed for inner in parts_of(one)]


def growth_of(parts: list[dict[str, Any]]) -> float:
    """How many letters these parts, one after the other, can at most make of one. Each that doubles some can find what the one before has made."""
    growth, made = 1.0, set[str]()  # letters that are not of the text
    for part in parts:
        times, taken, given = growth_by(part)
        growth = growth * times if taken is None or taken & made else max(growth, times)
        made |= given
    return growth


def growth_by(part: dict[str, Any]) -> tuple[float, set[str] | None, set[str]]:
    """How many letters a part makes of one, which letters it takes (None: it may be any), and which it gives."""
    if part["type"] == "ByteLevel":
        return 2, None, set()
    if part["type"] == "Prepend":
        return 1 + len(part["prepend"]), None, set(part["prepend"])
    if part["type"] != "Replace":
        return 1, set(), set()
    content, text = part["content"], part["pattern"].get("String")
    if text:
        return max(1, len(content) / len(text)), set(text), set(content)
    return 1 + len(content), None, set(content)  # an expression may find places between letters


def check_ids(ids: Iterable[int], entries: int) -> None:
    """ValueError about the numbers of the tokens of a file with so many entries, unless each has one of its own below that."""
    listed = list(ids)
    if len(set(listed)) < len(listed):
        raise ValueError("two tokens have the same number")
    largest = max(listed, default=-1)
    if largest >= entries:
        raise ValueError(f"a token has the number {largest:,}, and there are {entries:,} tokens")
