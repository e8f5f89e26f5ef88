"""GloVe's vectors: what training reaches, what it depends on, what it goes on from, and what it refuses."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.vectors.glove.settings import Optimizer, Start
from tests.conftest import TOY, Run, train_text

OPTIMIZERS: tuple[Optimizer, ...] = ("als", "adagrad")


@pytest.fixture(scope="module")
def english() -> lmkit.WordMatrix:
    """The counts of pairs in the English training text: 447 words, 12,404 cells."""
    return lmkit.cooccurrence(lmkit.encode_text(train_text("en"), cutoff=2))


def toy() -> lmkit.WordMatrix:
    """Those of the worked example, of 11 words."""
    return lmkit.cooccurrence(lmkit.encode_text(TOY))


def assert_same(vectors: lmkit.WordVectors, others: lmkit.WordVectors) -> None:
    """Both are the same to the bit, with all that training goes on from."""
    assert vectors.words.same_as(others.words)
    assert (vectors.method, vectors.details) == (others.method, others.details)
    assert vectors.matrix.tobytes() == others.matrix.tobytes()
    assert sorted(vectors.state) == sorted(others.state)
    for name, array in vectors.state.items():
        assert array.tobytes() == others.state[name].tobytes(), name


@pytest.mark.parametrize("start", ["svd", "random"])
@pytest.mark.parametrize("dimensions", [5, 50, 200])  # of 200, by conjugate gradients
def test_each_sweep_lowers_the_objective_with_the_ridge(
    english: lmkit.WordMatrix, start: Start, dimensions: int
) -> None:
    told: list[lmkit.GloveSweep] = []
    lmkit.glove_vectors(english, dimensions, start=start, sweeps=12, watch=told.append)
    assert [sweep.number for sweep in told] == list(range(1, 13))
    totals = [sweep.objective + sweep.ridge for sweep in told]
    assert totals == [sweep.total for sweep in told]
    assert totals == sorted(totals, reverse=True)
    assert len(set(totals)) == len(totals)


def test_adagrad_reaches_what_the_program_of_its_authors_reaches(english: lmkit.WordMatrix) -> None:
    """J after 1, 5 and 15 passes of GloVe 52f7dbc, 20 dimensions, one thread; three seeds give 314 to 323, 268 to 270, 252 to 254."""
    told: list[lmkit.GloveSweep] = []
    lmkit.glove_vectors(english, 20, optimizer="adagrad", watch=told.append)
    assert len(told) == 15
    assert [told[place].objective for place in (0, 4, 14)] == pytest.approx([319.3, 268.8, 252.9], rel=0.03)


def test_least_squares_reach_a_lower_objective_in_three_sweeps_than_adagrad_in_fifteen_passes(
    english: lmkit.WordMatrix,
) -> None:
    told: list[lmkit.GloveSweep] = []
    lmkit.glove_vectors(english, 20, watch=told.append)
    assert len(told) == 3
    assert told[-1].objective < 252.9 / 2


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("start", ["svd", "random"])
def test_vectors_are_the_same_bits_for_any_number_of_threads(
    english: lmkit.WordMatrix, optimizer: Optimizer, start: Start
) -> None:
    found = []
    for workers in (1, 4):
        with threadpool_limits(workers, user_api="blas"):  # what BLAS could use is not used either
            resources = lmkit.Resources(workers=workers)
            found.append(
                lmkit.glove_vectors(english, 30, optimizer=optimizer, start=start, sweeps=2, resources=resources)
            )
    assert_same(*found)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_vectors_gone_on_with_are_the_same_bits_as_all_sweeps_at_once(
    english: lmkit.WordMatrix, optimizer: Optimizer, tmp_path: Path
) -> None:
    at_once = lmkit.glove_vectors(english, 10, optimizer=optimizer, sweeps=3)
    lmkit.save(lmkit.glove_vectors(english, 10, optimizer=optimizer, sweeps=1), tmp_path / "first.safetensors")
    first = lmkit.load_vectors(tmp_path / "first.safetensors")
    before = first.state["word_vectors"].tobytes()
    assert_same(lmkit.glove_vectors(english, optimizer=optimizer, sweeps=2, begin=first), at_once)
    assert first.state["word_vectors"].tobytes() == before


def test_the_vectors_are_the_sums_of_those_of_words_and_contexts_most_frequent_words_first(
    english: lmkit.WordMatrix,
) -> None:
    vectors = lmkit.glove_vectors(english, 4, sweeps=1)
    np.testing.assert_array_equal(vectors.matrix, vectors.state["word_vectors"] + vectors.state["context_vectors"])
    sums = dict(zip(english.words.words, english.matrix.sum(axis=1).round(6), strict=True))
    assert vectors.words.words == sorted(sums, key=lambda word: (-sums[word], word))


def test_products_of_vectors_and_biases_are_the_logarithms_of_counts() -> None:
    """With as many dimensions as words, and hardly a ridge, nothing is left of J."""
    matrix = toy()
    state = lmkit.glove_vectors(matrix, 11, ridge=1e-4, sweeps=30).state
    found = (
        state["word_vectors"] @ state["context_vectors"].T
        + state["word_biases"][:, np.newaxis]
        + state["context_biases"]
    )
    ordered = matrix.most_frequent_first().matrix.tocoo()
    assert found[ordered.coords] == pytest.approx(np.log(ordered.data), abs=0.01)


def test_the_seed_of_a_random_start_is_all_that_chance_has(english: lmkit.WordMatrix) -> None:
    def made(seed: int) -> bytes:
        return lmkit.glove_vectors(english, 3, start="random", sweeps=1, seed=seed).matrix.tobytes()

    assert made(1) == made(1)
    assert made(1) != made(2)


def with_cell(value: float) -> lmkit.WordMatrix:
    """The toy counts, in which one cell has another value."""
    matrix = toy()
    data = matrix.matrix.data.copy()
    data[0] = value
    return replace(
        matrix, matrix=csr_array((data, matrix.matrix.indices, matrix.matrix.indptr), shape=matrix.matrix.shape)
    )


@pytest.mark.parametrize("value", [-2.0, float("nan"), float("inf")])
def test_cells_that_are_no_counts_are_refused_with_their_words(value: float) -> None:
    with pytest.raises(
        DataError,
        match=rf"^1 of \d+ cells of the matrix are (negative|no numbers), the first of them {value:g} \(of le le\)",
    ):
        lmkit.glove_vectors(with_cell(value), 2)


def test_a_stored_zero_is_no_cell() -> None:
    """f(0) is 0, so that it has no part in J; and the matrix that was given stays as it is."""
    given = with_cell(0.0)
    expected = with_cell(0.0)
    expected.matrix.eliminate_zeros()
    assert_same(lmkit.glove_vectors(given, 2), lmkit.glove_vectors(expected, 2))
    assert given.matrix.nnz == expected.matrix.nnz + 1


def other_words() -> lmkit.WordVectors:
    """GloVe's vectors of another text."""
    text = lmkit.encode_text(io.BytesIO(b"a b c\n"))
    return lmkit.glove_vectors(lmkit.cooccurrence(text), 2)


