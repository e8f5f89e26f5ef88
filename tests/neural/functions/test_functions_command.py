"""lmkit functions, positions and attention: formulas at work on the command line."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from lmkit.neural.functions.positions import sinusoidal_positions
from lmkit.neural.functions.registry import FUNCTIONS
from lmkit.neural.functions.tabulating import tabulate
from tests.conftest import Run
from tests.neural.gradients import STEP


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a table."""
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_the_derivative_of_its_differences(name: str) -> None:
    function, x = FUNCTIONS[name], np.array([0.5, -1.25, 2.0, 0.25])
    found = tabulate(function, x)
    for place in range(len(x)):
        step = STEP * (np.arange(len(x)) == place)
        expected = (function.value(x + step) - function.value(x - step)) / (2 * STEP)
        derivative = (
            found.derivatives[:, place] if function.kind == "vector" else step / STEP * found.derivatives[place]
        )
        np.testing.assert_allclose(derivative, expected, atol=1e-8)


def test_a_temperature_divides_scores_and_derivatives() -> None:
    x = np.array([2.0, 1.0, 0.0])
    warm, half = tabulate(FUNCTIONS["softmax"], x, 2.0), tabulate(FUNCTIONS["softmax"], x / 2)
    assert warm.values.tolist() == half.values.tolist()
    assert warm.derivatives.tolist() == (half.derivatives / 2).tolist()


def test_softmax_is_that_of_the_course(lmkit_run: Run) -> None:
    rows = rows_of(lmkit_run("functions", "softmax", 2, 1, 0).out)
    assert [row["softmax"][:5] for row in rows] == ["0.665", "0.244", "0.090"]
    # p₀ (1 − p₀) = 0.6652 · 0.3348, −p₀ p₁ = −0.6652 · 0.2447
    assert float(rows[0]["by_0"]) == pytest.approx(0.222695, abs=1e-6)
    assert float(rows[0]["by_1"]) == pytest.approx(-0.162803, abs=1e-6)


def test_without_a_name_all_functions_are_listed(lmkit_run: Run) -> None:
    rows = rows_of(lmkit_run("functions").out)
    assert [row["function"] for row in rows] == list(FUNCTIONS)
    assert all(row["formula"] and row["source"] for row in rows)


def test_a_range_is_tabulated_from_end_to_end(lmkit_run: Run) -> None:
    rows = rows_of(lmkit_run("functions", "gelu", "--low", -4, "--high", 4).out)
    assert [float(row["x"]) for row in rows] == [-4 + 0.5 * number for number in range(17)]
    assert rows_of(lmkit_run("functions", "gelu").out) == rows
    assert len(rows_of(lmkit_run("functions", "tanh", "--points", 3).out)) == 3


def test_json_has_a_line_for_each_row(lmkit_run: Run) -> None:
    lines = lmkit_run("functions", "relu", -2, 3, "--json").out.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"x": -2.0, "relu": 0.0, "derivative": 0.0},
        {"x": 3.0, "relu": 3.0, "derivative": 1.0},
    ]


