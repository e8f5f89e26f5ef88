"""What values say of themselves, and how they travel."""

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pytest

import lmkit
from lmkit.engine.frames.html import html_table
from lmkit.one_line import LONGEST, line_of
from tests.values.made import PICTURES, TABLES, VALUES, counts, matrix, model, vectors

PLAIN = {str, int, float, bool, type(None)}


def is_plain(kind: Any) -> bool:
    """Whether a field of this type holds a number, or a short text, whatever it is."""
    return kind in PLAIN or (
        bool(get_args(kind)) and all(is_plain(each) or isinstance(each, str) for each in get_args(kind))
    )


PUBLIC_CLASSES = [
    value
    for name in dir(lmkit)
    if inspect.isclass(value := getattr(lmkit, name)) and not issubclass(value, BaseException)
]


@pytest.mark.parametrize("public", PUBLIC_CLASSES, ids=lambda public: public.__name__)
def test_every_public_class_has_values_of_one_line(public: Any) -> None:
    own = public.__repr__ in (line_of, object.__repr__)  # `<lmkit.… object at …>` is a line
    fields = dataclasses.fields(public) if dataclasses.is_dataclass(public) else ()
    assert own or (dataclasses.is_dataclass(public) and all(is_plain(field.type) for field in fields))


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_shown_in_one_line(name: str) -> None:
    shown = repr(VALUES[name]())
    assert "\n" not in shown
    assert len(shown) <= LONGEST


def test_a_value_is_shown_by_what_it_is() -> None:
    assert repr(counts()) == "<NgramCounts order 2: 4,320 tokens, 399 sentences, n-grams 863 2,526>"
    assert repr(model()) == "<NgramModel order 2: modified-kneser-ney, n-grams 863 2,526>"
    assert repr(vectors()) == "<WordVectors 860 words × 4 dimensions: svd>"
    assert (
        repr(lmkit.TextSettings(lowercase=True, unit="character")) == "TextSettings(unit='character', lowercase=True)"
    )
    assert repr(lmkit.TextFile("a.csv", field="t")) == "TextFile(source='a.csv', field='t')"


def test_a_word_that_would_end_the_line_does_not() -> None:
    found = repr(lmkit.Vocabulary.from_words([b"a\nb\x1b[31m"]))
    assert found == "<Vocabulary 1 words: a\\nb\\u001b[31m>"


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_pickled_and_copied(name: str) -> None:
    value = VALUES[name]()
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):  # noqa: S301 (our own)
        assert repr(other) == repr(value)


def test_a_model_that_travelled_gives_the_same_figures() -> None:
    other = pickle.loads(pickle.dumps(model()))  # noqa: S301 (our own)
    text = lmkit.Lines(["le chat dort", "il y a un chien"])
    assert lmkit.perplexity(other, text) == lmkit.perplexity(model(), text)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_same_for_arrow_and_for_what_takes_its_streams(name: str) -> None:
    value = TABLES[name]()
    table = value.to_arrow()
    assert table.num_rows
    assert str(pa.table(value).to_pydict()) == str(table.to_pydict())  # nan is nan, too
    some = pa.table(
        {column: list(each)[:2] if isinstance(each, list) else each[:2] for column, each in value.columns(2).items()}
    )
    assert some.num_rows == min(2, table.num_rows)
    assert some.column_names == table.column_names


def test_counts_as_a_table_are_what_is_listed() -> None:
    rows = counts().to_arrow().to_pylist()
    assert [(row["ngram"], row["count"]) for row in rows] == lmkit.list_ngrams(counts())


def test_cells_as_a_table_are_those_of_the_matrix() -> None:
    places = matrix().words.ids
    rows = matrix().to_arrow().to_pylist()
    dense = np.zeros((len(matrix()), len(matrix())))
    for row in rows:
        dense[places[row["word"].encode()], places[row["context"].encode()]] = row["value"]
    assert np.array_equal(dense, matrix().matrix.toarray())


