"""What folders elsewhere hold: those of object stores, and of the Hub."""

from collections.abc import Callable
from dataclasses import dataclass

from lmkit.engine.remote.names import HUB, FoundName, scheme_of
from lmkit.errors import DataError

Listed = list[tuple[str, bool]]  # keys, and whether they are folders


@dataclass(frozen=True)
class Tree:
    """The bucket, or the repository, that a name leads into, and where to."""

    key: str  # of the place in it; empty for all of it
    named: Callable[[str], FoundName]  # by key
    listed: Callable[
        [str, bool], Listed
    ]  # what is in the folder of this key, at any depth if asked; nothing where there is none
    has_folder: Callable[[], bool]  # whether the place is one; asked where its name does not say so
    refuse: Callable[[], None]  # DataError if there is no such bucket


def tree_of(name: str) -> Tree:
    """Where a name leads. DataError for what cannot be reached, and for what is no store and no Hub."""
    return tree_of_hub(name) if scheme_of(name) == HUB else tree_of_store(name)


def tree_of_store(name: str) -> Tree:
    """The bucket of a name."""
    from lmkit.engine.remote.store_errors import no_bucket
    from lmkit.engine.remote.stores import parsed, reached

    of = parsed(name)

    def listed(folder: str, deep: bool) -> Listed:
        return reached(of.named(folder)).listed(deep=deep)

    def has_folder() -> bool:
        from pyarrow import fs

        return bool(reached(name).info().type == fs.FileType.Directory)

    def refuse() -> None:
        place = reached(name)
        if not place.has_bucket():
            raise no_bucket(name, place.base)

    return Tree(of.key, of.named, listed, has_folder, refuse)


def tree_of_hub(name: str) -> Tree:
    """The repository of a name."""
    from lmkit.engine.remote.hub import listed_files, parsed

    of = parsed(name)

    def named(key: str) -> FoundName:
        return FoundName(f"{of.start}/{key}")

    def listed(folder: str, deep: bool) -> Listed:
        return list(listed_files(named(folder), deep=deep))

    def has_folder() -> bool:
        if "." in of.path.rpartition("/")[2]:  # a file, to all appearances: that saves a request
            return False
        try:
            return bool(listed(of.path, False))
        except DataError:  # it is a file, or nothing, which reading tells
            return False

    return Tree(of.path, named, listed, has_folder, lambda: None)