def no_words() -> lmkit.WordMatrix:
    """Counts of a text in which no two words stand beside each other."""
    return lmkit.cooccurrence(lmkit.encode_text(io.BytesIO(b"a\nb\n")))


@pytest.mark.parametrize(
    ("matrix", "given", "error", "message"),
    [
        (toy, {"dimensions": 12}, UsageError, "12 dimensions are asked of 11 words; it must be 1 to 11."),
        (toy, {"dimensions": 0}, UsageError, "0 dimensions are asked of 11 words; it must be 1 to 11."),
        (toy, {"sweeps": 0}, UsageError, "0 sweeps are asked; it must be 1 or more."),
        (toy, {"ridge": 0.0}, UsageError, "ridge is 0; it must be a number above 0."),
        (toy, {"x_max": float("nan")}, UsageError, "x_max is nan; it must be a number above 0."),
        (toy, {"learning_rate": 1.0}, UsageError, "a learning rate is for the optimizer adagrad, and not for als."),
        (
            toy,
            {"ridge": 1.0, "optimizer": "adagrad"},
            UsageError,
            "a ridge is for the optimizer als, and not for adagrad.",
        ),
        (toy, {"optimizer": "adam"}, UsageError, "the optimizer is 'adam'; it must be als or adagrad."),
        (toy, {"start": "zero"}, UsageError, "the start is 'zero'; it must be svd or random."),
        (
            lambda: replace(toy(), cells="ppmi"),
            {},
            DataError,
            "the cells of the matrix are ppmi, and GloVe learns from counts.",
        ),
        (
            lambda: replace(toy(), matrix=toy().matrix[:3]),
            {},
            DataError,
            "the matrix has 3 rows and 11 columns, of 11 words, and GloVe learns from words beside words.",
        ),
        (
            no_words,
            {},
            DataError,
            "no two words stand beside each other in the matrix, and GloVe learns from such pairs.",
        ),
        (
            toy,
            {"optimizer": "adagrad", "learning_rate": 1e39, "dimensions": 2},
            DataError,
            "after sweep 1, GloVe's objective is no number any more.",
        ),
        (
            toy,
            {"begin": other_words, "start": "svd"},
            UsageError,
            "the start is svd, and training goes on from vectors.",
        ),
        (
            toy,
            {"begin": other_words, "dimensions": 3},
            UsageError,
            "3 dimensions are asked, and the vectors to go on from have 2.",
        ),
        (
            toy,
            {"begin": other_words},
            DataError,
            "the vectors to go on from are of other words (3) than the matrix (11), or in another order.",
        ),
        (
            toy,
            {"begin": lambda: replace(lmkit.glove_vectors(toy(), 2), state={})},
            DataError,
            "the glove vectors to go on from lack what GloVe needs for that: 'word_vectors'.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(matrix: Any, given: dict[str, Any], error: Any, message: str) -> None:
    given = {name: value() if callable(value) else value for name, value in given.items()}
    with pytest.raises(error) as raised:
        lmkit.glove_vectors(matrix(), **given)
    assert str(raised.value).splitlines()[0] == message


def test_the_command_tells_each_sweep_and_goes_on_from_a_file(lmkit_run: Run, tmp_path: Path) -> None:
    told: list[lmkit.GloveSweep] = []
    expected = lmkit.glove_vectors(toy(), 2, sweeps=3, watch=told.append)
    lines = [
        f"lmkit: sweep {sweep.number}: J {sweep.objective:,.2f}, with the ridge {sweep.total:,.2f}" for sweep in told
    ]
    first, matrix, all_of_them = (tmp_path / name for name in ("1.safetensors", "x.npz", "3.safetensors"))
    result = lmkit_run("vectors", "glove", TOY, "-d", 2, "--sweeps", 1, "-o", first)
    assert (result.code, result.err.splitlines()) == (0, [lines[0], "lmkit: 11 vectors of 2 dimensions"])
    assert lmkit_run("cooc", TOY, "-o", matrix).code == 0
    result = lmkit_run("vectors", "glove", matrix, "--from", first, "--sweeps", 2, "-o", all_of_them)
    assert (result.code, result.err.splitlines()) == (0, [*lines[1:], "lmkit: 11 vectors of 2 dimensions"])
    assert_same(lmkit.load_vectors(all_of_them), expected)


def test_the_command_refuses_more_dimensions_than_words(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("vectors", "glove", TOY, "-o", tmp_path / "v.safetensors")
    assert result.code == 2
    assert "100 dimensions are asked of 11 words; it must be 1 to 11." in result.err
    assert not (tmp_path / "v.safetensors").exists()


def test_training_goes_on_with_the_settings_that_it_began_with() -> None:
    settings: dict[str, Any] = {"x_max": 5, "ridge": 0.3, "seed": 2}
    first = lmkit.glove_vectors(toy(), 2, sweeps=1, **settings)
    at_once = lmkit.glove_vectors(toy(), 2, sweeps=3, **settings)
    continued = lmkit.glove_vectors(toy(), sweeps=2, begin=first)
    assert_same(continued, at_once)
    assert continued.signature() == at_once.signature()
    other = lmkit.glove_vectors(toy(), sweeps=1, begin=first, optimizer="adagrad").signature()
    assert ("|ridge:" in other, "|learning-rate:0.05|" in other, "|x-max:5|" in other) == (False, True, True)


def test_a_matrix_that_was_counted_otherwise_is_not_gone_on_with() -> None:
    first = lmkit.glove_vectors(toy(), 2, sweeps=1)
    counted = toy()
    with pytest.raises(DataError, match="counted with other options"):
        lmkit.glove_vectors(replace(counted, details=counted.details | {"window": 3}), begin=first)