def test_pandas_is_asked_for_only_when_it_is_needed() -> None:
    if find_spec("pandas") is None:
        with pytest.raises(lmkit.DataError) as error:
            counts().to_pandas()
        assert str(error.value) == (
            "data frames are made by pandas, which is not installed.\n"
            "Install it with: pip install pandas. Without it, to_arrow() gives the same table."
        )
    else:
        assert list(counts().to_pandas().columns) == ["ngram", "count"]
    code = "import sys, lmkit; lmkit.count_ngrams([['a']], 1)._repr_html_(); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Cells(HTMLParser):
    """The texts of the cells of a page, and the names of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.names: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Note it."""
        del attrs
        self.names.add(tag)

    def handle_data(self, data: str) -> None:
        """Note it."""
        self.texts.append(data)


@pytest.mark.parametrize("name", [*TABLES, "model"])
def test_a_notebook_shows_a_small_table_that_has_no_colours(name: str) -> None:
    page = VALUES[name]()._repr_html_()
    assert Cells(page).names <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert "#" not in page.replace("&#", "")
    assert page.count("<tr>") <= 70  # ten rows, or all figures


def test_what_text_has_of_html_is_shown_and_not_obeyed() -> None:
    word = "<script>alert(1)</script>&\x1b"
    page = html_table(word, {word: [word]}, 5)
    assert Cells(page).names == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert Cells(page).texts == ["<script>alert(1)</script>&\\u001b"] * 3


def test_a_longer_table_says_that_there_is_more() -> None:
    assert Cells(html_table("t", {"n": [1, 2, 3]}, 2)).texts == ["t", "n", "1", "2", "…"]


@pytest.mark.parametrize("name", PICTURES)
def test_a_notebook_shows_a_plot_as_a_picture(name: str) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'lmkit[plot]'")
    assert "<svg" in PICTURES[name]()._repr_svg_()


def test_counts_have_the_manners_of_a_dictionary() -> None:
    found = lmkit.count_ngrams([["le", "chat", "dort"], ["le", "chien", "dort"]], 2)
    # 3 marks, of which <unk> was not seen; 4 words; <s> le, le chat, le chien, chat dort, chien dort, dort </s>
    assert len(found) == 2 + 4 + 6
    assert found["le", "chat"] == found["le chat"] == 1
    assert found["dort", "</s>"] == 2
    assert found["le", "dort"] == found["zebra"] == found[("zebra", "le")] == 0
    assert ("le", "chat") in found
    assert "le chat dort" not in found
    assert "<unk>" not in found
    assert 7 not in found
    assert found.get("zebra") == 0
    assert found.get("zebra", -1) == -1
    assert set(found) == set(dict(found)) == {ngram for ngram, _ in found.items()}
    assert dict(found) == {ngram: found[ngram] for ngram in found}
    assert found.most_common(1) == [("<s> le", 2)]


@pytest.mark.parametrize("key", [7, (), ("a", 7), None, ["a"]])
def test_what_is_no_ngram_is_a_type_error(key: Any) -> None:
    with pytest.raises(TypeError, match="an n-gram is a text, or a tuple of words, and not"):
        counts()[key]


def test_vocabularies_lists_and_vectors_have_the_manners_of_dictionaries() -> None:
    known = lmkit.count_ngrams([["le", "chat"]], 1).vocabulary
    assert list(known) == ["</s>", "<s>", "<unk>", "le", "chat"]
    assert dict(known) == {"</s>": 0, "<s>": 1, "<unk>": 2, "le": 3, "chat": 4}
    assert "chat" in known
    assert "chien" not in known
    assert "\udc80" not in known
    assert known.get("chien") is None
    with pytest.raises(KeyError, match="chien"):
        known["chien"]
    words = lmkit.word_list([["le", "chat", "le"]])
    assert (dict(words), len(words), "</s>" in words) == ({"le": 2, "chat": 1}, 2, False)
    assert np.array_equal(vectors()["le"], vectors().matrix[vectors().words["le"]])
    assert "zebra" not in vectors()
