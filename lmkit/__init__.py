"""lmkit: classical language modelling.

>>> import lmkit
>>> counts = lmkit.count_ngrams("corpora/fr.train.tok", order=3)
>>> model = lmkit.kneser_ney(counts)
>>> round(lmkit.perplexity(model, "corpora/fr.test.tok").perplexity, 3)
29.245

Each name is imported when it is first used, so that `import lmkit` costs next to nothing. The names, and where they are
defined, are listed in `__init__.pyi`, which type checkers read, too.
"""

from importlib import import_module

TYPE_CHECKING = False  # what typing calls so, which takes longer to import than all else here
if TYPE_CHECKING:
    from typing import Any


def public_names(package: str = "lmkit") -> dict[str, str]:
    """Each public name of a package and the module that defines it, as its `__init__.pyi` has them."""
    import pkgutil
    import re

    stub = (pkgutil.get_data(package, "__init__.pyi") or b"").decode()
    imports = re.findall(r"^from (\S+) import (\([^)]*\)|.*)$", stub, re.MULTILINE)
    return {name: module for module, names in imports for name in re.findall(r"(\w+) as \1\b", names)}


def public_value(package: str, name: str) -> "Any":
    """What a package has by a public name, imported from its module; `__all__` lists the names."""
    names = public_names(package)
    if name == "__all__":
        return sorted(names)
    if name not in names:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    if names[name] == package:  # a package within it
        return import_module(f"{package}.{name}")
    return getattr(import_module(names[name]), name)


def __getattr__(name: str) -> "Any":
    """Import a public name from its module."""
    value = globals()[name] = public_value("lmkit", name)
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(public_names())
