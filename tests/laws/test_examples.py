"""The examples in docstrings are run."""

import doctest
import re
from importlib import import_module

import pytest

from tests.conftest import ROOT
from tests.neural import tape

EXAMPLE = re.compile(r"^ *>>> ", re.MULTILINE)
OF_FILES = re.compile(r"^ *>>> .*(\blmkit\.|# doctest: \+SKIP)", re.MULTILINE)  # of readers, which have such files
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "lmkit").rglob("*.py")
    if EXAMPLE.search(text := path.read_text("utf-8")) and not OF_FILES.search(text)
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name: str) -> None:
    found = doctest.testmod(import_module(name))
    assert found.failed == 0
    assert found.attempted > 0


def test_functions_and_optimizers_have_examples() -> None:
    assert sum(name.startswith("lmkit.neural.") for name in MODULES) >= 3


def test_the_lecture_on_backpropagation_gives_what_it_says() -> None:
    found = doctest.testmod(tape)
    assert (found.failed, found.attempted) == (0, 3)
