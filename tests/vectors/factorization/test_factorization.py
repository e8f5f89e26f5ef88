"""Singular values and vectors, and word vectors made of them."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.vectors.association import ASSOCIATIONS, associated
from lmkit.vectors.choices import Association
from lmkit.vectors.factorization.exact import exact_triplets
from lmkit.vectors.factorization.krylov import krylov_triplets
from lmkit.vectors.factorization.svd import factored
from lmkit.vectors.word_matrix import WordMatrix
from tests.conftest import TOY, Run, train_text
from tests.shell_lines import run_line


def counts_of(rows: list[list[float]]) -> WordMatrix:
    """A matrix of the words a, b, c …"""
    words = lmkit.Vocabulary.from_words(b"abcdefgh"[place : place + 1] for place in range(len(rows[0])))
    return WordMatrix(csr_array(np.array(rows, float)), words)


@pytest.fixture(scope="module")
def french() -> WordMatrix:
    """Co-occurrence in the French training text."""
    return lmkit.cooccurrence(lmkit.encode_text(train_text("fr")))


def sparse(rows: int, columns: int, density: float, seed: int) -> Any:
    """A random matrix."""
    return csr_array(random_array((rows, columns), density=density, rng=np.random.default_rng(seed), format="csr"))


@pytest.mark.parametrize("shape", [(400, 400), (300, 500), (500, 300)])
def test_the_krylov_solver_finds_what_decomposing_the_whole_matrix_finds(shape: tuple[int, int]) -> None:
    """A spectrum that falls off: the basis settles on it, to the precision of 32 bits."""
    random = np.random.default_rng(1)
    left, right = (np.linalg.qr(random.standard_normal((size, 60)))[0] for size in shape)
    values = 100 * 0.8 ** np.arange(60)
    matrix = csr_array(left * values @ right.T)
    found = krylov_triplets(matrix, 12, seed=1).with_signs()
    expected = exact_triplets(matrix, 12, seed=1).with_signs()
    assert expected.values == pytest.approx(values[:12], rel=1e-9)
    assert found.values == pytest.approx(values[:12], rel=1e-4)
    assert np.abs(found.left - expected.left).max() < 1e-3
    assert np.abs(found.right - expected.right).max() < 1e-3


def test_of_a_flat_spectrum_the_krylov_solver_finds_99_percent_where_two_passes_do_not() -> None:
    """Singular values of random sparse matrices lie near each other; a randomised decomposition by two passes loses energy."""
    matrix, k = sparse(1000, 1000, 0.04, 3), 40
    exact = (exact_triplets(matrix, k, 1).values[1:] ** 2).sum()  # the first stands far above
    found = krylov_triplets(matrix, k, seed=1)
    assert (found.values[1:] ** 2).sum() / exact > 0.99
    basis = np.linalg.qr(matrix @ np.random.default_rng(1).standard_normal((1000, k + 10)))[0]
    basis = np.linalg.qr(matrix @ (matrix.T @ basis))[0]
    two_passes = np.linalg.svd(basis.T @ matrix.toarray())[1][1:k]
    assert (two_passes**2).sum() / exact < 0.97


def test_equal_singular_values_are_found_as_often_as_they_come() -> None:
    """A block of random vectors sees of equal values as many as it has columns: the space goes on with others."""
    values = np.repeat([3.0, 2.0, 1.0], [30, 25, 25])
    found = krylov_triplets(csr_array(np.diag(values)), 60)
    assert found.values == pytest.approx(values[:60], rel=1e-5)
    assert found.left.T @ found.left == pytest.approx(np.eye(60), abs=1e-5)


def test_a_space_of_all_dimensions_is_the_whole_matrix() -> None:
    matrix = sparse(80, 60, 0.3, 11)
    found = krylov_triplets(matrix, 60)
    assert found.is_settled
    assert (found.left * found.values) @ found.right.T == pytest.approx(matrix.toarray(), abs=1e-4)


def test_the_basis_stays_orthonormal() -> None:
    found = krylov_triplets(sparse(1500, 1200, 0.02, 5), 50, seed=2)
    for vectors in (found.left, found.right):
        assert np.abs(vectors.T @ vectors - np.eye(50)).max() < 1e-5


@pytest.mark.parametrize("workers", [2, 3])
def test_threads_change_no_bit(workers: int) -> None:
    matrix = sparse(3000, 3000, 0.05, 7)
    alone, together = (krylov_triplets(matrix, 30, seed=1, workers=number) for number in (1, workers))
    for name in ("left", "values", "right"):
        assert np.array_equal(getattr(alone, name), getattr(together, name))


def test_signs_do_not_depend_on_the_seed(french: WordMatrix) -> None:
    one, other = (lmkit.svd_vectors(french, 3, association="log", seed=seed).matrix for seed in (1, 2))
    assert np.abs(one - other).max() < 0.05 * np.abs(one).max()
    largest = one[np.abs(one).argmax(axis=0), np.arange(3)]
    assert (largest > 0).all()


def test_all_dimensions_with_weight_1_keep_the_products_of_the_matrix(french: WordMatrix) -> None:
    """M Mᵀ = U S² Uᵀ = W Wᵀ."""
    weighted = associated(french.most_frequent_first(), "ppmi", alpha=0.75).matrix.toarray()
    found = lmkit.svd_vectors(french, 700, eigenvalue_weight=1, solver="exact")
    exact = np.linalg.svd(weighted)[1]
    left_out = exact[700]
    assert np.abs(found.matrix @ found.matrix.T - weighted @ weighted.T).max() <= left_out**2 + 1e-2


def test_contexts_are_added() -> None:
    counts = counts_of([[0, 4, 1], [1, 0, 2], [3, 1, 0]])
    alone = lmkit.svd_vectors(counts, 2, association="log")
    together = lmkit.svd_vectors(counts, 2, association="log", add_contexts=True)
    assert together.matrix == pytest.approx(alone.matrix + alone.state["contexts"], abs=1e-6)


def test_energy_is_the_share_of_the_squares_of_all_cells(french: WordMatrix) -> None:
    found = factored(french, 30, association="hellinger", solver="exact")
    values = np.linalg.svd(associated(french, "hellinger").matrix.toarray())[1]
    assert found.energy == pytest.approx((values[:30] ** 2).sum() / (values**2).sum(), rel=1e-6)


def test_rows_stand_in_descending_order_of_their_sums_ties_by_code_point() -> None:
    counts = counts_of([[0, 1, 1, 0], [1, 0, 1, 3], [1, 1, 0, 0], [0, 3, 0, 0]])
    assert lmkit.svd_vectors(counts, 2, association="log").words.words == [b"b", b"d", b"a", b"c"]


def test_the_table_of_associations_has_the_names_that_can_be_chosen() -> None:
    assert tuple(ASSOCIATIONS) == get_args(Association)


def test_associations_by_hand() -> None:
    """#(a,b) = 3, #(a,c) = 1, #(b,a) = 1 of 5; p(b|a) = 3/4."""
    counts = counts_of([[0, 3, 1], [1, 0, 0], [0, 0, 0]])
    log = associated(counts, "log").matrix.toarray()
    assert log == pytest.approx(np.log(np.array([[1, 4, 2], [2, 1, 1], [1, 1, 1]])))
    hellinger = associated(counts, "hellinger").matrix.toarray()
    assert hellinger == pytest.approx(np.sqrt(np.array([[0, 3 / 4, 1 / 4], [1, 0, 0], [0, 0, 0]])))
    # Of 5 pairs: p(a,a) = 1/5, p(a) = 3/5 on both sides, (1/5) / (9/25) = 5/9 < 1.
    pmi = associated(counts_of([[1, 2], [2, 0]]), "pmi").matrix.toarray()
    assert pmi[0, 0] == pytest.approx(np.log2(float(Fraction(5, 9))))
    assert pmi[0, 1] == pytest.approx(np.log2(float(Fraction(5, 3))))


