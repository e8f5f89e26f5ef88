"""One-hot encoding, co-occurrence, association."""

import io
import json
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import lmkit
from lmkit.errors import UsageError
from lmkit.vectors.cooccurrence import distance_weights, largest_cells
from tests.conftest import LANGUAGES, REFERENCE, TOY, read_table, train_text

GLOVE = json.loads((REFERENCE / "glove" / "glove.json").read_text(encoding="utf-8"))
lines = st.lists(st.lists(st.sampled_from("abcde"), max_size=8).map(" ".join), min_size=1, max_size=8)


def stream(sentences: list[str]) -> io.BytesIO:
    """The sentences as a text, with one more that is never blank."""
    return io.BytesIO("".join(f"{line}\n" for line in [*sentences, "a b"]).encode())


def test_many_pairs_in_one_cell_do_not_overflow() -> None:
    """In a sentence of 200 equal words, 200 − d pairs stand at distance d."""
    text = lmkit.encode_text(io.BytesIO(b"a " * 200 + b"\n" + b"a " * 200 + b"\n"))
    once = sum((200 - distance) / distance for distance in range(1, 41))
    assert lmkit.cooccurrence(text, window=40, directed=True).matrix[0, 0] == pytest.approx(2 * once, rel=1e-12)
    assert distance_weights(28, "distance", 10**8)[0].dtype == np.float64  # 64-bit sums might not hold
    assert distance_weights(10, "distance", 10**8)[0].dtype == np.int64


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("symmetric", [0, 1])
@pytest.mark.parametrize("weighted", [0, 1])
def test_cooccurrence_equals_glove(language: str, symmetric: int, weighted: int) -> None:
    text = lmkit.encode_text(train_text(language))
    result = lmkit.cooccurrence(text, weighting="distance" if weighted else "flat", directed=not symmetric)
    expected = GLOVE[language][f"symmetric{symmetric}_distance{weighted}"]
    matrix = result.matrix
    assert (matrix.nnz, np.count_nonzero(matrix.diagonal())) == (expected["nnz"], expected["nnz_diagonal"])
    assert matrix.sum() == pytest.approx(expected["sum"], rel=1e-9)
    assert (matrix.data**2).sum() == pytest.approx(expected["sum_of_squares"], rel=1e-9)
    assert matrix.data.max() == pytest.approx(expected["max_value"], rel=1e-9)
    rows = read_table(REFERENCE / "glove" / f"{language}.symmetric{symmetric}_distance{weighted}.top300.tsv")
    cells = largest_cells(matrix, result.words, len(rows))
    words = result.words.words
    for place, row in enumerate(rows):
        assert (words[cells.row[place]].decode(), words[cells.col[place]].decode()) == (row["word1"], row["word2"])
        assert cells.data[place] == pytest.approx(float(row["value"]), abs=1e-9)


@given(lines, st.integers(1, 9), st.booleans(), st.booleans(), st.integers(1, 30), st.integers(1, 3))
def test_cooccurrence_equals_its_definition_in_fractions(
    sentences: list[str], window: int, flat: bool, directed: bool, block_bytes: int, cutoff: int
) -> None:
    """OOV words are removed before the window is applied; sums are exact whatever the blocks."""
    frequencies = Counter(" ".join([*sentences, "a b"]).split())
    expected: Counter[tuple[str, str]] = Counter()
    for line in [*sentences, "a b"]:
        words = [word for word in line.split() if frequencies[word] >= cutoff]
        for right in range(len(words)):
            for left in range(max(0, right - window), right):
                weight = 1 if flat else Fraction(1, right - left)
                expected[words[left], words[right]] += weight  # type: ignore[assignment]
                if not directed:
                    expected[words[right], words[left]] += weight  # type: ignore[assignment]
    text = lmkit.encode_text(stream(sentences), cutoff=cutoff, reading=lmkit.Reading(block_bytes=block_bytes))
    result = lmkit.cooccurrence(text, window=window, weighting="flat" if flat else "distance", directed=directed)
    words = [word.decode() for word in result.words.words]
    cells = result.matrix.tocoo()
    found = {
        (words[row], words[column]): value for row, column, value in zip(cells.row, cells.col, cells.data, strict=True)
    }
    assert found == {pair: pytest.approx(float(value), rel=1e-15) for pair, value in expected.items()}


