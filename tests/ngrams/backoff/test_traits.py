"""What may be relied on in a model is stored with it or seen in its arrays, and never read out of its signature."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.arpa.reading import read_arpa
from lmkit.arpa.writing import COMMENT, write_arpa
from lmkit.engine.files.own_files import FORMAT_VERSION
from lmkit.errors import DataError
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.mixing import build_mixture
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.backoff.pruning import prune
from lmkit.ngrams.backoff.scorer import scores_after
from lmkit.ngrams.trie.orders import find_entry
from lmkit.scoring.mixture import mixture
from lmkit.scoring.traits import Traits
from tests.backoff_models import WORDS, random_arpa
from tests.conftest import ROOT, TOY, Run, text_file, train_text
from tests.summed import summed

OLDER = Path(__file__).parent / "older_formats"
STUPID = Traits(is_distribution=False, unseen_log10_backoff=float(np.log10(0.4)))
ADDITIVE = Traits(full_histories_only=True, lower_orders_are_marginals=False)
KNESER_NEY = Traits(lower_orders_are_marginals=False)


def test_nothing_but_signatures_and_descriptions_reads_the_details_of_a_model() -> None:
    readers = {"signature.py", "description.py"}
    reading = re.compile(r"details(\[|\.get\()")
    sources = [path for path in (ROOT / "lmkit").rglob("*.py") if path.name not in readers]
    assert sources
    found = [path for path in sources if reading.search(re.sub(r"dict\[str, Any\]", "", path.read_text()))]
    assert found == []


def test_smoothings_state_their_traits() -> None:
    counts = lmkit.count_ngrams(TOY, 3)
    assert lmkit.witten_bell(counts).traits == Traits()
    assert lmkit.katz(counts).traits == Traits()
    assert lmkit.jelinek_mercer(counts).traits == Traits()
    assert lmkit.absolute_discounting(counts, discount_fallback="fixed").traits == Traits()
    assert lmkit.kneser_ney(counts, discount_fallback="fixed").traits == KNESER_NEY
    assert lmkit.laplace(counts).traits == ADDITIVE
    assert lmkit.maximum_likelihood(counts).traits == replace(ADDITIVE, is_smoothed=False)
    assert lmkit.stupid_backoff(counts).traits == STUPID


def test_what_is_made_of_models_keeps_their_traits(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 3)
    plain, kneser_ney = lmkit.witten_bell(counts), lmkit.kneser_ney(counts, closed=True)
    assert prune(kneser_ney, keep=100, history=counts).model.traits == KNESER_NEY
    assert build_mixture(mixture([plain, plain])).traits == Traits()
    assert build_mixture(mixture([kneser_ney, kneser_ney])).traits == KNESER_NEY
    for model in (plain, kneser_ney, lmkit.stupid_backoff(counts), lmkit.laplace(counts)):
        for name in ("model.arpa", "model.safetensors"):
            lmkit.save(model, tmp_path / name)
            again = lmkit.load_model(tmp_path / name)
            written = backing_off(model) if name.endswith(".arpa") else model
            assert (again.traits, again.closed) == (written.traits, model.closed)


def with_comment(arpa: str, model: NgramModel) -> bytes:
    """The ARPA text with the comment line of a model that lmkit made."""
    stream = io.BytesIO()
    write_arpa(model, stream)
    return next(line for line in stream.getvalue().split(b"\n") if line.startswith(COMMENT)) + b"\n\n" + arpa.encode()


def random_tokens(model: NgramModel, seed: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Sentences of the words of `backoff_models`, padded, as ids of the model."""
    random = Random(seed)  # noqa: S311 (makes test data)
    sentences = [["<s>", *random.choices(WORDS[:-1], k=random.randint(0, 7)), "</s>"] for _ in range(60)]
    return np.array([model.vocabulary.id_of(word) for sentence in sentences for word in sentence], np.int32)


def scores_by_definition(model: NgramModel, tokens: np.ndarray[Any, np.dtype[np.int32]]) -> list[tuple[float, int]]:
    """log10 probability and length of the n-gram of each predicted token, one history after the other."""
    found: list[tuple[float, int]] = []
    history: list[int] = []
    bos = model.vocabulary.id_of("<s>")
    for token in tokens.tolist():
        if token == bos:
            history = []
        else:
            longest = min(len(history), model.order - 1)
            entries = [find_entry(model.orders, history[-length:]) for length in range(1, longest + 1)]
            log10_probs, lengths = scores_after(model, entries)
            found.append((float(log10_probs[token]), int(lengths[token])))
        history.append(token)
    return found


@pytest.mark.parametrize("order", [3, 4, 5])
@pytest.mark.parametrize("seed", range(8))
def test_an_arpa_file_with_missing_ngrams_scores_the_same_with_and_without_lmkits_comment(
    seed: int, order: int
) -> None:
    arpa = random_arpa(seed, order)
    lmkits = lmkit.kneser_ney(lmkit.count_ngrams(TOY, order), discount_fallback="fixed", precision="double")
    for text in (arpa.encode(), with_comment(arpa, lmkits)):
        model = read_arpa(io.BytesIO(text), precision="double")
        tokens = random_tokens(model, seed)
        scores = model.scorer().score(tokens)
        expected = scores_by_definition(model, tokens)
        np.testing.assert_allclose(scores.log10_probs, [log10_prob for log10_prob, _ in expected], rtol=1e-12)
        assert scores.matched_orders is not None
        assert scores.matched_orders.tolist() == [length for _, length in expected]


