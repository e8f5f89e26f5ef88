"""The examples in the documentation of functions and optimizers are run."""

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import lmkit.neural
from tests.neural import tape

MODULES = [module.name for module in walk_packages(lmkit.neural.__path__, "lmkit.neural.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_examples() -> None:
    tried = sum(doctest.testmod(import_module(name)).attempted for name in MODULES)
    assert tried >= 15


def test_the_lecture_on_backpropagation_gives_what_it_says() -> None:
    found = doctest.testmod(tape)
    assert (found.failed, found.attempted) == (0, 3)
