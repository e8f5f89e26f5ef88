"""An ARPA file of classes and a class file, scored as SRILM defines such pairs (ngram(1): -classes, -simple-classes; classes-format(5)).

p(DET | <s>) = 0.5 and p(NOUN | DET) = 0.6 are stored, DET being a class of le 0.75 and la 0.25, NOUN one of chat 0.5, chien 0.3, cour 0.2.
dort is in no class, so that it is itself. p(dort | NOUN) = 0.6 and p(</s> | dort) = 0.9 are stored. So

    le chat dort          0.5 · 0.75    0.6 · 0.5    0.6    0.9
    cour                  p(NOUN | <s>) = backoff(<s>) 0.4 · p(NOUN) 0.2 = 0.08, · 0.2;  p(</s> | NOUN) = 0.4 · 0.2 = 0.08
"""

import math
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.classes.files.reading import read_classes
from lmkit.errors import DataError, ModelWarning
from tests.class_models import toy
from tests.conftest import TOY, Run, text_file

UNIGRAMS = {
    "</s>": (0.2, 0),
    "<s>": (0, 0.4),
    "<unk>": (0.1, 0),
    "DET": (0.4, 0.5),
    "NOUN": (0.2, 0.4),
    "dort": (0.1, 0.1),
}
BIGRAMS = {"<s> DET": 0.5, "DET NOUN": 0.6, "NOUN dort": 0.6, "dort </s>": 0.9}
DEFINITIONS = "DET 0.75 le\nDET 0.25 la\nNOUN 0.5 chat\nNOUN 0.3 chien\nNOUN 0.2 cour\n"


def log(prob: float) -> str:
    """A probability as ARPA files have it."""
    return f"{math.log10(prob):.9f}" if prob else "-99"


def arpa(extra: dict[str, tuple[float, float]] | None = None) -> str:
    """The ARPA file."""
    listed = UNIGRAMS | (extra or {})
    ones = [f"{log(prob)}\t{word}" + (f"\t{log(weight)}" if weight else "") for word, (prob, weight) in listed.items()]
    twos = [f"{log(prob)}\t{ngram}" for ngram, prob in BIGRAMS.items()]
    head = f"\\data\\\nngram 1={len(ones)}\nngram 2={len(twos)}\n\n"
    return head + "\\1-grams:\n" + "\n".join(ones) + "\n\n\\2-grams:\n" + "\n".join(twos) + "\n\n\\end\\\n"


def pair(
    folder: Path, definitions: str = DEFINITIONS, extra: dict[str, tuple[float, float]] | None = None
) -> lmkit.ClassModel:
    """The class model of the pair."""
    model = lmkit.load_model(text_file(folder, arpa(extra), "class.arpa"), precision="double")
    return lmkit.with_classes(model, read_classes(text_file(folder, definitions, "classes.txt")))


def probs(model: lmkit.ClassModel, sentence: str) -> list[float]:
    """The probability of each word of a sentence, and of its end."""
    return [10.0**score.log10_prob for score in lmkit.score_sentence(model, sentence)]


def test_a_word_has_its_part_of_its_class(tmp_path: Path) -> None:
    model = pair(tmp_path)
    assert probs(model, "le chat dort") == pytest.approx([0.5 * 0.75, 0.6 * 0.5, 0.6, 0.9], rel=1e-8)
    assert probs(model, "cour") == pytest.approx([0.4 * 0.2 * 0.2, 0.4 * 0.2], rel=1e-8)


def test_names_of_classes_are_no_words_of_texts(tmp_path: Path) -> None:
    score = lmkit.score_sentence(pair(tmp_path), "NOUN")[0]
    assert score.oov
    assert 10.0**score.log10_prob == pytest.approx(0.4 * 0.1, rel=1e-8)


def test_a_word_that_is_called_as_a_class_is_in_the_class_that_it_is_listed_in(tmp_path: Path) -> None:
    model = pair(tmp_path, DEFINITIONS.replace("0.2 cour", "0.2 DET"))
    assert probs(model, "DET")[0] == pytest.approx(0.4 * 0.2 * 0.2, rel=1e-8)


def test_a_probability_that_is_left_out_is_one(tmp_path: Path) -> None:
    model = pair(tmp_path, DEFINITIONS.replace("DET 0.75 le\nDET 0.25 la\n", "DET le\n"))
    assert probs(model, "le")[0] == pytest.approx(0.5, rel=1e-8)
    with pytest.warns(ModelWarning, match="no probabilities of words in their classes are given"):
        alone = pair(tmp_path, "DET le\nDET la\nNOUN chat\n")
    assert probs(alone, "la chat")[:2] == pytest.approx([0.5, 0.6], rel=1e-8)