@pytest.mark.parametrize("seed", range(8))
def test_histories_that_a_stupid_backoff_model_lacks_cost_the_same_wherever_they_are(seed: int) -> None:
    lmkits = lmkit.stupid_backoff(lmkit.count_ngrams(TOY, 4), precision="double")
    model = read_arpa(io.BytesIO(with_comment(random_arpa(seed, 4), lmkits)), precision="double")
    assert model.traits == STUPID
    tokens = random_tokens(model, seed)
    expected = [log10_prob for log10_prob, _ in scores_by_definition(model, tokens)]
    np.testing.assert_allclose(model.scorer().score(tokens).log10_probs, expected, rtol=1e-12)


def test_a_scorer_stays_right_after_it_met_a_history_without_its_suffix() -> None:
    """p(d | a b c) is stored, and a b c begins it; b c is not stored."""
    arpa = (
        "\\data\\\nngram 1=7\nngram 2=1\nngram 3=1\nngram 4=1\n\n\\1-grams:\n-1\t<unk>\n-99\t<s>\n-1\t</s>\n"
        "-1\ta\t-0.1\n-1\tb\t-0.2\n-1\tc\t-0.3\n-1\td\n\n\\2-grams:\n-0.5\ta b\t-0.4\n\n\\3-grams:\n-0.6\ta b c\t-0.5\n\n"
        "\\4-grams:\n-0.25\ta b c d\n\n\\end\\\n"
    )
    model = read_arpa(io.BytesIO(arpa.encode()), precision="double")
    scorer = model.scorer()
    plain, deep = (
        np.array([model.vocabulary.id_of(word) for word in text.split()], np.int32)
        for text in ("<s> a d </s>", "<s> a b c d </s>")
    )
    # a: -1; d after a: -0.1 - 1; </s>: -1. Then a, b after a, c after a b, d after a b c; </s>.
    for _ in range(2):
        np.testing.assert_allclose(scorer.score(plain).log10_probs, [-1, -1.1, -1])
        np.testing.assert_allclose(scorer.score(deep).log10_probs, [-1, -0.5, -0.6, -0.25, -1])


def test_the_check_finds_nothing_wrong_with_a_pruned_model(lmkit_run: Run, tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 4)
    lmkit.save(prune(lmkit.kneser_ney(counts), keep=400, history=counts).model, tmp_path / "small.safetensors")
    lmkit_run("ngram", "convert", tmp_path / "small.safetensors", "-o", tmp_path / "small.arpa")
    for name in ("small.safetensors", "small.arpa"):
        result = lmkit_run("ngram", "check", tmp_path / name, "--json")
        report = json.loads(result.out)
        assert (result.code, report["errors"]) == (0, 0)
        assert report["totals"]["warning"]["missing-suffix"] > 0


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_models_of_older_formats_are_read_and_their_traits_told_from_their_signatures(
    version: int, tmp_path: Path
) -> None:
    counts = lmkit.load_counts(OLDER / f"counts-{version}.safetensors")
    expected = {
        "kneser-ney": lmkit.kneser_ney(counts, discount_fallback="fixed", closed=True),
        "laplace": backing_off(lmkit.laplace(counts))
        if version < 4
        else lmkit.laplace(counts),  # so it was written then
    } | ({"stupid-backoff": lmkit.stupid_backoff(counts)} if version > 2 else {})
    for name, model in expected.items():
        older = lmkit.load_model(OLDER / f"{name}-{version}.safetensors")
        lmkit.save(older, tmp_path / name)
        for found in (older, lmkit.load_model(tmp_path / name)):
            assert (found.traits, found.closed) == (model.traits, model.closed)
            for values, others in zip(found.log10_probs, model.log10_probs, strict=True):
                np.testing.assert_allclose(values, others, rtol=2e-7)  # single precision


