"""KenLM's binary files, walked word by word."""

from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit import kenlm
from lmkit.binary.hashed import HashedModel
from lmkit.binary.probing import ProbingTables
from lmkit.binary.reading import read_kenlm
from tests.binary.models import FOLDER, SCORED, SCORES, TEXT, binary
from tests.kenlm.test_walking import walked

LINES = [line.split() for line in TEXT.read_text(encoding="utf-8").splitlines()]


def walked_model(name: str) -> kenlm.Model:
    """The model of a file."""
    return kenlm.Model(read_kenlm(binary(name), name))


@pytest.mark.parametrize("name", SCORED)
def test_each_word_has_the_score_and_the_matched_order_of_kenlm(name: str) -> None:
    found = walked(walked_model(name), LINES)
    assert [row[0] for row in found] == pytest.approx([float(row[f"{name}:log10"]) for row in SCORES], abs=1e-5)
    assert [row[1] for row in found] == [int(row[f"{name}:order"]) for row in SCORES]
    assert [row[2] for row in found] == [row["oov"] == "1" for row in SCORES]


def numbered_states(model: kenlm.Model) -> list[int]:
    """The states after each word, those that are equal with one number."""
    numbers: dict[kenlm.State, int] = {}
    found = []
    for line in LINES:
        state = kenlm.State()
        model.BeginSentenceWrite(state)
        for word in line:
            following = kenlm.State()
            model.BaseScore(state, word, following)
            state = following
            found.append(numbers.setdefault(state, len(numbers)))
    return found


@pytest.mark.parametrize("name", ["probing", "probing.nowords", "trie", "trie.nowords"])
def test_states_are_equal_where_those_of_the_arpa_file_are(name: str) -> None:
    assert numbered_states(walked_model(name)) == numbered_states(kenlm.Model(FOLDER / "fr.arpa.gz"))


@pytest.mark.parametrize("name", ["probing", "probing.nowords", "trie.nowords"])
def test_many_sentences_are_scored_as_each_is(name: str) -> None:
    model = walked_model(name)
    lines = [" ".join(line) for line in LINES]
    assert model.scores(lines) == pytest.approx([model.score(line) for line in lines], abs=1e-5)


def test_a_file_is_opened_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "x.binary").write_bytes(binary("probing"))
    model = kenlm.Model(tmp_path / "x.binary")
    assert (model.order, "marché" in model, "zzz" in model) == (4, True, False)
    assert repr(model) == "<Model from x.binary>"


def test_long_searches_are_left_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = walked(walked_model("probing"), LINES)
    monkeypatch.setattr("lmkit.kenlm.hash_walk.FEW_SLOTS", 1)
    assert walked(walked_model("probing"), LINES) == expected


def test_a_value_that_is_no_number_is_refused() -> None:
    model = read_kenlm(bytearray(binary("probing")), "x.binary")  # type: ignore[arg-type] # to be written to
    assert isinstance(model, HashedModel)
    assert isinstance(model.content, ProbingTables)
    model.content.tables[0].slots[:, 2] = np.float32("nan").view(np.uint32)
    with pytest.raises(
        lmkit.DataError, match=r"^x\.binary: .* damaged: a 2-gram has a log10 probability that is no number"
    ):
        kenlm.Model(model).score("le marché")
