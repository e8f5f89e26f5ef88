"""lmkit optimizers: their steps and paths on the command line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.neural.optimizers.comparing import compare_optimizers
from lmkit.neural.optimizers.registry import OPTIMIZERS
from lmkit.neural.optimizers.surfaces import SURFACES
from lmkit.plots.neural.paths import Paths
from tests.conftest import Run


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a table."""
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def paths_on(name: str, **how: Any) -> Paths:
    """The paths of all optimizers on a surface."""
    surface = SURFACES[name]
    found = compare_optimizers(surface, **how)
    return Paths("title", surface, tuple(found), tuple(path.signature(name) for path in found))


@pytest.mark.parametrize("name", SURFACES)
def test_every_optimizer_has_a_rate_that_it_gets_down_with(name: str) -> None:
    assert SURFACES[name].rates.keys() == OPTIMIZERS.keys()
    for path in compare_optimizers(SURFACES[name]):
        assert path.values[-1] < path.values[0] / 5


def test_without_a_function_all_optimizers_are_listed(lmkit_run: Run) -> None:
    rows = rows_of(lmkit_run("optimizers").out)
    assert [row["optimizer"] for row in rows] == list(OPTIMIZERS)
    assert all(row["formula"] and row["source"] for row in rows)


def test_the_table_has_the_first_steps_and_the_last(lmkit_run: Run) -> None:
    # x ← 0.9 x, y ← (1 − 0.1 · 20) y = −y
    line = ["optimizers", "--function", "bowl", "--optimizer", "gradient-descent", "--learning-rate", 0.1, "--steps", 4]
    rows = rows_of(lmkit_run(*line, "--first", 2).out)
    found = [(row["step"], float(row["x"]), float(row["y"])) for row in rows]
    assert found == [
        ("0", -4.0, 1.0),
        ("1", pytest.approx(-3.6), -1.0),
        ("2", pytest.approx(-3.24), 1.0),
        ("4", pytest.approx(-2.6244), 1.0),
    ]
    lines = lmkit_run(*line, "--first", 0, "--json").out.splitlines()
    assert [json.loads(each)["step"] for each in lines] == [0, 4]


def test_a_path_begins_where_it_is_told_to(lmkit_run: Run) -> None:
    # The first step of Adam is as long as the rate, in both directions.
    for start in ("-1,-2", "-1 -2"):
        rows = rows_of(lmkit_run("optimizers", "--function", "bowl", "--optimizer", "adam", "--start-at", start).out)
        assert (rows[0]["x"], rows[0]["y"]) == ("-1", "-2")
        assert float(rows[1]["x"]) == pytest.approx(-0.8)


def test_only_samples_are_noisy(lmkit_run: Run) -> None:
    line = ["optimizers", "--function", "rosenbrock", "--learning-rate", 0.001, "--json"]
    outs = [lmkit_run(*line, "--seed", seed).out.splitlines() for seed in (1, 2)]
    differing = {json.loads(one)["optimizer"] for one, other in zip(*outs, strict=True) if one != other}
    assert differing == {"sgd"}
    rows = [json.loads(each) for each in lmkit_run(*line, "--noise", 0).out.splitlines()]
    exact, sampled = ([row["x"] for row in rows if row["optimizer"] == name] for name in ("gradient-descent", "sgd"))
    assert exact == sampled


def test_a_path_that_leaves_is_told(lmkit_run: Run) -> None:
    result = lmkit_run("optimizers", "--function", "bowl", "--optimizer", "sgd", "--learning-rate", 1, "--noise", 0)
    assert result.code == 0
    # y is 19 times as far at each step, and 20 y² / 2 beyond 1e100 after 39
    assert result.err == "lmkit: sgd leaves for infinity after 38 steps: a rate of 1 is too high for it here\n"


def test_a_file_has_every_step(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("optimizers", "--function", "bowl", "--steps", 10, "-o", tmp_path / "paths.tsv")
    rows = rows_of((tmp_path / "paths.tsv").read_text())
    assert len(rows) == 11 * len(OPTIMIZERS)


def test_paths_are_drawn_in_the_terminal_and_as_pictures(lmkit_run: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'lmkit[plot]'")
    shown = lmkit_run("optimizers", "--function", "rosenbrock", "--plot").out.splitlines()
    assert shown[0] == "Rosenbrock’s valley, (1 − x)² + 100 (y − x²)²"
    assert [line.partition(",")[0] for line in shown[-7:-2]] == [
        f"{letter} {name}" for letter, name in zip("abcde", OPTIMIZERS, strict=True)
    ]
    assert shown[-1] == f"signature function:rosenbrock|start:-1.2,1|lmkit:{lmkit.__version__}"
    for number in "12":
        lmkit_run("optimizers", "--function", "rosenbrock", "-o", tmp_path / f"{number}.svg")
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes()
    assert b"momentum, rate 0.02" in (tmp_path / "1.svg").read_bytes()


def test_what_goes_too_far_is_not_drawn() -> None:
    paths = paths_on("bowl", rate=0.2, noise=0.0, steps=50)
    (left, right), (bottom, top) = paths.limits()
    assert (-13 < left < -4, 0 < right < 10) == (True, True)
    assert (-10 < bottom < 0, 1 < top < 10) == (True, True)
    descent = paths.paths[0]
    assert len(paths.seen(descent)) < len(descent.points)
    assert len(paths.plot().curves[0].columns["x"]) == len(descent.points)
    assert np.abs(paths.visible().curves[0].columns["y"]).max() < 10


def test_points_of_paths_are_written(tmp_path: Path) -> None:
    lmkit.save_paths(paths_on("bowl", names=["adam"], steps=3), tmp_path / "p.json")
    (curve,) = json.loads((tmp_path / "p.json").read_text())["curves"]
    assert (curve["optimizer"], curve["rate"], len(curve["points"])) == ("adam", 0.2, 4)
    assert curve["signature"] == f"function:bowl|optimizer:adam|rate:0.2|start:-4,1|lmkit:{lmkit.__version__}"


WRONG: list[tuple[list[Any], str]] = [
    (["--function", "ball"], "there is no function 'ball' to go down on.\nThere are: rosenbrock, bowl."),
    (
        ["--function", "bowl", "--optimizer", "lion"],
        f"there is no optimizer 'lion'.\nThere are: {', '.join(OPTIMIZERS)}.",
    ),
    (["--function", "bowl", "--start-at", "1"], "--start-at '1' is not two numbers.\nWrite it as -1.2,1."),
    (["--function", "bowl", "--start-at", "1,x"], "'x' is not a number.\nWrite numbers as 2 1 0, or -0.5 3e4."),
    (
        ["--function", "bowl", "--start-at", "1e200,1"],
        "the start is (1e+200, 1); it must be where the function is finite.",
    ),
    (["--function", "bowl", "--learning-rate", "nan"], "the learning rate is nan; it must be above 0, and finite."),
    (["--function", "bowl", "--learning-rate", "-1"], "the learning rate is -1; it must be above 0, and finite."),
    (["--function", "bowl", "--noise", "inf"], "the noise is inf; it must be 0 or more, and finite."),
    (
        ["--plot"],
        "no function is named to go down on.\nName one: lmkit optimizers --function bowl --plot",
    ),
]


@pytest.mark.parametrize(("line", "message"), WRONG, ids=lambda value: value if isinstance(value, str) else None)
def test_what_makes_no_sense_is_told(lmkit_run: Run, line: list[Any], message: str) -> None:
    result = lmkit_run("optimizers", *line)
    assert (result.code, result.out, result.err) == (2, "", f"lmkit: {message}\n")
