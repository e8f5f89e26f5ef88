"""What follows each word as its vector: counts by hand, the models' own probabilities, the command."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.vectors.successors import as_vectors
from tests.conftest import TOY, Run, text_file, train_text


def bigrams(path: Path) -> Counter[tuple[str, str]]:
    """How often each word of a text is followed by each, with the end of the sentence."""
    sentences = [[*line.split(), "</s>"] for line in path.read_text(encoding="utf-8").splitlines()]
    return Counter(pair for sentence in sentences for pair in pairwise(sentence))


def listed(words: lmkit.Vocabulary) -> list[str]:
    """The words."""
    return [word.decode() for word in words.words]


def test_a_row_is_the_share_of_each_word_among_all_that_follow_in_fractions() -> None:
    counts, seen = lmkit.count_ngrams(TOY, 2), bigrams(TOY)
    found = lmkit.successor_matrix(counts.matrix(2), counts.vocabulary)
    words = listed(found.words)
    followed = {word: sum(n for (first, _), n in seen.items() if first == word) for word in words}
    assert words == sorted(words, key=lambda word: (-followed[word], word))
    expected = [[Fraction(seen[first, second], followed[first]) for second in words] for first in words]
    assert found.matrix.toarray() == pytest.approx(np.array(expected, np.float64), rel=1e-15)
    assert found.cells == "probabilities"
    # le chat boit …, le chien voit le chat dans la cour
    le = dict(zip(words, expected[words.index("le")], strict=True))
    assert (le["chat"], le["chien"]) == (Fraction(2, 3), Fraction(1, 3))
    ends = [float(1 - Fraction(seen[word, "</s>"], followed[word])) for word in words]
    assert found.matrix.sum(axis=1) == pytest.approx(ends)
    assert found.matrix[[words.index("lait")]].nnz == 0  # it only ends sentences


def test_counts_are_those_of_the_pairs() -> None:
    counts, seen = lmkit.count_ngrams(train_text("fr"), 3), bigrams(train_text("fr"))
    found = lmkit.successor_matrix(counts.matrix(2), counts.vocabulary, cells="counts")
    words = listed(found.words)
    cells = found.matrix.tocoo()
    pairs = {(words[row], words[column]): n for row, column, n in zip(*cells.coords, cells.data, strict=True)}
    assert pairs == {pair: n for pair, n in seen.items() if pair[1] != "</s>"}


def test_the_most_frequent_words_are_rows_and_columns_and_shares_stay_those_of_all() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 2)
    whole = lmkit.successor_matrix(counts.matrix(2), counts.vocabulary)
    part = lmkit.successor_matrix(counts.matrix(2), counts.vocabulary, top=20)
    assert part.words.words == whole.words.words[:20]
    assert (part.matrix.toarray() == whole.matrix.toarray()[:20, :20]).all()
    vectors = lmkit.successor_vectors(counts, top=20)
    assert vectors.words.words == part.words.words
    assert vectors.matrix == pytest.approx(part.matrix.toarray(), abs=1e-7)


@pytest.mark.parametrize("order", [2, 3])
def test_of_a_smoothed_model_each_number_is_its_probability_and_rows_lack_what_marks_have(order: int) -> None:
    model = lmkit.witten_bell(lmkit.count_ngrams(TOY, order))
    found = lmkit.successor_vectors(model)
    words = listed(found.words)
    for row, first in zip(found.matrix, words, strict=True):
        assert row == pytest.approx([lmkit.probability(model, second, first) for second in words], rel=1e-6)
        marks = lmkit.probability(model, "</s>", first) + lmkit.probability(model, "<unk>", first)
        assert row.sum() == pytest.approx(1 - marks, rel=1e-6)
    assert found.matrix.dtype == np.float32
    assert (found.method, found.dimensions) == ("successors", len(words))


def test_mixtures_have_successors_too() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    models = [lmkit.witten_bell(counts), lmkit.laplace(counts)]
    mixed = lmkit.successor_vectors(lmkit.mixture(models, [0.25, 0.75]))
    parts = [lmkit.successor_vectors(model) for model in models]
    orders = [[listed(part.words).index(word) for word in listed(mixed.words)] for part in parts]
    first, second = (part.matrix[order][:, order] for part, order in zip(parts, orders, strict=True))
    assert mixed.matrix == pytest.approx(0.25 * first + 0.75 * second, rel=1e-5)


def test_words_with_the_same_successors_are_the_same_vectors(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(text_file(tmp_path, "le chat dort\nle chien dort\nle chat mange\nle chien mange\n"), 2)
    vectors = as_vectors(lmkit.successor_matrix(counts.matrix(2), counts.vocabulary))
    rows = dict(zip(listed(vectors.words), vectors.matrix.tolist(), strict=True))
    assert rows["chat"] == rows["chien"] != rows["le"]
    assert sorted(rows["chat"])[-2:] == [0.5, 0.5]


def test_the_command_writes_a_matrix_or_vectors_of_counts(lmkit_run: Run, toy_counts: Path, tmp_path: Path) -> None:
    for name in ("x.npz", "x.safetensors"):
        result = lmkit_run("vectors", "successors", toy_counts, "-o", tmp_path / name)
        assert (result.code, result.out) == (0, "")
        assert result.err.startswith("lmkit: 11 words, what follows each as a vector; ")
    matrix, vectors = lmkit.load_matrix(tmp_path / "x.npz"), lmkit.load_vectors(tmp_path / "x.safetensors")
    assert matrix.words.words == vectors.words.words
    assert matrix.matrix.toarray() == pytest.approx(vectors.matrix)
    assert "cells:probabilities|context:next-word|cutoff:1|sentences:line|" in matrix.signature()
    assert "method:successors|dimensions:11|cells:probabilities|context:next-word|" in vectors.signature()
    assert lmkit_run("vectors", "successors", "-q", toy_counts, "-o", tmp_path / "y.npz").err == ""
    assert (tmp_path / "y.npz").read_bytes() == (tmp_path / "x.npz").read_bytes()


def test_the_command_takes_counts_out_of_a_model_that_keeps_them(
    lmkit_run: Run, toy_counts: Path, tmp_path: Path
) -> None:
    lmkit_run("smooth", "--witten-bell", toy_counts, "-o", tmp_path / "wb.safetensors")
    for model, name in ((toy_counts, "a.npz"), (tmp_path / "wb.safetensors", "b.npz")):
        arguments = ("vectors", "successors", model, "--cells", "counts", "--top", 3, "-o", tmp_path / name)
        assert lmkit_run(*arguments).code == 0
    found = lmkit.load_matrix(tmp_path / "a.npz")
    assert (listed(found.words), found.cells) == (["le", "boit", "chat"], "counts")
    assert found.matrix.toarray().tolist() == [[0, 0, 2], [0, 0, 0], [0, 1, 0]]
    assert (tmp_path / "b.npz").read_bytes() == (tmp_path / "a.npz").read_bytes()


def test_the_command_writes_vectors_of_a_smoothed_model_and_no_matrix(
    lmkit_run: Run, french_model: Path, tmp_path: Path
) -> None:
    assert lmkit_run("vectors", "successors", french_model, "--top", 50, "-o", tmp_path / "x.safetensors").code == 0
    model, found = lmkit.load_model(french_model), lmkit.load_vectors(tmp_path / "x.safetensors")
    assert found.matrix.shape == (50, 50)
    words = listed(found.words)
    assert found.matrix[3, 7] == pytest.approx(lmkit.probability(model, words[7], words[3]), rel=1e-6)
    assert "|model:modified-kneser-ney|order:3|top:50|" in found.signature()
    refused = lmkit_run("vectors", "successors", french_model, "-o", tmp_path / "x.npz")
    assert refused.code == 2
    assert refused.err == (
        f"lmkit: {french_model} holds a model (modified-kneser-ney), after which any word may follow: its matrix has no zeros to leave out.\n"
        "Write vectors, as -o x.safetensors, or give counts.\n"
    )


def test_vectors_that_need_more_than_the_memory_are_refused_with_how_many_would_do(
    lmkit_run: Run, toy_counts: Path, tmp_path: Path
) -> None:
    """11 words × 11 × 4 bytes are 484; 9 × 9 × 4 are 324."""
    arguments = ("vectors", "successors", toy_counts, "-o", tmp_path / "x.safetensors", "--memory", 330)
    result = lmkit_run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("lmkit: 11 words with a number for each of 11 words take ")
    assert "as --top 9, give more with --memory" in result.err
    assert lmkit_run(*arguments, "--top", 9).code == 0
    assert lmkit_run(*arguments[:3], "-o", tmp_path / "x.npz", "--memory", 330).code == 0


def test_what_says_nothing_of_successors_is_told(lmkit_run: Run, tmp_path: Path) -> None:
    unigrams, marks = tmp_path / "one.safetensors", tmp_path / "marks.safetensors"
    lmkit.save(lmkit.count_ngrams(TOY, 1), unigrams)
    result = lmkit_run("vectors", "successors", unigrams, "-o", tmp_path / "x.npz")
    assert (result.code, result.err) == (
        1,
        f"lmkit: {unigrams} is of order 1: it does not say what follows which word.\nCount pairs: lmkit ngram train -n 2.\n",
    )
    rare = text_file(tmp_path, "a b\n")
    lmkit.save(lmkit.count_ngrams(rare, 2, cutoff=2), marks)
    result = lmkit_run("vectors", "successors", marks, "-o", tmp_path / "x.npz")
    assert (result.code, result.err.splitlines()[0]) == (1, "lmkit: there are no words besides the marks.")
    counts = lmkit.count_ngrams(TOY, 2)
    with pytest.raises(lmkit.UsageError, match="the counts are 1 × 14 and there are 14 words"):
        lmkit.successor_matrix(counts.matrix(1), counts.vocabulary)
    with pytest.raises(lmkit.UsageError, match="must be probabilities or counts"):
        lmkit.successor_matrix(counts.matrix(2), counts.vocabulary, cells="ppmi")  # type: ignore[arg-type]
    with pytest.raises(lmkit.UsageError, match="the 0 most frequent words were asked for"):
        lmkit.successor_vectors(counts, top=0)
