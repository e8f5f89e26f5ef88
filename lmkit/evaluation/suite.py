"""A suite: which models are measured on which texts, and what must hold of the figures (format: docs/topics/suites.md)."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from lmkit.engine.remote.names import is_remote, place_from
from lmkit.engine.shards.places import standing_for
from lmkit.errors import LmkitError, UsageError
from lmkit.evaluation.gates import Gate, Names, gates_of_pairs
from lmkit.evaluation.table import Table, read_table, shown
from lmkit.one_line import one_line
from lmkit.recipes.grammar import Named, given_weights, parse_component, parse_components
from lmkit.scoring.resampling import FEWEST_SAMPLES, MOST_SAMPLES, SAMPLES, TESTS, Test
from lmkit.smoothing.spelling import BUILT_IN
from lmkit.text.reading import OnInvalid
from lmkit.text.setting_fields import Role
from lmkit.text.settings import SETTINGS, TextSettings, names_of
from lmkit.text.sources.names import is_file
from lmkit.text.tokens.names import without_names

SPELL_UNKNOWN = "spell_unknown"
MIX = "mix"
OF_A_MODEL = names_of(Role.WORDS)
OF_A_TEXT = tuple(name for name in SETTINGS if name not in OF_A_MODEL)


@dataclass(frozen=True)
class ModelEntry:
    """A model of a suite."""

    name: str
    path: str  # empty for one that is given as a value
    settings: dict[str, Any]  # how text is read for it, where its file does not say
    mix: tuple[Named, ...] = ()  # the model, and what it is mixed with; empty: nothing
    spell_unknown: str | None = None  # what charges the letters of unknown words: a file, or the built-in speller


@dataclass(frozen=True)
class TextEntry:
    """A text of a suite: one file, or several that are one text together."""

    name: str
    paths: tuple[str, ...]
    settings: dict[str, Any]
    encoding_errors: OnInvalid


@dataclass(frozen=True)
class Pair:
    """A model and a text that it is measured on, with the gates for both."""

    model: ModelEntry
    text: TextEntry
    gates: tuple[Gate, ...]


@one_line
@dataclass(frozen=True)
class Suite:
    """Pairs in the order of the file: text by text, and model by model within."""

    name: str  # of its file
    pairs: tuple[Pair, ...]
    samples: int = SAMPLES
    seed: int = 0
    test: Test = "bootstrap"


def read_suite(path: str | os.PathLike[str], given: Collection[str] = ()) -> Suite:
    """The suite of a file; "-" is standard input. Paths in it are relative to its folder.

    given: names of models that are no files (see `evaluate`): measured on all texts, unless [models] has a table of their
    name, which needs no path.
    DataError that lists all that is wrong with it, with lines: keys, types, names of models and texts, missing files.
    """
    root = read_table(path)
    root.known(("models", "texts", "gates", "gate", "bootstrap"))
    folder = Path(path).parent  # for - that is the working directory
    texts = {entry.name: entry for entry in text_entries(root, folder)}
    models: dict[str, ModelEntry] = {}
    measured_on: dict[str, Collection[str]] = {}
    for entry, only in model_entries(root, folder, texts, given):
        models[entry.name], measured_on[entry.name] = entry, only
    bootstrap = root.table("bootstrap")
    bootstrap.known(("test", "samples", "seed"))
    samples, seed = bootstrap.integer("samples", FEWEST_SAMPLES, SAMPLES, MOST_SAMPLES), bootstrap.integer("seed", 0, 0)
    test = bootstrap.choice("test", TESTS)
    names = [(model, text) for text in texts for model in models if text in measured_on[model]]
    gates = gates_of_pairs(root, Names(names, [*root.table("models").values, *given], list(root.table("texts").values)))
    root.refuse_problems()
    pairs = (Pair(models[model], texts[text], tuple(gates[model, text])) for model, text in names)
    return Suite(root.file, tuple(pairs), samples, seed, test)


def text_entries(root: Table, folder: Path) -> Iterator[TextEntry]:
    """The texts of the suite."""
    for name, entry in entries(root, "texts", "text"):
        entry.known(("path", "encoding_errors", *OF_A_TEXT))
        errors = entry.values.get("encoding_errors", "strict")
        if errors not in get_args(OnInvalid):
            allowed = " or ".join(map(shown, get_args(OnInvalid)))
            entry.problem(f"encoding_errors is {shown(errors)}; it must be {allowed}.", "encoding_errors")
        yield TextEntry(name, file_paths(entry, folder), settings_of(entry, OF_A_TEXT, folder), errors)


def model_entries(
    root: Table, folder: Path, texts: Collection[str], given: Collection[str]
) -> Iterator[tuple[ModelEntry, Collection[str]]]:
    """The models of the suite, each with the names of the texts that it is measured on; those given, and not in it, last."""
    listed = root.table("models").values
    for name, entry in entries(root, "models", "model") if listed or not given else ():
        entry.known(("path", "texts", MIX, SPELL_UNKNOWN, *OF_A_MODEL))
        only = entry.strings("texts") or tuple(texts)
        entry.names(only, texts, "text", "texts")
        if not set(only) <= set(texts):  # a problem that shall not be the cause of others
            only = tuple(texts)
        paths = () if name in given else file_paths(entry, folder)
        if len(paths) > 1:
            entry.problem(f"path is an array; model {name} must be one file.", "path")
        settings = settings_of(entry, OF_A_MODEL, folder)
        path = "".join(paths[:1])
        yield ModelEntry(name, path, settings, components_of(entry, path, folder), speller_of(entry, folder)), only
    yield from ((ModelEntry(name, "", {}), tuple(texts)) for name in given if name not in listed)


def entries(root: Table, section: str, kind: str) -> Iterator[tuple[str, Table]]:
    """The named entries of a section as tables: a path alone is a table of that path."""
    table = root.table(section)
    if not table.values:
        root.problem(f"there is no {kind}: [{section}] is missing or empty.", section)
    for name, value in table.values.items():
        if isinstance(value, dict):
            yield name, table.table(name)
            continue
        if not isinstance(value, str | list):
            table.problem(f"{section}.{name} is {shown(value)}; it must be a path, or a table with a path.", name)
            continue
        start = (section, name)
        lines = {(*start, "path", *path[2:]): line for path, line in table.lines.items() if path[:2] == start}
        yield name, Table({"path": value}, f"{section}.{name}", start, table.file, lines, table.problems)


def speller_of(entry: Table, folder: Path) -> str | None:
    """What spells the unknown words of a model, relative to the folder of the suite; a file that is not there is a problem."""
    speller = entry.string(SPELL_UNKNOWN)
    if not speller or speller == BUILT_IN:
        return speller or None
    path = place_from(folder, speller)
    if not (is_remote(path) or is_file(standing_for(path))):
        entry.problem(f"there is no file {path} ({entry.title}); it may also be {shown(BUILT_IN)}.", SPELL_UNKNOWN)
    return path


def components_of(entry: Table, path: str, folder: Path) -> tuple[Named, ...]:
    """The model of an entry, and what it is mixed with, if there is something; what makes no mixture is a problem, and what is in no file either."""
    texts = entry.strings(MIX) or ()
    number = len(entry.problems)
    for place, text in enumerate(texts):
        where = (MIX, place) if isinstance(entry.values[MIX], list) else (MIX,)
        try:
            file = parse_component(text, folder).part.file
        except UsageError as error:
            entry.problem(f"{MIX}: {error}".replace("\n", " "), *where)
            continue
        if file == "-":
            entry.problem("standard input cannot be part of a suite: name a file.", *where)
        elif file and not (is_remote(file) or is_file(standing_for(file))):
            entry.problem(f"there is no file {file} ({MIX} of {entry.title}).", *where)
    if not texts or len(entry.problems) > number:
        return ()
    try:
        named = parse_components(texts, first=path, folder=folder)
        given_weights(named)
    except UsageError as error:
        entry.problem(f"{MIX}: {error}".replace("\n", " "), MIX)
        return ()
    return tuple(named)


def file_paths(entry: Table, folder: Path) -> tuple[str, ...]:
    """The files of an entry, relative to the folder of the suite; a file that is not there is a problem."""
    if "path" not in entry.values:
        entry.problem(f"{entry.title} has no path.")
    found = []
    for place, path in enumerate(entry.strings("path") or ()):
        where = ("path", place) if isinstance(entry.values["path"], list) else ("path",)
        found.append(place_from(folder, path))
        if path == "-":
            entry.problem("standard input cannot be part of a suite: name a file.", *where)
        elif not (is_remote(found[-1]) or is_file(standing_for(found[-1]))):  # elsewhere it is seen when it is read
            entry.problem(f"there is no file {found[-1]} ({entry.title}).", *where)
    return tuple(found)


def settings_of(entry: Table, names: Collection[str], folder: Path) -> dict[str, Any]:
    """The settings of an entry that say how text is read; wrong values are problems. A tokenizer may be a file, as other paths."""
    given = {name: entry.values[name] for name in names if name in entry.values}
    found = {name: value for name, value in given.items() if is_right(entry, name, {name: value}, folder)}
    if found == given and is_right(entry, "tokenizer", found, folder):
        return without_names(found, folder)
    return {}


def is_right(entry: Table, name: str, settings: dict[str, Any], folder: Path) -> bool:
    """Whether these are settings; else that is a problem at this key."""
    try:
        TextSettings.named(folder=folder, **settings)
    except LmkitError as error:
        entry.problem(str(error).replace("\n", " "), name)
        return False
    return True
