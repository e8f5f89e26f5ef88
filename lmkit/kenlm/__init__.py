"""N-gram models with the methods of the `kenlm` module, as decoders and scripts call them: what follows what, word by word.

>>> from lmkit import kenlm
>>> model = kenlm.Model("tests/reference/kenlm/fr.o3.arpa.gz")
>>> round(model.score("il y a du monde ."), 4)
-8.3665

Each name is imported when it is first used; they are listed in `__init__.pyi`.
"""

from typing import Any

from lmkit import public_names, public_value


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    value = globals()[name] = public_value(__name__, name)
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(public_names(__name__))
