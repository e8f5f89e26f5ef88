"""How components of a mixture are named: on the command line, in suites and from Python alike.

    SPEC[:WEIGHT]    where SPEC is    FILE | cache[:SIZE][,decay=X] | classes:FILE | uniform

A file of that very name, SPEC or SPEC:WEIGHT, comes first, so that no name of a file is out of reach.
"""

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lmkit.engine.remote.names import is_remote, place_from, shown
from lmkit.errors import UsageError
from lmkit.recipes.components import CACHE, CLASSES, FILE, UNIFORM, Part
from lmkit.scoring.caching import MOST_WORDS, check_decay
from lmkit.text.sources.names import is_folder

FORMS = "FILE, cache, cache:SIZE, cache:SIZE,decay=X, classes:FILE or uniform"
REMEDY = f"A component is {FORMS}; a weight follows it, as in cache:1000:0.08."
KEYWORD = re.compile(rf"({CACHE}|{CLASSES}|{UNIFORM})(?=[:,]|$)")
CACHE_SPEC = re.compile(r"cache(?::(?P<size>[^:,]*))?(?:,(?P<how>[^:]*))?(?::(?P<weight>[^:]*))?")


@dataclass(frozen=True)
class Named:
    """A component as it was named."""

    text: str
    part: Part
    weight: float | None = None  # above 0 and below 1; None: not said


def parse_components(
    texts: Sequence[str], *, first: str | None = None, decay: float | None = None, folder: Path | None = None
) -> list[Named]:
    """The components of a mixture by their names, SPEC[:WEIGHT]. first: the file of the first model, if that is apart.

    decay: that of caches that name none. folder: where paths start from. UsageError for what is no component, a mixture that begins with none in a
    file, and for what is there twice.
    """
    named = [] if first is None else [Named(shown(first), Part(FILE, first))]
    named += [parse_component(text, folder) for text in texts]
    if decay is not None:
        named = with_decay(named, decay)
    if named[0].part.kind != FILE:
        raise UsageError(
            f"{named[0].text} is in no file, and a mixture begins with a model that is.",
            "Name a model first, as in kn5.safetensors cache:1000.",
        )
    names = [each.part.name for each in named]
    for place, each in enumerate(named):
        if each.part.kind != FILE and names[place] in names[:place]:
            raise UsageError(f"{each.part.title} is there twice.", "Give it once, with the weight of both.")
    return named


def parse_component(text: str, folder: Path | None = None) -> Named:
    """A component by its name. folder: where its path starts from. UsageError for what is none."""
    file, weight = name_and_weight(text, folder)
    keyword = KEYWORD.match(text)
    if keyword is None or (is_there(file, folder) and (weight is None or 0 < weight < 1)):
        if not file:
            raise UsageError(f"{text!r} names no component.", REMEDY)
        return Named(shown(text), Part(FILE, placed(file, folder)), checked_weight(text, weight))
    if keyword[1] == CACHE:
        return named_cache(text)
    if keyword[1] == UNIFORM:
        return Named(text, Part(UNIFORM), weight_in(text, text.removeprefix(UNIFORM)))
    file, weight = name_and_weight(text.removeprefix(CLASSES).removeprefix(":"), folder)
    if not file:
        raise UsageError(f"{text} names no file of classes.", "Write classes:FILE, or classes:FILE:WEIGHT.")
    return Named(
        f"{CLASSES}:{shown(text.removeprefix(CLASSES).removeprefix(':'))}",
        Part(CLASSES, placed(file, folder)),
        checked_weight(text, weight),
    )


def named_cache(text: str) -> Named:
    """A cache by its name: a lone number is its size if it is whole, and else its weight. UsageError for what is none."""
    found = CACHE_SPEC.fullmatch(text)
    if found is None:
        raise UsageError(f"{text} is no cache.", REMEDY)
    size, how, weight = found["size"], found["how"], found["weight"]
    if size is not None and how is None and weight is None and "." in size:
        size, weight = None, size
    decay = None
    if how is not None:
        name, _, value = how.partition("=")
        if name != "decay":
            raise UsageError(f"{text}: {how!r} is nothing that a cache has.", REMEDY)
        decay = checked_decay(text, number_in(value))
    weight_said = None if weight is None else weight_in(text, f":{weight}")
    return Named(text, Part(CACHE, size=None if size is None else size_in(text, size), decay=decay), weight_said)


