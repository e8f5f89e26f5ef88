"""The public names of Python, a page for each package that has some: signatures and docstrings."""

import dataclasses
import inspect
import re
from enum import Enum
from importlib import import_module
from typing import Annotated, Any, get_args, get_origin

import lmkit
from manual.markdown import Pages, prose

FOLDER = "python"
MODULES = ("lmkit", "lmkit.kenlm")  # what people import
SHORTER = (
    (re.compile(r"numpy\.ndarray\[.*?dtype\[([\w.]+)\]\]"), r"ndarray[\1]"),
    (re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z_])"), ""),  # the modules that names are from
)


def python_pages() -> Pages:
    """A page for each package with public names, and one that lists them all."""
    rooms: dict[str, list[tuple[str, Any]]] = {}
    for module in MODULES:
        for name, home in sorted(lmkit.public_names(module).items()):  # type: ignore[attr-defined]
            if f"{module}.{name}" not in MODULES:
                value = getattr(import_module(module), name)
                rooms.setdefault(room_of(module, home), []).append((name, value))
    pages = {f"{FOLDER}/{room.replace('.', '-')}.md": page(room, rooms[room]) for room in sorted(rooms)}
    return {f"{FOLDER}/index.md": index(rooms)} | pages


def room_of(module: str, home: str) -> str:
    """The package on whose page a name stands: of what is imported from lmkit itself, the one within it that defines it."""
    return ".".join(home.split(".")[:2]) if module == "lmkit" else module


def importable(room: str) -> str:
    """Where the names of a page are imported from."""
    return room if room in MODULES else "lmkit"


def summary_of(room: str) -> str:
    """The first sentence of the docstring of a package."""
    return (inspect.getdoc(import_module(room)) or "").partition("\n")[0]


def index(rooms: dict[str, list[tuple[str, Any]]]) -> str:
    """All names, by what they are about."""
    lines = ["# Python", "", "All that the commands do is there as functions, of files or of texts in memory.", ""]
    (example,) = re.findall(r"^>>>.*(?:\n\S.*)*", inspect.getdoc(lmkit) or "", re.MULTILINE)
    lines += ["```python", example, "```"]
    for room in sorted(rooms):
        names = ", ".join(f"[`{name}`]({room.replace('.', '-')}.md#{name.lower()})" for name, _ in rooms[room])
        lines += ["", f"## {room}", "", prose(summary_of(room)), "", names]
    return "\n".join(lines) + "\n"


def page(room: str, listed: list[tuple[str, Any]]) -> str:
    """The names of a package, each with its signature and docstring."""
    lines = [f"# {room}", "", prose(summary_of(room))]
    if importable(room) != room:
        lines += ["", f"These names are imported from `{importable(room)}` itself."]
    for name, value in listed:
        lines += ["", f"## {prose(name)}", "", *described(name, value)]
    return "\n".join(lines) + "\n"


def described(name: str, value: Any) -> list[str]:
    """What there is to say of a name."""
    if inspect.isclass(value):
        return [*code(signature_of(name, value, "class ")), *documented(value), *members_of(value)]
    if callable(value):
        return [*code(signature_of(name, value)), *documented(value)]
    if isinstance(value, dict):
        return [f"A dictionary: {', '.join(f'`{key}`' for key in value)}."]
    return [f"`{value!r}`"]


def members_of(kind: type) -> list[str]:
    """The public methods and properties of a class, and what its fields are."""
    lines: list[str] = []
    if dataclasses.is_dataclass(kind):
        fields = [f"`{each.name}`" for each in dataclasses.fields(kind) if not each.name.startswith("_")]
        lines += ["", f"Fields: {', '.join(fields)}."] if fields else []
    for name in [each for each in dir(kind) if not each.startswith("_")]:
        member = inspect.getattr_static(kind, name)
        function = getattr(member, "__func__", getattr(member, "fget", getattr(member, "func", member)))
        if not inspect.isfunction(function) or not function.__module__.startswith("lmkit"):
            continue
        is_called = function is member or hasattr(member, "__func__")
        shown = signature_of(name, getattr(kind, name)) if is_called else name
        lines += ["", f"### {kind.__name__}.{prose(name)}", "", *code(shown), *documented(function)]
    return lines


def documented(value: Any) -> list[str]:
    """A docstring as Markdown: sessions of Python as code."""
    lines = [""]
    for paragraph in (inspect.getdoc(value) or "").split("\n\n"):
        told, session = [prose(line) for line in paragraph.split("\n")], paragraph.partition(">>>")
        if session[1]:
            told = [*map(prose, session[0].split("\n")), "```python", f">>>{session[2]}", "```"]
        lines += [*told, ""]
    return lines[:-1]


def code(shown: str) -> list[str]:
    """A block of Python."""
    return ["```python", shown, "```"]


def signature_of(name: str, value: Any, before: str = "") -> str:
    """How something is called: on one line, or a parameter a line."""
    if inspect.isclass(value) and issubclass(value, Enum):
        return f"{before}{name}: {', '.join(each.name for each in value)}"
    signature = inspect.signature(value)
    parts, seen_star = [], False
    for each in signature.parameters.values():
        if each.kind is each.KEYWORD_ONLY and not seen_star:
            parts.append("*")
        seen_star |= each.kind in (each.KEYWORD_ONLY, each.VAR_POSITIONAL)
        parts.append(parameter_of(each))
    result = signature.return_annotation
    end = "" if before or result is signature.empty else f" -> {written(result)}"
    line = f"{before}{name}({', '.join(parts)}){end}"
    return line if len(line) <= 88 else f"{before}{name}(\n    " + ",\n    ".join(parts) + f",\n){end}"


def parameter_of(one: inspect.Parameter) -> str:
    """A parameter with its type and its default."""
    stars = "*" if one.kind is one.VAR_POSITIONAL else "**" if one.kind is one.VAR_KEYWORD else ""
    kind = "" if one.annotation is one.empty or one.name == "self" else f": {written(one.annotation)}"
    if one.default is one.empty:
        return f"{stars}{one.name}{kind}"
    default = repr(one.default)
    shown = default if re.fullmatch(r"[\w.'\"(), -]{1,30}", default) else "..."  # objects are told of by their types
    return f"{stars}{one.name}{kind}{' = ' if kind else '='}{shown}"


def written(annotation: Any) -> str:
    """A type as people write it."""
    if isinstance(annotation, str):
        told = annotation
    elif get_origin(annotation) is Annotated:
        told = written(get_args(annotation)[0])
    elif isinstance(annotation, type) and not get_args(annotation):
        told = annotation.__name__
    else:
        told = str(annotation)
    for pattern, short in SHORTER:
        told = pattern.sub(short, told)
    return told.replace("'", '"').replace("NoneType", "None").replace("~", "")