def test_a_wide_window_does_not_overflow() -> None:
    sentence = " ".join(f"w{place}" for place in range(41))
    result = lmkit.cooccurrence(lmkit.encode_text(io.BytesIO(sentence.encode())), window=40, directed=True)
    assert result.matrix[0, [0, 1, 2, 37, 40]].toarray().ravel() == pytest.approx(
        [0, 1, 1 / 2, 1 / 37, 1 / 40], rel=1e-12
    )


def test_one_hot_rows_are_running_words_and_columns_the_vocabulary() -> None:
    text = lmkit.encode_text(TOY, cutoff=2)
    matrix = lmkit.one_hot(text)
    assert [word.decode() for word in text.vocabulary.words] == [
        "</s>",
        "<s>",
        "<unk>",
        "le",
        "chat",
        "boit",
        "du",
        "lait",
    ]
    assert matrix.shape == (17, 8)
    assert matrix.indices.tolist() == [3, 4, 5, 6, 7, 2, 5, 6, 7, 3, 2, 2, 3, 4, 2, 2, 2]
    assert matrix.sum(axis=1).tolist() == [1] * 17
    assert matrix.sum(axis=0).tolist() == [0, 0, 6, 3, 2, 2, 2, 2]


def test_shifted_one_hot_matrices_multiply_to_the_bigram_counts() -> None:
    """Within one sentence X[:-1]ᵀ X[1:] are the counts of adjacent words."""
    text = lmkit.encode_text(io.BytesIO(b"le chat voit le chat\n"))
    matrix = lmkit.one_hot(text).astype(int)
    counts = lmkit.count_ngrams(io.BytesIO(b"le chat voit le chat\n"), 2)
    product = (matrix[:-1].T @ matrix[1:]).toarray()
    for row, left in enumerate(text.vocabulary.words[3:], start=3):
        for column, right in enumerate(text.vocabulary.words[3:], start=3):
            assert product[row, column] == counts[f"{left.decode()} {right.decode()}"]


def counts_of(rows: list[list[float]]) -> lmkit.WordMatrix:
    """A matrix of the words a, b, c …"""
    words = lmkit.Vocabulary.from_words(b"abcdefgh"[place : place + 1] for place in range(len(rows[0])))
    return lmkit.WordMatrix(csr_array(np.array(rows, float)), words)


def test_ppmi_by_hand() -> None:
    """#(a,b) = 3, #(a,c) = 1, #(b,a) = 1 of 5: p(a,b) / (p(a) p(b)) = (3/5) / (4/5 · 3/5) = 5/4, and so on."""
    matrix = counts_of([[0, 3, 1], [1, 0, 0], [0, 0, 0]])
    found = lmkit.ppmi(matrix).matrix.toarray()
    assert found == pytest.approx(np.log2(np.array([[1, 5 / 4, 5 / 4], [5, 1, 1], [1, 1, 1]])))
    shifted = lmkit.ppmi(matrix, shift=2).matrix
    assert shifted.nnz == 1
    assert shifted[1, 0] == pytest.approx(np.log2(5 / 2))


def test_ppmi_with_smoothed_contexts_by_hand() -> None:
    """α = 1/2: contexts a, b, c weigh 1, √3, 1, so p_α(b) = √3 / (2 + √3)."""
    matrix = counts_of([[0, 3, 1], [1, 0, 0], [0, 0, 0]])
    found = lmkit.ppmi(matrix, alpha=0.5).matrix[0, 1]
    assert found == pytest.approx(np.log2((3 / 5) / (4 / 5 * 3**0.5 / (2 + 3**0.5))))


def test_ppmi_leaves_its_input_as_it_was() -> None:
    counts = lmkit.cooccurrence(lmkit.encode_text(TOY))
    before = counts.matrix.copy()
    weighted = lmkit.ppmi(counts)
    weighted.matrix.eliminate_zeros()
    weighted.matrix.data[:] = 7
    assert (counts.matrix != before).nnz == 0


@pytest.mark.parametrize(("alpha", "shift"), [(0, 1), (1.5, 1), (1, 0.5)])
def test_ppmi_refuses_parameters_that_make_no_sense(alpha: float, shift: float) -> None:
    with pytest.raises(UsageError):
        lmkit.ppmi(counts_of([[1, 1], [1, 1]]), alpha=alpha, shift=shift)
