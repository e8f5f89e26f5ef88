"""Warnings of the library on stderr."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lmkit.cli.output import rendering
from lmkit.errors import LmkitWarning


@contextmanager
def warnings_told() -> Iterator[None]:
    """Within this block, warnings of lmkit are told on stderr, each once: a text may be read several times."""
    told: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", LmkitWarning)
        show = warnings.showwarning

        def tell(message: Any, category: type[Warning], *where: Any, **more: Any) -> None:
            if not issubclass(category, LmkitWarning):
                show(message, category, *where, **more)
            elif str(message) not in told:
                told.add(str(message))
                rendering.say(f"lmkit: {message}")

        warnings.showwarning = tell
        yield
