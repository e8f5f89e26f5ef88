"""What is not the same as when the work was begun, in words."""

from collections.abc import Mapping
from typing import Any


def differences(made: Mapping[str, Any], asked: Mapping[str, Any], in_words: Mapping[str, str]) -> list[str]:
    """What was made with other values than are asked for now. in_words: of what is kept as a digest, which tells people nothing."""
    found = []
    for name in asked.keys() | made.keys():
        then, now = made.get(name), asked.get(name)
        if then != now:
            found.append(in_words.get(name) or difference(name.replace("_", " "), then, now))
    return sorted(found)


def difference(name: str, then: Any, now: Any) -> str:
    """The same of one of them."""
    if then is None:
        return f"{name} was not given, and is {now}"
    if now is None:
        return f"{name} was {then}, and is not given"
    return f"{name} was {then}, and is {now}"
