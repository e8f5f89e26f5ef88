"""`lmkit neural check`: backpropagation held against differences, for students."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from lmkit.errors import UsageError
from lmkit.neural.architectures.feed_forward import FeedForward, FeedForwardShape
from lmkit.neural.architectures.table import ARCHITECTURES
from lmkit.neural.checking import check_gradients
from lmkit.neural.parameters import Parameters
from lmkit.neural.small_shapes import small_shape
from tests.conftest import Run


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_array_of_every_architecture_is_right(architecture: str, dropout: float) -> None:
    shape = small_shape(architecture)
    found = check_gradients(shape, dropout=dropout, directions=3)
    assert {row.name: row.numbers for row in found} == {
        name: int(np.prod(size)) for name, size in shape.shapes(13).items()
    }
    assert max(row.relative for row in found) < 1e-6
    assert min(row.gradient for row in found) > 1e-3  # there is something to be right about


class Wrong(FeedForward):
    """A network that forgets a little of one gradient."""

    def add_gradients(self, batch: Any, weight: float) -> float:
        """The derivative of the hidden bias is 1 % too small."""
        before = self.gradients["hidden.bias"].copy()
        loss = super().add_gradients(batch, weight)
        self.gradients["hidden.bias"][...] -= 0.01 * (self.gradients["hidden.bias"] - before)
        return loss


@dataclass(frozen=True)
class WrongShape(FeedForwardShape):
    """The shape of such a network."""

    def network(self, parameters: Parameters, dropout: float = 0.0) -> Wrong:
        """One that is wrong."""
        return Wrong(self, parameters, dropout)


def test_a_mistake_shows_in_the_array_where_it_was_made() -> None:
    found = check_gradients(WrongShape(order=4, dimensions=4, hidden=6))
    relative = {row.name: row.relative for row in found}
    assert 0.001 < relative.pop("hidden.bias") < 0.02
    assert max(relative.values()) < 1e-6


def test_positions_that_are_given_have_no_gradient_to_check() -> None:
    names = [row.name for row in check_gradients(small_shape("transformer", positions="sinusoidal"), directions=1)]
    assert "wpe.weight" not in names
    assert "wte.weight" in names


def test_the_command_prints_a_line_for_each_array(lmkit_run: Run) -> None:
    result = lmkit_run("neural", "check", "--architecture", "feed-forward", "--untied", "-n", 3, "--types", 9)
    lines = [line.split("\t") for line in result.out.splitlines()]
    assert lines[0] == ["parameters", "numbers", "gradient", "difference", "relative"]
    assert [line[:2] for line in lines[1:]] == [
        ["wte.weight", "36"],
        ["hidden.weight", "48"],
        ["hidden.bias", "6"],
        ["output.weight", "54"],
        ["output.bias", "9"],
    ]
    assert all(float(line[4]) < 1e-6 for line in lines[1:])


def test_the_command_prints_json_and_the_same_for_a_seed(lmkit_run: Run) -> None:
    command = ("neural", "check", "--architecture", "bigram", "--json")
    first, again, other = lmkit_run(*command), lmkit_run(*command), lmkit_run(*command, "--seed", 2)
    rows = [json.loads(line) for line in first.out.splitlines()]
    assert [row["parameters"] for row in rows] == ["weight", "bias"]
    assert first.out == again.out != other.out


def test_the_help_names_every_architecture(lmkit_run: Run) -> None:
    assert all(name in lmkit_run("neural", "check", "--help").out for name in ARCHITECTURES)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--architecture", "rnn"),
            "lmkit: the architecture is 'rnn'; it must be one of: bigram, feed-forward, transformer.\n",
        ),
        (
            ("--architecture", "feed-forward", "--heads", 2),
            "lmkit: heads is 2, and a feed-forward has none.\nIt is for transformer; leave it out.\n",
        ),
        (
            ("--architecture", "bigram", "--hidden", 2),
            "lmkit: hidden is 2, and a bigram has none.\nIt is for feed-forward; leave it out.\n",
        ),
        (("--heads", 3), "lmkit: 8 dimensions cannot be shared by 3 heads.\nDimensions must be a multiple of heads.\n"),
    ],
)
def test_what_no_network_has_is_refused(lmkit_run: Run, options: tuple[Any, ...], told: str) -> None:
    result = lmkit_run("neural", "check", *options)
    assert (result.code, result.err) == (2, told)


def test_too_few_types_or_directions_are_refused() -> None:
    for choice in ({"types": 3}, {"directions": 0}):
        with pytest.raises(UsageError, match=r"is \d; it must be \d or more"):
            check_gradients(small_shape("bigram"), **choice)
