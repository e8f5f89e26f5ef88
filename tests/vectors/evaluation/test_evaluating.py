"""The figures of vectors on sets: by hand, as SciPy and gensim have them."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.scoring.bootstrap import drawn_items
from lmkit.vectors.evaluation.cases import known_words
from lmkit.vectors.evaluation.correlation import samples_of, spearman, weighted
from tests.conftest import text_file
from tests.vectors.small import ROYAL, random_vectors, vectors_of

FAMILY = ": family\nhomme femme roi reine\nroi reine homme femme\nhomme roi femme reine\nhomme roi femme princesse\n"
values = st.lists(st.integers(0, 5), min_size=3, max_size=20)


@given(values, st.randoms(use_true_random=False))
def test_rank_correlation_is_that_of_scipy(one: list[int], random: Any) -> None:
    """Ties have the mean of their ranks."""
    from scipy.stats import spearmanr

    other = [random.randint(0, 5) for _ in one]
    found = spearman(np.array(one, float), np.array(other, float))
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


@given(values, st.integers(0, 9))
def test_correlations_of_samples_are_those_of_the_pairs_they_draw(one: list[int], seed: int) -> None:
    x = np.array(one, float)
    y = np.random.default_rng(seed).permutation(x)
    found = samples_of(len(x), 100, seed, weighted(x, y), 2)
    (drawn,) = drawn_items(len(x), 0, 100, seed)
    expected = [spearman(x[pairs], y[pairs]) for pairs in drawn]
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


def figures_of(result: lmkit.Evaluation, figure: str) -> dict[str | None, tuple[float, int, int]]:
    """By section the value, what is answered, and all."""
    return {each.section: (each.value, each.answered, each.all) for each in result.figures if each.figure == figure}


def test_figures_by_hand(tmp_path: Path) -> None:
    """Cosines: homme–femme −1, roi–reine 3/5, homme–roi 1/√5; the order of the judgements has the last two swapped: 1 − 6·2/(3·8)."""
    pairs = text_file(tmp_path, "homme femme 1\nRoi reine 5\nhomme roi 6\nroi prince 3\nroi rien 3\n", "pairs.txt")
    questions = text_file(tmp_path, FAMILY, "questions.txt")
    result = lmkit.evaluate_vectors(ROYAL, [pairs, questions])
    ((correlation, *coverage),) = figures_of(result, "spearman").values()
    assert correlation == pytest.approx(1 / 2)
    assert coverage == [3, 5]
    # Reine answers two. The third, reine − roi + homme, of vectors of length 1, is (1 − 2/√5, 0, 0): chat, at a right angle, is
    # nearer to it than femme, which is opposite to homme.
    for figure in ("3cosadd", "3cosmul"):
        assert figures_of(result, figure) == {"family": (2 / 3, 3, 4), "total": (2 / 3, 3, 4)}
    assert result.oov == {"pairs.txt": ["prince", "rien"], "questions.txt": ["princesse"]}
    assert result.signature == (
        f"case:ignore|first:300000|epsilon:0.001|interval:bootstrap|samples:1000|seed:1|lmkit:{lmkit.__version__}"
    )


def test_case_is_ignored_kept_or_lowered() -> None:
    """Of words that differ in case only, the first has the vector; one whose vector is zero has none."""
    vectors = vectors_of({"Paris": (1, 0), "paris": (0, 1), "ROME": (0, 0), "rome": (1, 1), "straße": (1, 2)})
    words = [["PARIS", "paris", "Rome", "STRASSE"]]
    assert known_words(vectors, words, "ignore", 0).places(words).tolist() == [[0, 0, -1, 4]]
    assert known_words(vectors, words, "keep", 0).places(words).tolist() == [[-1, 1, -1, -1]]
    assert known_words(vectors, words, "lower", 0).places(words).tolist() == [[1, 1, 3, -1]]
    assert known_words(vectors, words, "ignore", 4).places(words).tolist() == [[0, 0, -1, -1]]


def test_words_of_the_question_in_another_case_are_no_answers_and_the_answer_may_be(tmp_path: Path) -> None:
    vectors = vectors_of({"a": (1, 0), "b": (1, 1), "B": (1, 1), "c": (0.9, 0.1), "D": (0.8, 1), "d": (-1, -1)})
    questions = text_file(tmp_path, "a b c d\n")
    result = lmkit.evaluate_vectors(vectors, [questions])
    assert figures_of(result, "3cosadd")["total"] == (1, 1, 1)
    kept = lmkit.evaluate_vectors(vectors, [questions], lmkit.EvaluationSettings(case="keep"))
    assert figures_of(kept, "3cosadd")["total"] == (0, 1, 1)  # B is the nearest


@pytest.fixture(scope="module")
def words() -> list[str]:
    """Words, and some of them again in upper case."""
    lower = [f"é{number}x" for number in range(4000)]
    return [*lower, *(word.upper() for word in lower[::5])]


@pytest.fixture(scope="module")
def sets(words: list[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A similarity set and analogies of these words and of others, of which some are answered."""
    generator = np.random.default_rng(3)
    folder = tmp_path_factory.mktemp("sets")
    known = [*words, *(f"other{number}" for number in range(300))]
    pairs = [[known[place] for place in row] for row in generator.integers(0, len(known), (400, 2))]
    lines = [
        f"{a}\t{b}\t{judgement:.1f}\n" for (a, b), judgement in zip(pairs, generator.random(400) * 10, strict=True)
    ]
    sections = []
    for section in range(3):
        sections.append(f": section {section}\n")
        shift = 100 * section
        for row in generator.integers(0, 60, (300, 2)):
            a, c = (known[shift + place] for place in row)
            b, d = (known[shift + 2000 + place] for place in row)
            sections.append(f"{a} {b.swapcase()} {c} {d if section < 2 else known[-1 - row[0]]}\n")
    return text_file(folder, "".join(lines), "pairs.tsv"), text_file(folder, "".join(sections), "questions.txt")


