"""Negative numbers on command lines: they are arguments, and values of options, and never options."""

import pytest

from lmkit.cli.negative_numbers import is_negative_number, numbers_as_arguments
from tests.conftest import Run

TAKING = {"-n", "--order", "-o", "--from"}


@pytest.mark.parametrize("word", ["-2", "-0.5", "-.5", "-2.", "-1e-5", "-3E+4", "-inf", "-nan", "-1,2", "-1,-.5,3e4"])
def test_numbers_with_a_minus_are_negative_numbers(word: str) -> None:
    assert is_negative_number(word)


@pytest.mark.parametrize(
    "word", ["2", "-", "--", "-n", "-n5", "--2", "-2a", "-o", "-e", "-1 2", "-,", "- 2", "-i", "-٣"]
)
def test_nothing_else_is_one(word: str) -> None:
    assert not is_negative_number(word)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("relu -2 0 3", "-- relu -2 0 3"),
        ("relu -2 --plot 3", "--plot -- relu -2 3"),
        ("relu --from -2 x", "relu --from -2 x"),  # the value of an option: click takes it
        ("relu --from -2 -3", "--from -2 -- relu -3"),
        ("-n -2 -3 x", "-n -2 -- -3 x"),
        ("-qn -2 -3", "-qn -2 -- -3"),
        ("-n5 -3", "-n5 -- -3"),
        ("--from=-2 -3", "--from=-2 -- -3"),
        ("-q -3 - -- -o", "-q -- -3 - -o"),
        ("--unknown -3", "--unknown -- -3"),
        ("a -- -3", "-- a -3"),
        ("a -o", "a -o"),
        ("a b", "a b"),
    ],
)
def test_negative_arguments_make_all_arguments_stand_behind_two_dashes(line: str, expected: str) -> None:
    assert numbers_as_arguments(line.split(), TAKING) == expected.split()


@pytest.mark.parametrize(
    "line",
    [
        ["relu", "-2", "0.5"],
        ["-q", "relu", "-2", "0.5"],
        ["relu", "-2", "0.5", "--ascii", "--title", "-7"],
        ["relu", "--title=x", "--", "-2", "0.5"],
        ["relu", "-2.", ".5"],
        ["relu", "-2,.5"],
    ],
)
def test_commands_take_negative_numbers_wherever_they_stand(lmkit_run: Run, line: list[str]) -> None:
    result = lmkit_run("functions", *line)
    assert (result.code, result.err) == (0, "")
    assert result.out == "x\trelu\tderivative\n-2\t0\t0\n0.5\t0.5\t1\n"


def test_an_option_that_is_not_there_is_still_told(lmkit_run: Run) -> None:
    result = lmkit_run("functions", "relu", "-2", "-x")
    assert result.code == 2
    assert "No such option: -x" in result.err


def test_words_may_be_negative_numbers(lmkit_run: Run) -> None:
    assert lmkit_run("vectors", "similarity", "--vector", "-1,2", "--vector", "-1,2").out.endswith("\t1\n")
