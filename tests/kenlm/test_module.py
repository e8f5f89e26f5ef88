"""What the `kenlm` module (0.3.0) gives, on KenLM's own files."""

import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import lmkit
from lmkit import kenlm
from tests.conftest import LANGUAGES, REFERENCE, ROOT, TOY, held_out_text, read_table

MODULE = json.loads((REFERENCE / "kenlm" / "module.json").read_text(encoding="utf-8"))
ORDERS = (3, 5)  # of the figures there
CLOSE = 1.5e-5  # the module adds up in single precision


def kenlm_file(language: str, order: int) -> Path:
    """KenLM's model of a training text."""
    return REFERENCE / "kenlm" / f"{language}.o{order}.arpa.gz"


def sentences(language: str) -> list[str]:
    """The sentences of a test text."""
    return [line for line in held_out_text(language).read_text(encoding="utf-8").splitlines() if line.strip()]


@pytest.fixture(scope="module")
def model() -> kenlm.Model:
    """A French trigram model."""
    return kenlm.Model(kenlm_file("fr", 3))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", ORDERS)
def test_scores_and_perplexities_are_those_of_the_module(language: str, order: int) -> None:
    model, expected = kenlm.Model(kenlm_file(language, order)), MODULE[language][f"o{order}"]
    lines = sentences(language)
    assert [model.score(line) for line in lines] == pytest.approx(expected["scores"], abs=CLOSE)
    assert [model.score(line, bos=False, eos=False) for line in lines] == pytest.approx(
        expected["fragments"], abs=CLOSE
    )
    assert [model.perplexity(line) for line in lines] == pytest.approx(expected["perplexities"], rel=1e-5, abs=6e-4)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", range(2, 6))
def test_full_scores_are_those_of_query(language: str, order: int) -> None:
    model = kenlm.Model(kenlm_file(language, order))
    rows = read_table(REFERENCE / "kenlm" / f"{language}.o{order}.query.tsv")
    found = [scored for line in sentences(language) for scored in model.full_scores(line)]
    assert [log10_prob for log10_prob, _, _ in found] == pytest.approx([float(row["log10"]) for row in rows], abs=2e-6)
    assert [matched for _, matched, _ in found] == [int(row["ngram_length"]) for row in rows]
    assert [oov for _, _, oov in found] == [row["oov"] == "1" for row in rows]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", ORDERS)
def test_states_are_equal_where_those_of_the_module_are(language: str, order: int) -> None:
    """Numbered by their first occurrence, in a dict: so hashes are tried, too."""
    model = kenlm.Model(kenlm_file(language, order))
    numbers: dict[kenlm.State, int] = {}
    found = []
    for line in sentences(language):
        state = kenlm.State()
        model.BeginSentenceWrite(state)
        found.append(numbers.setdefault(state, len(numbers)))
        for word in line.split():
            following = kenlm.State()
            model.BaseScore(state, word, following)
            state = following
            found.append(numbers.setdefault(state, len(numbers)))
    assert found == MODULE[language][f"o{order}"]["states"]


def test_words_are_text_or_bytes(model: kenlm.Model) -> None:
    assert "marché" in model
    assert "marché".encode() in model
    assert "</s>" in model
    assert "<unk>" not in model
    assert "zzz" not in model
    assert b"\xff" not in model
    assert "\udcff" not in model
    assert model.score("le marché") == model.score("le marché".encode())
    with pytest.raises(TypeError, match="a text is str or bytes, and not int"):
        3 in model  # type: ignore[operator] # noqa: B015


def test_states_can_be_written_in_place_copied_and_ordered(model: kenlm.Model) -> None:
    state, empty = kenlm.State(), kenlm.State()
    model.NullContextWrite(state)
    assert state == empty
    model.BeginSentenceWrite(state)
    start = copy.copy(state)
    assert start == state == copy.deepcopy(state)
    assert hash(start) == hash(state)
    assert (empty < start, empty <= start, empty > start, empty >= start, empty != start) == (
        True,
        True,
        False,
        False,
        True,
    )
    following = kenlm.State()
    apart = model.BaseScore(start, "le", following)
    assert model.BaseScore(state, "le", state) == apart
    assert state == following != start
    assert state != 3
    with pytest.raises(TypeError, match="a state belongs to a model in memory, and cannot be pickled"):
        pickle.dumps(state)


def test_a_full_score_tells_what_gave_it(model: kenlm.Model) -> None:
    state = kenlm.State()
    full = model.BaseFullScore(state, "zzz", state)
    assert full == kenlm.FullScoreReturn(model.score("zzz", bos=False, eos=False), 1, oov=True)
    assert str(full) == f"FullScoreReturn(log_prob={full.log_prob}, ngram_length=1, oov=True)"


def test_a_state_of_another_model_is_refused(model: kenlm.Model) -> None:
    state = kenlm.State()
    kenlm.Model(kenlm_file("en", 2)).BeginSentenceWrite(state)
    with pytest.raises(lmkit.UsageError, match=r"^this state is that of another model\.\nWrite states with"):
        model.BaseScore(state, "le", state)


def test_the_model_says_where_it_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REFERENCE)
    config = kenlm.Config()
    config.load_method, config.arpa_complain = kenlm.LoadMethod.LAZY, kenlm.ARPALoadComplain.NONE
    model = kenlm.LanguageModel("kenlm/fr.o2.arpa.gz", config)
    assert model.path == str(kenlm_file("fr", 2)).encode()
    assert model.order == 2
    assert repr(model) == "<LanguageModel from fr.o2.arpa.gz>"
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 (our own)
    assert (type(again), again.score("il y a")) == (kenlm.LanguageModel, model.score("il y a"))
    of_counts = kenlm.Model(lmkit.count_ngrams(TOY, 2))
    assert repr(of_counts).startswith("<Model from order:2|smoothing:maximum-likelihood|")
    assert of_counts.path == b""
    with pytest.raises(TypeError, match="a model in memory cannot be pickled; save it, and open the file"):
        pickle.dumps(of_counts)


def test_a_mixture_is_refused() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(TOY, 1))
    with pytest.raises(lmkit.DataError, match="only n-gram models can be walked word by word, and this is another one"):
        kenlm.Model(lmkit.mixture([model, model], [0.5, 0.5]))  # type: ignore[arg-type]


def test_importing_it_imports_nothing_slow() -> None:
    """Nor does asking what there is."""
    names = {"ARPALoadComplain", "Config", "FullScoreReturn", "LanguageModel", "LoadMethod", "Model", "State"}
    assert set(dir(kenlm)) == set(getattr(kenlm, "__all__")) == names  # noqa: B009 (its stub has none)
    code = "import sys, lmkit.kenlm; dir(lmkit.kenlm); sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    with pytest.raises(AttributeError, match=r"^module 'lmkit.kenlm' has no attribute 'nothing'$"):
        getattr(kenlm, "nothing")  # noqa: B009 (type checkers know that it is not there)
