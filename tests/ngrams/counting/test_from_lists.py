"""Counts from lists of n-grams: those of whole texts are the counts of the text, and others as much as can be known."""

import random
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.ngrams.counting.limiting import apply_cutoff
from lmkit.ngrams.files.trust import check_chain
from tests.conftest import CASES, TOY, Run, held_out_text, text_file, train_text
from tests.texts import lines_of_counts, listed_counts

SENTENCES = st.lists(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=5), min_size=1, max_size=6)


def read(folder: Path, counts: dict[str, int] | str, order: int | None = None, **options: object) -> lmkit.NgramCounts:
    """The counts in a list."""
    text = counts if isinstance(counts, str) else lines_of_counts(counts)
    return lmkit.read_counts(text_file(folder, text, "list.counts"), order, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_lists_of_all_orders_are_the_counts_of_the_text(tmp_path: Path, order: int) -> None:
    """In whatever order, n-grams and counts split over lines and files."""
    counts = lmkit.count_ngrams(train_text("fr"), order)
    listed = listed_counts(counts)
    lines = [f"{ngram}\t{part}\n" for ngram, count in listed.items() for part in (count // 2, count - count // 2)]
    random.Random(1).shuffle(lines)  # noqa: S311 (it is to be the same each time)
    half = len(lines) // 2
    files = [text_file(tmp_path, "".join(part), name) for name, part in (("a", lines[:half]), ("b", lines[half:]))]
    found = lmkit.read_counts(files)
    assert listed_counts(found) == listed
    assert (found.sentences, found.tokens, found.ngrams()) == (counts.sentences, counts.tokens, counts.ngrams())
    assert found.whole
    text = held_out_text("fr")
    models = [lmkit.witten_bell(each) for each in (counts, found)]
    one, other = (lmkit.perplexity(model, text) for model in models)
    assert other.perplexity == pytest.approx(one.perplexity, rel=1e-9)
    assert (one.oov, one.matched_orders) == (other.oov, other.matched_orders)


def test_lists_of_lmkit_count_lack_marks_that_bigrams_tell(tmp_path: Path) -> None:
    """Alone, <s> and </s> are not listed: their counts are those of the bigrams with them."""
    counts = lmkit.count_ngrams(TOY, 2)
    listed = {ngram: count for ngram, count in listed_counts(counts).items() if ngram not in ("<s>", "</s>")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read(tmp_path, listed)
    assert listed_counts(found) == listed_counts(counts)
    assert found.whole


def test_the_longest_n_grams_alone_tell_the_shorter_ones(tmp_path: Path) -> None:
    """`a` follows <s>, and is followed by b and </s>; of order 4, the sentence `a` itself leaves nothing."""
    text = text_file(tmp_path, "a b a\na\na b c\n")
    whole = lmkit.count_ngrams(text, 3)
    with pytest.warns(
        lmkit.CountsWarning, match="no 2-grams are listed; no 1-grams are listed. Their counts are the sums"
    ):
        found = read(tmp_path, dict(lmkit.list_ngrams(whole)))
    assert listed_counts(found) == listed_counts(whole)
    four = lmkit.count_ngrams(text, 4)
    with pytest.warns(lmkit.CountsWarning, match="no 3-grams are listed, and sentences of 1 words are lost"):
        found = read(tmp_path, dict(lmkit.list_ngrams(four)))
    without = lmkit.count_ngrams(text_file(tmp_path, "a b a\na b c\n"), 4)
    assert listed_counts(found) == listed_counts(without)


def test_n_grams_that_longer_ones_contain_and_that_are_not_listed_are_told_and_added_up(tmp_path: Path) -> None:
    listed = {"a": 5, "b": 3, "a b": 2, "a b c": 2, "b c d": 1}
    with pytest.warns(lmkit.CountsWarning) as told:
        found = read(tmp_path, listed)
    assert {ngram: found[ngram] for ngram in ("a", "b", "c", "d", "a b", "b c", "c d")} == {
        "a": 5, "b": 3, "c": 2, "d": 1, "a b": 2, "b c": 2, "c d": 1,
    }  # fmt: skip
    path = tmp_path / "list.counts"
    first, second = (str(warning.message) for warning in told)
    assert first == (
        f"{path}: 2 of 3 2-grams that longer ones contain are not listed; 2 of 7 1-grams that longer ones contain are not listed. "
        "Their counts are the sums of the longer ones that begin or end with them."
    )
    assert second == f"{path}: no n-gram ends with </s>: models of these counts expect no sentence to end."
    assert not found.whole


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("a\t1\na b\t2\nb\t2\n", "the 1-gram 'a' has a count of 1, and the 2-grams that begin with it 2."),
        ("a\t2\nb\t1\na b\t2\n", "the 1-gram 'b' has a count of 1, and the 2-grams that end with it 2."),
    ],
)
def test_shorter_n_grams_with_smaller_counts_than_longer_ones_are_an_error(
    tmp_path: Path, lines: str, message: str
) -> None:
    with pytest.raises(lmkit.DataError) as refused:
        read(tmp_path, lines)
    assert str(refused.value) == (
        f"{tmp_path / 'list.counts'}: {message}\nThe lists are not of one text, or one of them is there twice."
    )


@pytest.mark.filterwarnings("ignore::lmkit.CountsWarning")
def test_the_order_may_be_lower_and_not_higher_than_what_is_listed(tmp_path: Path) -> None:
    listed = listed_counts(lmkit.count_ngrams(TOY, 3))
    assert listed_counts(read(tmp_path, listed, 2)) == listed_counts(lmkit.count_ngrams(TOY, 2))
    with pytest.raises(lmkit.UsageError, match=r"order 4 was asked for; the n-grams of .* have at most 3 words"):
        read(tmp_path, listed, 4)


@pytest.mark.filterwarnings("ignore::lmkit.CountsWarning")
def test_words_are_limited_and_shaped_as_in_a_text(tmp_path: Path) -> None:
    text = text_file(tmp_path, "Le chat dort\nle chat\nun chien\n")
    listed = listed_counts(lmkit.count_ngrams(text, 2))
    words = text_file(tmp_path, "chat\nle\n", "words")
    lower = lmkit.TextSettings(lowercase=True)
    for options in ({"cutoff": 2}, {"vocabulary": words}, {"settings": lower}, {"cutoff": 2, "settings": lower}):
        counted = lmkit.count_ngrams(text, 2, **options)
        found = read(tmp_path, listed, **options)
        assert listed_counts(found) == listed_counts(counted)
        assert found.details() == counted.details()


def test_counts_of_lists_that_are_not_of_whole_sentences_are_not_added_to_others(tmp_path: Path) -> None:
    with pytest.warns(lmkit.CountsWarning):
        part = lmkit.read_counts(CASES / "srilm.counts")
    lmkit.save(part, tmp_path / "part.safetensors")
    again = lmkit.load_counts(tmp_path / "part.safetensors")
    assert not again.whole
    with pytest.raises(
        lmkit.DataError, match="the counts come from lists of n-grams that are not those of whole sentences"
    ):
        lmkit.merge_counts([again, lmkit.count_ngrams(TOY, 2)])
    lmkit.save(lmkit.witten_bell(part), tmp_path / "model.safetensors")
    with pytest.raises(
        lmkit.DataError, match="holds a model made of lists of n-grams, not of text, and counts are needed"
    ):
        lmkit.load_counts(tmp_path / "model.safetensors")


@pytest.mark.filterwarnings("ignore::lmkit.CountsWarning")
def test_counts_of_lists_may_know_more_words(lmkit_run: Run, tmp_path: Path) -> None:
    """`chat` ends a line, and nothing follows it."""
    counts, more = tmp_path / "counts.safetensors", tmp_path / "more.safetensors"
    lmkit.save(read(tmp_path, {"le": 2, "chat": 2, "un": 1, "le chat": 2}), counts)
    assert lmkit_run("ngram", "merge", counts, "--add-words", text_file(tmp_path, "loup\n"), "-o", more).code == 0
    found = lmkit.load_counts(more)
    assert (found["le chat"], found["loup"], found.whole) == (2, 0, False)
    check_chain(found)


def test_a_check_does_not_expect_lists_to_add_up(tmp_path: Path) -> None:
    """What they are, is a note; what no list gives, an error still."""
    with pytest.warns(lmkit.CountsWarning):
        lmkit.save(lmkit.read_counts(CASES / "srilm.counts"), tmp_path / "x.safetensors")
    found = lmkit.check_model(tmp_path / "x.safetensors")
    assert [(problem.level, problem.kind) for problem in found.problems] == [("note", "lists")]


@given(sentences=SENTENCES, order=st.integers(2, 4), data=st.data())
def test_any_list_makes_counts_that_smoothing_can_rely_on(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[list[str]], order: int, data: st.DataObject
) -> None:
    """Some n-grams of a text; what is not listed and contained in others is as frequent as these make it."""
    folder = tmp_path_factory.mktemp("lists")
    text = text_file(folder, "".join(f"{' '.join(words)}\n" for words in sentences))
    listed = listed_counts(lmkit.count_ngrams(text, order))
    kept = data.draw(st.lists(st.sampled_from(sorted(listed)), min_size=1, unique=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lmkit.CountsWarning)
        found = read(folder, {ngram: listed[ngram] for ngram in kept})
    check_chain(found)
    for ngram in kept:
        assert found[ngram] == listed[ngram]
    assert all(count <= listed[ngram] for ngram, count in listed_counts(found).items())
    check_chain(apply_cutoff(found, 2))
    model = lmkit.witten_bell(found)
    lmkit.save(model, folder / "x.arpa")
    assert "sum" not in lmkit.check_model(folder / "x.arpa", samples=None).totals["error"]