def test_there_is_no_minus_zero(lmkit_run: Run) -> None:
    assert lmkit_run("functions", "gelu", -50).out == "x\tgelu\tderivative\n-50\t0\t0\n"


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet"])
def test_tables_are_written_as_the_suffix_says(lmkit_run: Run, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"table{suffix}"
    result = lmkit_run("functions", "relu", -2, 3, "-o", target)
    assert (result.code, result.out) == (0, "")
    if suffix == ".parquet":
        assert pyarrow.parquet.read_table(target).to_pydict() == {"x": [-2, 3], "relu": [0, 3], "derivative": [0, 1]}
    else:
        assert len(target.read_text().splitlines()) == 3


def test_plots_are_drawn_in_the_terminal_and_as_pictures(lmkit_run: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'lmkit[plot]'")
    shown = lmkit_run("functions", "gelu", "--low", -4, "--high", 4, "--plot").out
    assert shown.splitlines()[0] == "Gaussian error linear unit"
    assert shown.splitlines()[-2:] == ["a gelu", "b derivative"]
    lmkit_run("functions", "gelu", "--plot", "--ascii").out.encode("ascii")
    first, second = tmp_path / "1.svg", tmp_path / "2.svg"
    assert lmkit_run("functions", "softmax", 2, 1, 0, "-o", first).out == ""
    lmkit_run("functions", "softmax", 2, 1, 0, "-o", second)
    assert first.read_bytes() == second.read_bytes()
    assert b"derivative of number 2" in first.read_bytes()


WRONG: list[tuple[list[Any], str]] = [
    (["functions", "relu", "a"], "'a' is not a number.\nWrite numbers as 2 1 0, or -0.5 3e4."),
    (["functions", "relu", "nan"], "'nan' is not a finite number.\nWrite numbers as 2 1 0, or -0.5 3e4."),
    (["functions", "relu", "-inf"], "'-inf' is not a finite number.\nWrite numbers as 2 1 0, or -0.5 3e4."),
    (["functions", "relu", ""], "'' is not a number.\nWrite numbers as 2 1 0, or -0.5 3e4."),
    (
        ["functions", "gélu"],
        f"there is no function 'gélu'.\nThere are: {', '.join(FUNCTIONS)}.",
    ),
    (
        ["functions", "softmax"],
        "softmax takes a vector, and none is given.\nGive its numbers: lmkit functions softmax 2 1 0",
    ),
    (
        ["functions", "relu", 1, "--points", 5],
        "numbers are given, and --low, --high or --points, too.\nLeave one or the other out.",
    ),
    (
        ["functions", "relu", "--low", 2, "--high", 1],
        "there are no numbers from 2 to 1.\nGive --low less than --high, both finite.",
    ),
    (
        ["functions", "relu", "--low", "-inf"],
        "there are no numbers from -inf to 4.\nGive --low less than --high, both finite.",
    ),
    (
        ["functions", "relu", 1, "--temperature", 2],
        "relu has no temperature.\nLeave --temperature out: softmax has one.",
    ),
    (["functions", "softmax", 1, "--temperature", 0], "the temperature is 0; it must be a number above 0."),
    (
        ["functions", "softmax", "1e308", "--temperature", "1e-5"],
        "the numbers must be finite, also divided by the temperature.",
    ),
    (
        ["functions", "--plot"],
        "no function is named.\n`lmkit functions` lists them: lmkit functions gelu --plot",
    ),
    (
        ["functions", "relu", 1, "--plot", "--json"],
        "--plot and --json both are for standard output.\nLeave one of them out.",
    ),
    (
        ["positions", "--length", 1000, "--dimensions", 100, "--plot"],
        "1,000 × 100 cells are more than one can see.\nTake a lower --length or fewer --dimensions.",
    ),
    (
        ["attention", "--key", 1],
        "attention needs a --query and at least one --key.\nGive them as '1 0', once for each.",
    ),
    (
        ["attention", "--query", "1 0", "--key", 1],
        "the vector '1' has 1 numbers, and the others have 2.\nVectors can be compared if they have as many numbers.",
    ),
    (
        ["attention", "--query", "1 0", "--key", "1 0", "--key", "0 1", "--value", 1],
        "there are 2 keys and 1 values.\nGive a --value for each --key, or none.",
    ),
    (
        ["attention", "--query", "1 0", "--key", "1 0", "--key", "0 1", "--causal"],
        "--causal is for words that attend to each other: there are 1 queries and 2 keys.\nGive as many of both.",
    ),
]


@pytest.mark.parametrize(("line", "message"), WRONG, ids=lambda value: value if isinstance(value, str) else None)
def test_what_makes_no_sense_is_told(lmkit_run: Run, line: list[Any], message: str) -> None:
    result = lmkit_run(*line)
    assert (result.code, result.out, result.err) == (2, "", f"lmkit: {message}\n")


def test_positions_are_a_row_each(lmkit_run: Run) -> None:
    rows = rows_of(lmkit_run("positions", "--length", 3, "--dimensions", 4).out)
    found = [[float(row[str(dimension)]) for dimension in range(4)] for row in rows]
    np.testing.assert_allclose(found, sinusoidal_positions(3, 4), atol=1e-9)
    assert [row["position"] for row in rows] == ["0", "1", "2"]
    assert len(rows_of(lmkit_run("positions", "--dimensions", 16).out)) == 50


def test_positions_are_drawn_as_shades(lmkit_run: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'lmkit[plot]'")
    shown = lmkit_run("positions", "--length", 2, "--dimensions", 2, "--plot").out
    # sin 0 = 0, half-way up; cos 0 = 1; sin 1 = 0.84, cos 1 = 0.54: of 0 to 1, four steps
    assert shown == (
        "Sinusoidal positions: 2 × 2 dimensions\n"
        "   0 1\n"
        "0 ░░██\n"
        "1 ██▓▓\n"
        "\n"
        "rows: positions; columns: dimensions; ░▒▓█ value, 0 to 1\n"
    )
    assert lmkit_run("positions", "--length", 2, "--dimensions", 2, "-o", tmp_path / "p.png").code == 0
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


ASKED = ["attention", "--query", "1 0", "--key", "1 0", "--key", "0 1"]


def test_attention_is_that_of_the_course(lmkit_run: Run) -> None:
    rows = rows_of(lmkit_run(*ASKED, "--unscaled").out)
    assert [row["score"] for row in rows] == ["1", "0"]
    assert [row["weight"][:5] for row in rows] == ["0.731", "0.268"]
    scaled = rows_of(lmkit_run(*ASKED).out)
    assert float(scaled[0]["score"]) == pytest.approx(1 / math.sqrt(2))
    assert float(scaled[0]["weight"]) == pytest.approx(0.669762, abs=1e-6)


def test_with_values_their_mixture_is_shown(lmkit_run: Run, tmp_path: Path) -> None:
    line = [*ASKED, "--unscaled", "--value", "10 0", "--value", "0,-10"]
    rows = rows_of(lmkit_run(*line).out)
    assert [row["key"] for row in rows] == ["1 0", "0 1", "output"]
    mixed = [float(number) for number in rows[-1]["weighted"].split()]
    assert mixed == pytest.approx([7.31059, -2.68941], abs=1e-5)
    last = json.loads(lmkit_run(*line, "--json").out.splitlines()[-1])
    assert (last["score"], last["weight"], last["value"]) == (None, None, None)
    lmkit_run(*line, "-o", tmp_path / "a.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "a.parquet").num_rows == 3


def test_causal_queries_see_no_later_key(lmkit_run: Run) -> None:
    rows = rows_of(lmkit_run(*ASKED, "--query", "0 1", "--causal").out)
    assert [(row["score"], row["weight"]) for row in rows[:2]] == [("0.7071067812", "1"), ("-inf", "0")]


def test_weights_are_drawn(lmkit_run: Run) -> None:
    shown = lmkit_run(*ASKED, "--unscaled", "--plot").out
    assert shown.splitlines()[2] == "1 0 █0.731 ▒0.269"
    assert shown.splitlines()[-1] == "rows: queries; columns: keys; ░▒▓█ weight, 0 to 0.731"
