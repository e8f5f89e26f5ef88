"""Words and pairs of words as they are written in options."""

import csv

from lmkit.errors import UsageError


def parse_words(option: str, text: str | None) -> list[str]:
    """The words of a list such as roi,reine; one with a comma in it stands in double quotes. UsageError for an empty list, or an empty word."""
    if text is None:
        return []
    words = [word.strip() for word in next(csv.reader([text], skipinitialspace=True), [])]
    if not words or not all(words):
        raise UsageError(
            f"{option} {text!r} is not a list of words.",
            "Write it as roi,reine; a comma itself in quotes, as 'roi,\",\"'.",
        )
    return words


def parse_pairs(option: str, text: str | None) -> list[tuple[str, str]]:
    """The pairs of a list such as roi:reine,homme:femme. UsageError for what is no pair of two words."""
    pairs = []
    for pair in parse_words(option, text):
        first, colon, second = pair.partition(":")
        if not (first and colon and second) or ":" in second or first == second:
            raise UsageError(f"{option}: {pair!r} is no pair of two words.", "Write pairs as roi:reine,homme:femme.")
        pairs.append((first, second))
    return pairs
