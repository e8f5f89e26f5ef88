"""Two kinds of vectors on the same sets."""

import math
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError
from tests.conftest import text_file
from tests.vectors.small import ROYAL, random_vectors, vectors_of

WORDS = [f"w{number}" for number in range(200)]


def judged(folder: Path, vectors: lmkit.WordVectors, noise: float) -> Path:
    """A set whose judgements are the cosines of these vectors, and noise."""
    generator = np.random.default_rng(5)
    pairs = [(WORDS[a], WORDS[b]) for a, b in generator.integers(0, len(WORDS), (150, 2)).tolist()]
    judgements = lmkit.similarities(vectors, pairs) + noise * generator.standard_normal(len(pairs))
    return text_file(folder, "".join(f"{a} {b} {value}\n" for (a, b), value in zip(pairs, judgements, strict=True)))


def test_vectors_beside_themselves_do_not_differ(tmp_path: Path) -> None:
    vectors = random_vectors(WORDS, 5)
    result = lmkit.compare_vectors(vectors, vectors, [judged(tmp_path, vectors, 0.1)])
    (found,) = result.differences
    assert (found.difference, found.low, found.high, found.p_value) == (0, 0, 0, 1)
    assert (found.shared, found.all) == (150, 150)
    assert result.noise() == [found]


def test_better_vectors_are_told_from_worse(tmp_path: Path) -> None:
    """One kind has the cosines of the judgements, the other has nothing to do with them."""
    good, bad = random_vectors(WORDS, 5), random_vectors(WORDS, 5, seed=9)
    pairs = judged(tmp_path, good, 0.05)
    result = lmkit.compare_vectors(bad, good, [pairs])
    (found,) = result.differences
    alone = [lmkit.evaluate_vectors(one, [pairs]).figures[0].value for one in (bad, good)]
    assert [found.a, found.b] == alone
    assert found.difference == found.b - found.a
    assert 0.5 < found.low < found.difference < found.high
    assert found.p_value == 1 / 1001
    assert result.noise() == []


def test_only_what_both_cover_is_compared(tmp_path: Path) -> None:
    """The second kind has no reine, so that of three questions one is shared, which one answers and the other does not."""
    other = vectors_of({"homme": (1, 0), "femme": (-1, 0), "roi": (1, 2), "chat": (-1, -2), "dame": (-1, 2)})
    questions = ": one\nhomme roi femme reine\n: two\nhomme roi femme chat\nroi homme reine femme\n"
    result = lmkit.compare_vectors(ROYAL, other, [text_file(tmp_path, questions)])
    shown = {each.section: each for each in result.differences if each.figure == "3cosadd"}
    assert (shown["one"].shared, shown["one"].all) == (0, 1)
    assert math.isnan(shown["one"].a)
    assert (shown["two"].shared, shown["total"].shared, shown["total"].all) == (1, 1, 3)
    assert (shown["total"].a, shown["total"].b) == (0, 0)  # reine, and dame


def test_nothing_in_common_is_refused(tmp_path: Path) -> None:
    other = vectors_of({"king": (1, 0), "queen": (0, 1), "man": (1, 1)})
    with pytest.raises(DataError) as error:
        lmkit.compare_vectors(ROYAL, other, [text_file(tmp_path, "homme roi 1\nking queen 2\n")])
    assert str(error.value) == (
        "text.txt: of 2 pairs or questions there is none whose words both have vectors for.\n"
        "`lmkit vectors evaluate` tells what each of them covers."
    )
