"""Neighbours and similarity."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.queries.best import best_rows
from lmkit.vectors.queries.lookup import nearest_spellings, places_of
from lmkit.vectors.queries.names import MEASURES, Measure
from lmkit.vectors.queries.rows import rows_of_matrix, typed_vectors
from tests.conftest import TOY
from tests.vectors.small import ROYAL, random_vectors, vectors_of

NO_VECTOR = "the vector {!r} is not a list of numbers, or one of them is too large or too small for 32 bits."


def names_of(found: lmkit.Neighbours, vectors: lmkit.WordVectors | lmkit.WordMatrix) -> list[tuple[str, str]]:
    """The words and their neighbours."""
    words = [word.decode() for word in vectors.words.words]
    return [(found.queries[query], words[row]) for query, row in zip(found.query, found.row, strict=True)]


def test_similarities_by_hand() -> None:
    """Of roi = (1, 2, 0) and reine = (−1, 2, 0): the product is −1 + 4 = 3, the lengths are √5, the distance is 2."""
    pairs = [("roi", "reine"), ("reine", "roi"), ("roi", "roi")]
    assert lmkit.similarities(ROYAL, pairs) == pytest.approx([3 / 5, 3 / 5, 1], rel=1e-15)
    assert lmkit.similarities(ROYAL, pairs, "dot").tolist() == [3, 3, 5]
    assert lmkit.similarities(ROYAL, pairs, "euclidean").tolist() == [2, 2, 0]
    assert lmkit.similarities(ROYAL, []).shape == (0,)


def test_neighbours_by_hand_and_ties_in_the_order_of_the_rows() -> None:
    """Of chat, all but the zero vector, whose cosine is undefined, are at right angles; by distance, rien is 3 away, homme √10."""
    found = lmkit.neighbours(ROYAL, ["roi", "chat"], top=4)
    assert names_of(found, ROYAL) == [
        ("roi", "reine"),
        ("roi", "homme"),
        ("roi", "chat"),
        ("roi", "femme"),
        ("chat", "homme"),
        ("chat", "femme"),
        ("chat", "roi"),
        ("chat", "reine"),
    ]
    assert found.similarity == pytest.approx([3 / 5, 5**-0.5, 0, -(5**-0.5), 0, 0, 0, 0], abs=1e-15)
    found = lmkit.neighbours(ROYAL, ["chat"], top=3, measure="euclidean")
    assert names_of(found, ROYAL) == [("chat", "rien"), ("chat", "homme"), ("chat", "femme")]
    assert found.similarity == pytest.approx([3, 10**0.5, 10**0.5])


def test_neighbours_of_a_typed_vector() -> None:
    vectors = vectors_of({"a": (2, 3), "b": (-1, 1)})
    found = lmkit.neighbours_of_vectors(vectors, typed_vectors(["1,2"]), ["1,2"])
    assert names_of(found, vectors) == [("1,2", "a"), ("1,2", "b")]
    assert found.similarity == pytest.approx([8 / 65**0.5, 1 / 10**0.5], rel=1e-15)


@given(
    st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=2, max_size=60),
    st.integers(1, 7),
    st.sampled_from(MEASURES),
    st.integers(1, 3),
)
def test_neighbours_are_those_of_sorting_all(
    rows: list[tuple[int, ...]], top: int, measure: Measure, workers: int
) -> None:
    """Small whole numbers have many ties, which stand in the order of the rows."""
    vectors = vectors_of({f"w{place}": row for place, row in enumerate(rows)})
    asked = [place for place, row in enumerate(rows) if any(row) or measure != "cosine"]
    assume(len(asked) > 1)  # so that each has a neighbour
    found = lmkit.neighbours(
        vectors, [f"w{place}" for place in asked], top=top, measure=measure, resources=lmkit.Resources(workers)
    )
    expected = []
    for query, place in enumerate(asked):
        others = [row for row in range(len(rows)) if row != place and (any(rows[row]) or measure != "cosine")]
        values = [lmkit.similarities(vectors, [(f"w{row}", f"w{place}")], measure).item() for row in others]
        sign = 1 if measure == "euclidean" else -1
        order = sorted(range(len(others)), key=lambda each: (sign * values[each], others[each]))[:top]
        expected += [(query, others[each], values[each]) for each in order]
    assert list(zip(found.query.tolist(), found.row.tolist(), found.similarity.tolist(), strict=True)) == expected


def test_the_best_of_many_rows_are_those_of_sorting_them() -> None:
    """Blocks of rows and groups within them lose nothing, equal scores included."""
    scores = np.random.default_rng(1).integers(0, 3000, (7, 50_000)).astype(np.float32)
    number, place, score = best_rows(lambda first, last: scores[:, first:last], scores.shape[1], 7, 20, 2)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :20]
    assert np.array_equal(place.reshape(7, 20), expected)
    assert np.array_equal(score.reshape(7, 20), np.take_along_axis(scores, expected, 1))
    assert number.tolist() == [query for query in range(7) for _ in range(20)]


def test_rows_of_a_matrix_have_the_neighbours_of_the_same_rows_as_vectors() -> None:
    """Words are known by what stands beside them: in the toy text chat and chien are nearest to each other."""
    matrix = lmkit.cooccurrence(lmkit.encode_text(TOY), window=2)
    dense = lmkit.WordVectors(matrix.words, matrix.matrix.toarray().astype(np.float32), "counts", {})
    words = [word.decode() for word in matrix.words.words]
    for measure in MEASURES:
        one, other = (lmkit.neighbours(rows, words, measure=measure) for rows in (matrix, dense))
        assert np.array_equal(one.row, other.row)
        assert one.similarity == pytest.approx(other.similarity, abs=1e-6)
    assert names_of(lmkit.neighbours(matrix, ["chat"], top=1), matrix) == [("chat", "chien")]


def test_a_matrix_whose_rows_are_running_words_has_none_to_ask_for() -> None:
    text = lmkit.encode_text(TOY)
    matrix = lmkit.WordMatrix(lmkit.one_hot(text), text.vocabulary)
    with pytest.raises(DataError) as error:
        rows_of_matrix(matrix, "x.npz")
    assert str(error.value) == (
        f"x.npz is a matrix of 17 × {len(text.vocabulary)}, and its rows are not the {len(text.vocabulary)} words.\n"
        "Give vectors, or a matrix of words × words, as `lmkit cooc` makes it."
    )


def test_words_are_found_without_a_table_of_all() -> None:
    vectors = random_vectors([f"w{number}" for number in range(1000)], 2)
    assert places_of(vectors.words, ["w999", "w0", "w", "w999"]).tolist() == [999, 0, -1, 999]
    assert "ids" not in vars(vectors.words)
    assert "words" not in vars(vectors.words)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("chta", ["chat", "chats"]),
        ("CHIEN", ["chien"]),
        ("élèvé", ["élevé"]),
        ("eleve", ["élevé"]),
        ("SOEUR", ["sœur"]),
        ("xyz", []),
        ("", []),
    ],
)
def test_the_nearest_spellings(word: str, near: list[str]) -> None:
    vectors = random_vectors(["le", "chats", "chat", "chien", "élevé", "boit", "internationalisation", "sœur"], 2)
    assert nearest_spellings(vectors.words, word) == near


def test_an_unknown_word_is_told_with_its_nearest_spellings() -> None:
    with pytest.raises(DataError) as error:
        lmkit.neighbours(ROYAL, ["roy"])
    assert str(error.value) == "the word 'roy' is not among the 6 words.\nNearest spellings: roi."
    with pytest.raises(DataError) as error:
        lmkit.similarities(ROYAL, [("roy", "xyz"), ("roi", "roy")])
    assert str(error.value) == ("2 words are not among the 6 words: roy, xyz.\nNearest spellings: roy (roi).")


def test_a_zero_vector_has_no_cosine_and_has_other_measures() -> None:
    with pytest.raises(DataError) as error:
        lmkit.neighbours(ROYAL, ["roi", "rien"])
    assert str(error.value) == (
        "the vector of rien is zero: it has no direction, so that its cosine with another is undefined.\n"
        "--measure dot and --measure euclidean are defined. A word without any pairs in a matrix has such a row."
    )
    with pytest.raises(DataError, match="the vector of rien is zero"):
        lmkit.similarities(ROYAL, [("rien", "roi")])
    assert lmkit.similarities(ROYAL, [("rien", "chat")], "euclidean").tolist() == [3]
    assert names_of(lmkit.neighbours(ROYAL, ["rien"], top=1, measure="euclidean"), ROYAL) == [("rien", "homme")]


@pytest.mark.parametrize(
    ("texts", "dimensions", "message"),
    [
        (["1,2", "1,2,3"], None, "the vector '1,2,3' has 3 numbers, and the others have 2."),
        (["1,2"], 3, "the vector '1,2' has 2 numbers, and those of the words have 3."),
        (["1,x"], None, NO_VECTOR.format("1,x")),
        (["1,,2", "1,2,3"], None, NO_VECTOR.format("1,,2")),
        (["1,2", "1,1e39"], None, NO_VECTOR.format("1,1e39")),
        (["1,1e-90"], None, NO_VECTOR.format("1,1e-90")),
        (["1,nan"], None, NO_VECTOR.format("1,nan")),
        ([""], None, NO_VECTOR.format("")),
    ],
)
def test_typed_vectors_that_make_no_sense(texts: Sequence[str], dimensions: int | None, message: str) -> None:
    with pytest.raises(UsageError) as error:
        typed_vectors(texts, dimensions)
    assert str(error.value).split("\n")[0] == message


def test_a_word_without_any_other_is_told_to_have_no_neighbours() -> None:
    alone = vectors_of({"roi": (1, 2), "rien": (0, 0)})
    with pytest.raises(DataError) as error:
        lmkit.neighbours(alone, ["roi"])
    assert str(error.value) == (
        "no word is left for roi: of 2 words, 1 have a vector that is not zero.\n"
        "Words that are asked for are no answers: take vectors of more words."
    )
    assert names_of(lmkit.neighbours(alone, ["roi"], measure="dot"), alone) == [("roi", "rien")]


def test_lengths_beyond_32_bits_are_refused() -> None:
    """√(3² + 3²) · 10³⁸ is above 3.4 · 10³⁸."""
    with pytest.raises(DataError, match=r"^the vector of b is longer than any number of 32 bits\."):
        lmkit.neighbours(vectors_of({"a": (1, 2), "b": (3e38, 3e38)}), ["a"])


@pytest.mark.parametrize("cell", [np.nan, np.inf, 1e300])
def test_cells_of_a_matrix_that_are_no_numbers_of_32_bits_are_refused(cell: float) -> None:
    matrix = csr_array(np.array([[1, cell], [2, 0]]))
    with pytest.raises(DataError) as error:
        rows_of_matrix(lmkit.WordMatrix(matrix, Vocabulary.from_words([b"un", b"deux"])), "x.npz")
    assert str(error.value) == (
        f"1 of 3 cells of the matrix are no numbers of 32 bits, the first of them {cell:g} (of un deux), and vectors are made from counts.\n"
        "Write the matrix again with `lmkit cooc`."
    )


def test_a_matrix_without_words_has_no_vectors() -> None:
    empty = lmkit.WordMatrix(csr_array((0, 0)), Vocabulary.from_words([]))
    with pytest.raises(DataError, match=r"^x\.npz is a matrix without words\."):
        rows_of_matrix(empty, "x.npz")


def test_words_whose_vector_holds_no_numbers_are_refused() -> None:
    """Own files keep lengths, and all their vectors are not looked through when they are opened."""
    broken = replace(vectors_of({"a": (1, 2), "b": (2, 1), "c": (np.nan, 1)}), known_norms=np.ones(3, np.float32))
    with pytest.raises(DataError, match=r"^the vector of c has coordinates that are no finite numbers\."):
        lmkit.similarities(broken, [("a", "b"), ("a", "c")])
    with pytest.raises(DataError, match=r"^the vector of c has coordinates that are no finite numbers\."):
        lmkit.neighbours(broken, ["c"])


def test_no_neighbours_are_not_asked_for() -> None:
    with pytest.raises(UsageError, match=r"^0 neighbours of 1 words were asked for"):
        lmkit.neighbours(ROYAL, ["roi"], top=0)