def size_in(text: str, size: str) -> int:
    """The words that a cache holds. UsageError for what is no such number."""
    number = int(size) if size.isascii() and size.isdigit() else 0
    if not 0 < number <= MOST_WORDS:
        raise UsageError(
            f"{text}: a cache of {size!r} words; its size is a whole number from 1 to {MOST_WORDS:,}.", REMEDY
        )
    return number


def number_in(text: str) -> float:
    """A number; NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def weight_in(text: str, end: str) -> float | None:
    """The weight that the end of a name says, after a colon; None if there is no end. UsageError for anything else."""
    if not end:
        return None
    if not end.startswith(":"):
        raise UsageError(f"{text} is no component.", REMEDY)
    return checked_weight(text, number_in(end[1:]))


def checked_weight(text: str, weight: float | None) -> float | None:
    """A weight as it is, or none. UsageError if it is none of a mixture."""
    if weight is not None and not 0 < weight < 1:
        raise UsageError(
            f"{text}: {text.rpartition(':')[2]!r} is no weight: it must be a number above 0 and below 1.", REMEDY
        )
    return weight


def checked_decay(where: str, decay: float) -> float:
    """The decay of a cache, 0 without a sign. UsageError for what is none."""
    check_decay(decay, where)
    return decay + 0.0


def with_decay(named: Sequence[Named], decay: float) -> list[Named]:
    """The components with this decay for caches that name none. UsageError if there is none such, and for what is no decay."""
    decay = checked_decay(f"--decay {decay:g}", decay)
    if not any(each.part.kind == CACHE and each.part.decay is None for each in named):
        raise UsageError(
            "--decay is for caches that name none, and there is no such component.",
            "Mix with cache:1000, or leave it out.",
        )
    return [
        replace(each, part=replace(each.part, decay=decay))
        if each.part.kind == CACHE and each.part.decay is None
        else each
        for each in named
    ]


def given_weights(named: Sequence[Named]) -> list[float] | None:
    """The weights of components, as they are named with them: the first, if it names none, has what the others leave. None: no one names one, and they share equally.

    UsageError for some that are missing, that leave nothing for the first, and for a cache or `uniform` without one: an equal share, which
    is right between models, ruins what these are mixed with.
    """
    weights = [each.weight for each in named]
    said = [weight for weight in weights if weight is not None]
    if not said:
        for each in named:
            if each.part.kind in (CACHE, UNIFORM):
                raise UsageError(
                    f"{each.text} has no weight, and is no model that an equal share would be right for.",
                    f"Give it one, as in {each.part.name}:{0.08 if each.part.kind == CACHE else 0.001}; or find all: "
                    f"lmkit ngram mix MODEL {each.part.name} --held-out FILE -o mixed.recipe.json.",
                )
        return None
    lacking = [each.text for each, weight in zip(named[1:], weights[1:], strict=True) if weight is None]
    if lacking:
        raise UsageError(
            f"some components have weights, and others have none: {', '.join(lacking)}.",
            "Give SPEC:WEIGHT for all but the first, which has the rest, or for none.",
        )
    if weights[0] is not None:
        return said
    rest = 1.0 - sum(said)
    if not rest > 0:
        listed = ", ".join(each.text for each in named[1:])
        raise UsageError(
            f"the weights of {listed} sum to {sum(said):.6g}, and leave nothing for {named[0].text}.",
            "Together they must be below 1.",
        )
    return [rest, *said]


def name_and_weight(text: str, folder: Path | None = None) -> tuple[str, float | None]:
    """The parts of FILE:WEIGHT; None for no weight. A file of this very name comes first."""
    name, separator, weight = text.rpartition(":")
    if not separator or is_there(text, folder):
        return text, None
    try:
        number = float(weight)
    except ValueError:
        return text, None
    if is_remote(text) and not 0 < number < 1:  # a port, among the options
        return text, None
    return name, number


def is_there(text: str, folder: Path | None) -> bool:
    """Whether there is something of this name that may be a file."""
    path = placed(text, folder)
    return os.path.lexists(path) and not is_folder(path)


def placed(file: str, folder: Path | None) -> str:
    """The path of a file, which may start from a folder."""
    return file if folder is None or file == "-" else place_from(folder, file)
