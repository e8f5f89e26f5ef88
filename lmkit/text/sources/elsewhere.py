"""Folders and patterns of files elsewhere: s3://bucket/folder/, hf://datasets/ORG/NAME/**/*.parquet."""

from collections.abc import Sequence

from lmkit.engine.remote.names import WEB, FoundName, scheme_of, shown
from lmkit.engine.remote.opening import check_web_name
from lmkit.engine.remote.trees import Tree, tree_of
from lmkit.errors import DataError
from lmkit.text.sources.patterns import ANY_DEPTH, is_pattern, path_parts, reached, step


def remote_places(name: str) -> list[str]:
    """The file itself; the files of a folder or a pattern, sorted by path (see `lmkit.text.sources.names.sources`).

    DataError where there is no file, for a store that cannot be asked, and for folders and patterns of the web.
    """
    if isinstance(name, FoundName):
        return [name]
    if scheme_of(name) in WEB:
        check_web_name(name)
        return [name]
    tree = tree_of(name)
    if is_pattern(tree.key):
        return found_in(tree, *parts_of(tree.key), f"no file matches {shown(name)}.")
    if not tree.key or tree.key.endswith("/") or name.endswith("/") or tree.has_folder():
        return found_in(tree, tree.key.rstrip("/"), [ANY_DEPTH], f"there is no file in the folder {shown(name)}.")
    return [name]


def parts_of(pattern: str) -> tuple[str, list[str]]:
    """The folder that the key of a pattern begins with, and the names after it."""
    names = pattern.split("/")
    first = next(place for place, name in enumerate(names) if is_pattern(name))
    return "/".join(names[:first]), [name for name in names[first:-1] if name not in ("", ".")] + names[-1:]


def found_in(tree: Tree, folder: str, pattern: Sequence[str], nothing: str) -> list[str]:
    """The names of the files of a pattern below a folder. nothing: the message where there is none."""
    keys = keys_matching(tree, folder, pattern)
    if not keys:
        tree.refuse()
        raise DataError(nothing, "** stands for folders at any depth; names that begin with a dot are left out.")
    return [tree.named(key) for key in sorted(keys, key=path_parts)]


def keys_matching(tree: Tree, folder: str, pattern: Sequence[str]) -> list[str]:
    """The keys of the files below a folder whose names, from there on, match those of a pattern.

    Where it has ** all below the folder is listed at once; else folder by folder, and only those that can match.
    """
    found: list[str] = []
    deep = ANY_DEPTH in pattern
    start = len(folder) + 1 if folder else 0
    folders = [(folder, reached(pattern, {0}))]
    while folders:
        parent, matched = folders.pop()
        for key, is_folder in tree.listed(parent, deep):
            here = matched
            for part in key[start:].split("/") if deep else [key.rpartition("/")[2]]:
                here = step(pattern, here, part)
            if not is_folder and len(pattern) in here:
                found.append(key)
            elif is_folder and not deep and here - {len(pattern)}:
                folders.append((key, here))
    return found
