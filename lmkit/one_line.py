"""Values in one line, as interpreters, notebooks and debuggers show them: arrays by shape, long texts and lists cut, defaults left out."""

import dataclasses
from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from lmkit.escaping import visible

LONGEST = 160  # characters of a line
FIELD = 48  # of a value within it
LISTED = 4  # values of a list, or pairs of a mapping, up to which it is shown

Class = TypeVar("Class")


def one_line(cls: type[Class]) -> type[Class]:
    """The class, whose values are shown in one line: by what `in_brief` says of them, if they have it, else by their fields."""
    cls.__repr__ = line_of  # type: ignore[method-assign]
    return cls


def line_of(value: Any) -> str:
    """A value in one line: `<Name what it is>`, or, as Python writes it, `Name(field=value)` with the fields that are not as by default."""
    name = type(value).__name__
    if hasattr(value, "in_brief"):
        return cut(f"<{name} {visible(value.in_brief())}", LONGEST - 1) + ">"
    said = ""
    for field, found in told(value):
        part = f"{', ' if said else ''}{field}={shown(found)}"
        if len(name) + len(said) + len(part) + len("(, …)") > LONGEST:
            said += ", …" if said else "…"
            break
        said += part
    return f"{name}({said})"


def told(value: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a dataclass, or of a named tuple, that are shown: those that are not as by default."""
    if isinstance(value, tuple):
        yield from value._asdict().items()  # type: ignore[attr-defined]
        return
    for field in dataclasses.fields(value):
        found = getattr(value, field.name)
        if field.repr and not field.name.startswith("_") and not is_default(field, found):
            yield field.name, found


def is_default(field: "dataclasses.Field[Any]", found: Any) -> bool:
    """Whether a field holds what it holds where nothing is said."""
    return field.default is found or (isinstance(found, str | int | float | tuple) and bool(field.default == found))


def shown(value: Any) -> str:
    """A value of a field: an array by its shape, a number by six digits, a text or a list by its beginning, or its size."""
    if hasattr(value, "dtype") and getattr(value, "shape", None):
        return f"{value.dtype}{tuple(value.shape)}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str | bytes):
        return repr(value) if len(value) < FIELD else repr(value[: FIELD - 4])[:-1] + "…" + repr(value)[-1]
    if isinstance(value, dict | list | tuple | set | frozenset):
        return shown_collection(value)
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    said = visible(repr(value))
    if len(said) <= FIELD:
        return said
    return cut(said, FIELD - 1) + ">" if said.startswith("<") else f"{type(value).__name__}(…)"


def shown_collection(value: Collection[Any]) -> str:
    """A list, a tuple, a set or a mapping: all of it if it is small, else its size."""
    if len(value) <= LISTED:
        if isinstance(value, dict):
            said = "{" + ", ".join(f"{shown(key)}: {shown(item)}" for key, item in value.items()) + "}"
        elif isinstance(value, list):
            said = "[" + ", ".join(map(shown, value)) + "]"
        elif isinstance(value, tuple):
            said = "(" + ", ".join(map(shown, value)) + ("," if len(value) == 1 else "") + ")"
        else:
            said = repr(value)
        if len(said) <= FIELD:
            return said
    return f"<{type(value).__name__} of {len(value):,}>"


def cut(text: str, most: int) -> str:
    """The text, or its beginning and a mark that there is more."""
    return text if len(text) <= most else text[: most - 1] + "…"