def test_counts_beside_classes_give_the_probabilities(tmp_path: Path) -> None:
    listed = "word\tclass\tcount\nle\tDET\t3\nla\tDET\t1\nchat\tNOUN\t2\ncour\tNOUN\t0\n"
    model = pair(tmp_path, listed)
    assert probs(model, "le chat")[:2] == pytest.approx([0.5 * 0.75, 0.6], rel=1e-8)


def test_classes_that_the_model_lacks_are_told_and_their_words_unknown(tmp_path: Path) -> None:
    with pytest.warns(ModelWarning, match="1 of the 3 classes are not in the model, and their words are unknown: VERB"):
        model = pair(tmp_path, DEFINITIONS + "VERB 1 boit\n")
    assert lmkit.score_sentence(model, "boit")[0].oov


def test_words_that_stand_in_the_model_beside_their_class_are_told(tmp_path: Path) -> None:
    with pytest.warns(
        ModelWarning, match="1 words of classes stand in the model as words, too, which are never looked at: chat"
    ):
        model = pair(tmp_path, extra={"chat": (0.05, 0)})
    assert probs(model, "chat")[0] == pytest.approx(0.4 * 0.2 * 0.5, rel=1e-8)


def test_other_models_and_other_classes_are_refused(tmp_path: Path) -> None:
    definitions = read_classes(text_file(tmp_path, "A 1 le\n", "other.txt"), "srilm")
    with pytest.raises(DataError, match="none of the 1 classes is a word of the model"):
        lmkit.with_classes(lmkit.laplace(lmkit.count_ngrams(TOY, 2)), definitions)
    with pytest.raises(DataError, match=r"this is another one \(class-laplace\)"):
        lmkit.with_classes(lmkit.laplace(toy.class_counts()), definitions)


def test_our_own_classes_as_a_pair_of_srilm_score_as_the_class_model(tmp_path: Path) -> None:
    """The n-grams of classes written as ARPA, and the shares as class definitions."""
    model = lmkit.witten_bell(toy.class_counts(3), precision="double")
    lmkit.save(model.inner, tmp_path / "class.arpa")
    words, names, shares = model.vocabulary.words, model.inner.vocabulary.words, 10.0**model.members.log10_shares
    lines = [
        f"{names[model.members.classes[at]].decode()} {shares[at]!r} {words[at].decode()}\n"
        for at in range(3, len(words))
    ]
    definitions = text_file(tmp_path, "".join(lines).replace("np.float64(", "").replace(")", ""), "classes.txt")
    again = lmkit.with_classes(lmkit.load_model(tmp_path / "class.arpa", precision="double"), read_classes(definitions))
    for line in TOY.read_text().splitlines():
        assert np.log10(probs(again, line)) == pytest.approx(np.log10(probs(model, line)), abs=1e-6)


def test_a_pair_is_scored_and_converted_by_commands(lmkit_run: Run, tmp_path: Path) -> None:
    model = text_file(tmp_path, arpa(), "class.arpa")
    definitions = text_file(tmp_path, DEFINITIONS, "classes.txt")
    text = text_file(tmp_path, "le chat dort\n")
    expected = (0.5 * 0.75 * 0.6 * 0.5 * 0.6 * 0.9) ** (-1 / 4)
    result = lmkit_run("perplexity", model, text, "--classes", definitions)
    figures = dict(line.split("\t") for line in result.out.splitlines())
    assert float(figures["perplexity"]) == pytest.approx(expected, rel=1e-6)
    assert "classes:2|shares:stated" in figures["signature"]
    assert lmkit_run("ngram", "convert", model, "--classes", definitions, "-o", tmp_path / "c.safetensors").code == 0
    converted = lmkit_run("perplexity", tmp_path / "c.safetensors", text)
    assert converted.out == result.out
    info = dict(line.split("\t") for line in lmkit_run("info", tmp_path / "c.safetensors").out.splitlines())
    assert [info[name] for name in ("kind", "vocabulary", "classes", "words_alone")] == ["class-model", "6", "2", "1"]


def test_commands_refuse_what_makes_no_pair(lmkit_run: Run, tmp_path: Path) -> None:
    model = text_file(tmp_path, arpa(), "class.arpa")
    definitions = text_file(tmp_path, DEFINITIONS, "classes.txt")
    text = text_file(tmp_path, "le chat dort\n")
    refused = lmkit_run("perplexity", model, text, "--class-format", "srilm")
    assert (refused.code, refused.err.splitlines()[0]) == (
        2,
        "lmkit: --class-format says how the file of --classes is written, and there is none.",
    )
    assert lmkit_run("perplexity", model, text, "--classes", "-").code == 2
    lost = lmkit_run("ngram", "convert", model, "--classes", definitions, "-o", tmp_path / "x.arpa")
    assert (lost.code, lost.err.splitlines()[0]) == (
        2,
        "lmkit: what is counted by class is kept in files of lmkit's own, and .arpa has no place for the words of classes.",
    )