def metadata_of(data: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """The header of a safetensors file, lmkit's metadata in it, and the arrays."""
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    return header, json.loads(header["__metadata__"]["lmkit"]), data[end:]


def changed(path: Path, folder: Path, changes: dict[str, Any]) -> Path:
    """The file with other values in lmkit's metadata; None takes one out."""
    header, fields, arrays = metadata_of(path.read_bytes())
    fields = {name: value for name, value in (fields | changes).items() if value is not None or name == "settings"}
    header["__metadata__"]["lmkit"] = json.dumps(fields)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return text_file(folder, summed(len(text).to_bytes(8, "little") + text + arrays), "changed.safetensors")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"traits": None}, "the traits of the model are missing, or of another format"),
        ({"traits": {}}, "the traits of the model are damaged"),
        ({"traits": Traits().as_dict() | {"is_distribution": 1}}, "the traits of the model are damaged"),
        ({"traits": Traits().as_dict() | {"other": True}}, "the traits of the model are damaged"),
        (
            {"traits": Traits().as_dict() | {"unseen_log10_backoff": 0.5}},
            "the traits of the model are damaged: unseen_log10_backoff must be a number up to 0",
        ),
        (
            {"traits": Traits().as_dict() | {"unseen_log10_backoff": -0.5}},
            "the traits of the model contradict each other: is_distribution, and unseen_log10_backoff",
        ),
        (
            {"traits": STUPID.as_dict()},
            "unseen histories are said to cost -0.39794, and stored ones do not",
        ),
        (
            {"traits": ADDITIVE.as_dict()},
            "the model is said to look at full histories only, and its probabilities after them do not sum to 1 then",
        ),
        (
            {"traits": ADDITIVE.as_dict(), "parameters": {"alpha": 1.0}},
            "the model is said to look at full histories only, and its probabilities after them do not sum to 1 then",
        ),
        ({"closed": True}, "the vocabulary is said to be closed, and <unk> has a probability"),
        ({"closed": "yes"}, "the settings of the model are damaged"),
        ({"format_version": 3}, "the traits of the model are missing, or of another format"),
        ({"format_version": 0}, "there is no format 0"),
        ({"format_version": "4"}, "there is no format '4'"),
    ],
)
def test_traits_that_are_damaged_or_do_not_hold_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    lmkit.save(lmkit.witten_bell(lmkit.count_ngrams(TOY, 3)).with_values(), tmp_path / "model.safetensors")
    path = changed(tmp_path / "model.safetensors", tmp_path, changes)
    expected = f"{path}: the file is damaged or cut short ({message}).\nWrite it again."
    with pytest.raises(DataError, match=f"^{re.escape(expected)}$"):
        lmkit.load(path)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("alpha", [0.0, 0.01, 1.0])
def test_models_that_do_look_at_full_histories_only_are_read(tmp_path: Path, alpha: float, closed: bool) -> None:
    counts = lmkit.count_ngrams(train_text("en"), 3)
    model = lmkit.laplace(counts, alpha, closed=closed) if alpha else lmkit.maximum_likelihood(counts, closed=closed)
    lmkit.save(model, tmp_path / "model.safetensors")
    assert lmkit.load_model(tmp_path / "model.safetensors").traits.full_histories_only


def test_the_comment_of_an_arpa_file_cannot_say_that_nothing_is_backed_off_to() -> None:
    additive = lmkit.laplace(lmkit.count_ngrams(TOY, 3))
    text = with_comment(random_arpa(1, 3), backing_off(additive))
    assert not read_arpa(io.BytesIO(text)).traits.full_histories_only
    lying = text.replace(b'"full_histories_only": false', b'"full_histories_only": true')
    message = "says that no history is backed off to, and ARPA files hold backoff models only.\nUpgrade lmkit; or take"
    with pytest.raises(DataError, match=re.escape(message)):
        read_arpa(io.BytesIO(lying))


def test_a_file_of_a_future_format_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    lmkit.save(lmkit.count_ngrams(TOY, 2), tmp_path / "counts.safetensors")
    path = changed(
        tmp_path / "counts.safetensors",
        tmp_path,
        {"format_version": FORMAT_VERSION + 1, "version": "9.1", "kind": "vectors"},
    )
    expected = f"{path}: written by lmkit 9.1 in format {FORMAT_VERSION + 1}; lmkit {lmkit.__version__} reads formats up to {FORMAT_VERSION}.\nUpgrade lmkit."
    with pytest.raises(DataError, match=f"^{re.escape(expected)}$"):
        lmkit.load(path)


def test_whether_an_arpa_file_lists_unk_decides_whether_its_vocabulary_is_closed_and_no_comment() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    closed = lmkit.kneser_ney(counts, discount_fallback="fixed", closed=True)
    words = "\\1-grams:\n-0.3\ta\n-99\t<s>\n-0.5\t</s>\n{}\n\\end\\\n"
    listed = "\\data\\\nngram 1=4\n\n" + words.format("-0.7\t<unk>\n")
    lacking = "\\data\\\nngram 1=3\n\n" + words.format("")
    for comment in (closed, lmkit.witten_bell(counts)):
        model = read_arpa(io.BytesIO(with_comment(listed, comment)))
        assert (model.closed, "vocabulary:open" in model.signature()) == (False, True)
        model = read_arpa(io.BytesIO(with_comment(lacking, comment)))
        assert (model.closed, "vocabulary:closed" in model.signature()) == (True, True)


@pytest.mark.parametrize("smoothing", ["x\nperplexity\t1.0", "\x1b[31mred"])
def test_what_would_break_out_of_a_signature_is_refused(smoothing: str) -> None:
    stream = io.BytesIO()
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 2))
    lmkit.save(replace(model, details=model.details | {"smoothing": smoothing}), stream)
    stream.seek(0)
    with pytest.raises(DataError, match="the details of the model are damaged"):
        lmkit.load(stream)
