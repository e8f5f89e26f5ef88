"""What is not the same as when the work was begun, in words."""

from collections.abc import Mapping
from typing import Any


def differences(made: Mapping[str, Any], asked: Mapping[str, Any], in_words: Mapping[str, str]) -> list[str]:
    """What was made with other values than are asked for now. in_words: of what is kept as a digest, which tells people nothing."""
    found = []
    for name in asked.keys() | made.keys():
        then, now = made.get(name), asked.get(name)
        if then != now:
            found.append(in_words.get(name, f"{name.replace('_', ' ')} was {then}, and is {now}"))
    return sorted(found)