def related(words: list[str]) -> lmkit.WordVectors:
    """Vectors where words 2000 places on are related to those before, and those in upper case are near to what they are in lower case."""
    vectors = random_vectors(words, 30)
    matrix = np.array(vectors.matrix)
    offset = np.random.default_rng(4).standard_normal(30)
    matrix[2000:4000] = matrix[:2000] + offset + 0.75 * matrix[2000:4000]
    matrix[4000:] = matrix[:4000:5] + 0.3 * matrix[4000:]
    return lmkit.WordVectors(vectors.words, matrix.astype(np.float32), "random", {})


def test_figures_are_those_of_gensim(words: list[str], sets: tuple[Path, Path]) -> None:
    """With gensim 4.4, to the last digit: accuracies of each section, coverage, and rank correlation."""
    models = pytest.importorskip("gensim.models", reason="pip install 'lmkit[word2vec]'")
    vectors = related(words)
    peer = models.KeyedVectors(vectors.dimensions)
    peer.add_vectors([word.decode() for word in vectors.words.words], np.array(vectors.matrix))
    for first in (300_000, 2500):
        result = lmkit.evaluate_vectors(
            vectors, list(map(str, sets)), lmkit.EvaluationSettings(first=first, samples=100)
        )
        score, sections = peer.evaluate_word_analogies(str(sets[1]), restrict_vocab=first, case_insensitive=True)
        expected = {}
        for section in sections:
            right, answered = len(section["correct"]), len(section["correct"]) + len(section["incorrect"])
            name = section["section"].replace("Total accuracy", "total")
            expected[name] = (right / answered if answered else pytest.approx(math.nan, nan_ok=True), answered)
        found = {name: figures[:2] for name, figures in figures_of(result, "3cosadd").items()}
        assert found == expected
        assert found["total"][0] == score
        assert 0.05 < score < 0.95
        _, correlation, oov = peer.evaluate_word_pairs(str(sets[0]), restrict_vocab=first, case_insensitive=True)
        ((value, answered, number),) = figures_of(result, "spearman").values()
        assert value == pytest.approx(correlation.statistic, abs=1e-12)
        assert 100 * (number - answered) / number == pytest.approx(oov)


def test_figures_are_the_same_for_any_number_of_threads(words: list[str], sets: tuple[Path, Path]) -> None:
    vectors = related(words)
    one, other = (
        lmkit.evaluate_vectors(vectors, sets, resources=lmkit.Resources(workers)).as_dict() for workers in (1, 3)
    )
    assert one == other


def test_accuracies_of_3cosmul_are_those_of_asking_each_question(words: list[str], sets: tuple[Path, Path]) -> None:
    vectors = related(words)
    questions = lmkit.read_set(sets[1])
    assert isinstance(questions, lmkit.AnalogySet)
    settings = lmkit.EvaluationSettings(case="keep")
    result = lmkit.evaluate_vectors(vectors, [questions], settings)
    known = vectors.words.ids
    covered = [words for words in questions.questions if all(word.encode() in known for word in words)]
    for method, figure in (("add", "3cosadd"), ("mul", "3cosmul")):
        found = lmkit.analogies(vectors, [words[:3] for words in covered], method=method, top=1)  # type: ignore[arg-type]
        right = sum(known[words[3].encode()] == row for words, row in zip(covered, found.row, strict=True))
        assert figures_of(result, figure)["total"] == (right / len(covered), len(covered), len(questions.questions))


def test_a_set_of_which_nothing_is_covered_is_refused(tmp_path: Path) -> None:
    pairs, questions = text_file(tmp_path, "king queen 1\n", "p.txt"), text_file(tmp_path, "a b c d\n", "q.txt")
    for path, what in ((pairs, "1 pairs"), (questions, "1 questions")):
        with pytest.raises(DataError) as error:
            lmkit.evaluate_vectors(ROYAL, [path])
        assert str(error.value) == (
            f"{path.name}: none of the {what} has all its words in the vocabulary of the vectors.\n"
            "The set may be of another language, or written otherwise than the text the vectors were made from."
        )
    path = text_file(tmp_path, "roi reine 1\n", "r.txt")
    with pytest.raises(
        DataError, match=r"^r.txt: none of the 1 pairs has all its words among the first 3 in the vocabulary"
    ):
        lmkit.evaluate_vectors(ROYAL, [path], lmkit.EvaluationSettings(first=3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"case": "upper"}, "case is 'upper'; it must be one of: ignore, keep, lower."),
        ({"first": -1}, "the first -1 words were to take part; it must be 1 or more, or 0 for all."),
        ({"samples": 99}, "99 samples with seed 1: at least 100, and a seed of 0 or more, are needed."),
        ({"samples": 10**12}, "1,000,000,000,000 samples: there are 10,000,000 at most."),
        ({"seed": -1}, "1000 samples with seed -1: at least 100, and a seed of 0 or more, are needed."),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as error:
        lmkit.EvaluationSettings(**settings)
    assert str(error.value) == message


@pytest.mark.parametrize("text", ["homme roi 1\nfemme reine 2\n", "homme roi 1\nfemme reine 1\nroi reine 1\n"])
def test_too_few_pairs_and_constant_judgements_have_no_correlation(tmp_path: Path, text: str) -> None:
    (figure,) = lmkit.evaluate_vectors(ROYAL, [text_file(tmp_path, text)]).figures
    assert math.isnan(figure.value)
    assert math.isnan(figure.low)
    assert figure.answered == len(text.splitlines())
    assert figure.as_dict()["value"] is None