def test_what_made_the_matrix_is_said(french: WordMatrix) -> None:
    weighted = lmkit.ppmi(french, alpha=0.75, shift=5)
    assert (weighted.cells, weighted.words) == ("ppmi", french.words)
    assert weighted.details == french.details | {"alpha": 0.75, "shift": 5.0}
    assert "|association:ppmi|" in lmkit.svd_vectors(french, 5).signature()
    assert "|alpha:0.75|shift:1|" in lmkit.svd_vectors(french, 5).signature()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dimensions": 0}, "there are 0 dimensions"),
        ({"eigenvalue_weight": 2}, "the eigenvalue weight is 2"),
        ({"solver": "propack"}, "the solver is 'propack'; it must be krylov or exact"),
        ({"association": "tfidf"}, "the association is 'tfidf'; it must be one of: ppmi, pmi, log, hellinger"),
        ({"association": "log", "alpha": 0.5}, "alpha: log has no use for it"),
        ({"association": "none", "shift": 2}, "shift: without an association there is no use for it"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    counts = lmkit.cooccurrence(lmkit.encode_text(TOY))
    with pytest.raises(UsageError, match=message):
        lmkit.svd_vectors(counts, **{"dimensions": 2} | options)


def test_more_dimensions_than_words_or_rank_are_refused() -> None:
    counts = counts_of([[0, 2, 2], [2, 0, 0], [2, 0, 0]])
    with pytest.raises(DataError, match="4 dimensions were asked for, and the matrix has 3 words"):
        lmkit.svd_vectors(counts, 4)
    with pytest.raises(DataError, match=r"the rank of the matrix is 2.*\n.*-d 2"):
        lmkit.svd_vectors(counts, 3)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([[0, np.nan], [1, 0]], r"1 of 2 cells of the matrix are no numbers, the first of them nan \(of a b\)"),
        ([[0, -1], [1, 0]], r"1 of 2 cells of the matrix are negative, the first of them -1 \(of a b\)"),
        ([[0, 1e300], [1, 0]], r"1 of 2 cells of the matrix are beyond 9e\+15, the first of them 1e\+300 \(of a b\)"),
        ([[0, 1e-300], [1, 0]], r"1 of 2 cells of the matrix are above 0 and below 1.1e-16, the first of them 1e-300"),
        ([[0, 0], [0, 0]], "no two words stand beside each other"),
        ([[1, 1], [1, 1], [1, 1]], "the matrix has 3 rows and 2 columns"),
    ],
)
def test_matrices_that_hold_no_counts_are_refused(cells: list[list[float]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        lmkit.svd_vectors(counts_of(cells), 1)


@pytest.mark.parametrize("solver", ["krylov", "exact"])
def test_cells_whose_squares_no_32_bits_hold_are_refused_unweighted_too(solver: Any) -> None:
    with pytest.raises(DataError, match=r"2 of 2 cells of the matrix are beyond 9e\+15"):
        lmkit.svd_vectors(counts_of([[0, 1e300], [-1e300, 0]]), 1, association="none", solver=solver)
    vectors = lmkit.svd_vectors(counts_of([[0, 2.0**53], [2.0**53, 0]]), 2, association="none", solver=solver)
    np.testing.assert_allclose(vectors.state["singular_values"], [2.0**53, 2.0**53], rtol=1e-5)


def test_weighted_cells_are_not_weighted_again() -> None:
    weighted = lmkit.ppmi(lmkit.cooccurrence(lmkit.encode_text(TOY)))
    with pytest.raises(UsageError, match="the cells of the matrix are ppmi already"):
        lmkit.svd_vectors(weighted, 2)
    assert "|association:ppmi|" in lmkit.svd_vectors(weighted, 2, association="none").signature()


def test_text_a_matrix_and_a_pipe_give_the_same_vectors(lmkit_run: Run, tmp_path: Path) -> None:
    text = train_text("fr")
    lmkit_run("cooc", text, "-o", tmp_path / "x.npz")
    lmkit_run("vectors", "svd", text, "-d", 20, "-o", tmp_path / "text.safetensors")
    told = lmkit_run("vectors", "svd", tmp_path / "x.npz", "-d", 20, "-o", tmp_path / "matrix.safetensors").err
    assert "860 vectors of 20 dimensions" in told
    assert "|alpha:0.75|shift:1|" in told
    assert (tmp_path / "text.safetensors").read_bytes() == (tmp_path / "matrix.safetensors").read_bytes()
    piped = run_line(f"lmkit cooc {text} -o - | lmkit vectors svd - -d 20 -o {tmp_path}/piped.safetensors")
    assert piped.returncode == 0, piped.stderr
    assert (tmp_path / "text.safetensors").read_bytes() == (tmp_path / "piped.safetensors").read_bytes()
    vectors = lmkit.load_vectors(tmp_path / "text.safetensors")
    assert vectors.matrix.shape == (860, 20)
    assert np.isfinite(vectors.matrix).all()


def test_options_of_text_beside_a_matrix_are_refused(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("cooc", TOY, "-o", tmp_path / "x.npz")
    result = lmkit_run("vectors", "svd", tmp_path / "x.npz", "--lowercase", "--window", 3, "-d", 2)
    assert result.code == 2
    assert "--window, --lowercase: how text is read and counted" in result.err


def test_cooc_says_which_alpha_and_shift_it_used(lmkit_run: Run, tmp_path: Path) -> None:
    told = lmkit_run("cooc", "--ppmi", "--context-power", 0.5, TOY).err
    assert told == "lmkit: ppmi = max(0, log2 p(w,c)/(p(w) p_α(c)) − log2 k), alpha 0.5, shift 1\n"
    lmkit_run("cooc", "--association", "hellinger", TOY, "-o", tmp_path / "h.npz")
    matrix = lmkit.load_matrix(tmp_path / "h.npz")
    assert matrix.cells == "hellinger"
    assert (matrix.matrix.multiply(matrix.matrix)).sum(axis=1) == pytest.approx(np.ones(matrix.matrix.shape[0]))


def test_a_matrix_without_words_is_told(tmp_path: Path) -> None:
    from scipy.sparse import save_npz

    save_npz(tmp_path / "x.npz", csr_array(np.eye(2)))
    with pytest.raises(DataError, match="holds a matrix without words"):
        lmkit.load_matrix(tmp_path / "x.npz")
    with pytest.raises(DataError, match="<stream> is not a matrix that lmkit wrote"):
        lmkit.load_matrix(io.BytesIO(b"PK\x03\x04"))
