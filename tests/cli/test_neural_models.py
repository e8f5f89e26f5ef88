"""Neural models in the commands that take any model, and what refuses them."""

import json
from pathlib import Path
from typing import Any

import pytest

import lmkit
from tests.conftest import TOY, Run, text_file
from tests.neural.random_models import CONTEXT, saved_model
from tests.shell_lines import run_line

TEXT = "le chat dort sur le tapis\nla souris mange dans le jardin\nun chien dort\n"


@pytest.fixture
def transformer(tmp_path: Path) -> Path:
    """A small transformer in a file."""
    return saved_model("transformer", tmp_path)


@pytest.fixture
def ngrams(tmp_path: Path) -> Path:
    """A bigram model of counts in a file."""
    path = tmp_path / "wb2.safetensors"
    lmkit.save(lmkit.witten_bell(lmkit.count_ngrams(TOY, 2)), path)
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Three sentences."""
    return text_file(tmp_path, TEXT)


def test_perplexity_by_token_sentence_and_file_adds_up(lmkit_run: Run, transformer: Path, text: Path) -> None:
    whole = json.loads(lmkit_run("perplexity", transformer, text, "--json").out)
    assert (whole["tokens"], whole["sentences"], whole["oov"]) == (18, 3, 1)
    assert "matched_orders" not in whole
    for kind in ("token", "sentence", "file"):
        rows = [
            json.loads(line)
            for line in lmkit_run("perplexity", transformer, text, "--by", kind, "--json").out.splitlines()
        ]
        assert sum(row["log10_prob"] for row in rows) == pytest.approx(whole["log10_prob"])
    piped = run_line(f"lmkit perplexity '{transformer}' --json < '{text}'")
    assert json.loads(piped.stdout)["log10_prob"] == whole["log10_prob"]


def test_mixed_with_ngrams_the_perplexity_is_that_of_the_mixture(
    lmkit_run: Run, transformer: Path, ngrams: Path, text: Path
) -> None:
    found = json.loads(lmkit_run("perplexity", transformer, text, "--mix", f"{ngrams}:0.25", "--json").out)
    mixed = lmkit.mixture([lmkit.load(transformer), lmkit.load(ngrams)], [0.75, 0.25])
    assert found["perplexity"] == pytest.approx(lmkit.perplexity(mixed, text).perplexity)
    assert "mixture:0.75*transformer+0.25*witten-bell" in found["signature"]


def test_compared_with_ngrams_what_cannot_be_compared_is_told(
    lmkit_run: Run, transformer: Path, ngrams: Path, text: Path
) -> None:
    result = lmkit_run("compare", transformer, ngrams, text, "--json")
    assert result.code == 0
    assert "the vocabularies differ" in result.err
    found = json.loads(result.out)
    alone = json.loads(lmkit_run("perplexity", transformer, text, "--json").out)
    assert found["a"]["log10_prob"] == alone["log10_prob"]


def test_suites_filters_and_classes_take_neural_models(
    lmkit_run: Run, transformer: Path, tmp_path: Path, text: Path
) -> None:
    other = saved_model("feed-forward", tmp_path)
    suite = text_file(
        tmp_path,
        f'[models]\na = "{transformer.name}"\nb = "{other.name}"\n[texts]\nt = "{text.name}"\n[gates]\nmax_oov_rate = 0.5\n',
        "suite.toml",
    )
    assert lmkit_run("evaluate", suite, "-q").code == 0
    sums = [
        json.loads(line)["log10_prob"]
        for line in lmkit_run("perplexity", transformer, text, "--by", "sentence", "--json").out.splitlines()
    ]
    kept = lmkit_run("filter", transformer, text, "--max-perplexity", "1e9", "-q")
    assert (kept.code, kept.out) == (0, TEXT)
    classes = lmkit_run("classify", transformer, other, text, "--json").out.splitlines()
    assert [json.loads(line)["log10_prob.transformer"] for line in classes] == pytest.approx(sums)


def test_what_comes_next_has_no_order(lmkit_run: Run, transformer: Path) -> None:
    table = lmkit_run("next", transformer, "le chat", "--top", "3").out.splitlines()
    assert table[0].split("\t") == ["word", "probability", "log10_prob"]
    found = json.loads(lmkit_run("next", transformer, "le chat", "--top", "0", "--json").out)["next"]
    assert sum(row["probability"] for row in found) == pytest.approx(1, abs=1e-6)


def test_the_same_seed_generates_the_same_sentences(lmkit_run: Run, transformer: Path) -> None:
    line = (
        "generate",
        transformer,
        "--count",
        "5",
        "--seed",
        "3",
        "--max-length",
        str(3 * CONTEXT),
        "--prompt",
        "le chat",
    )
    first, second = lmkit_run(*line), lmkit_run(*line)
    assert first.out == second.out
    assert all(sentence.startswith("le chat") for sentence in first.out.splitlines())


def test_explanations_have_logits_and_alternatives(lmkit_run: Run, transformer: Path) -> None:
    found = json.loads(lmkit_run("explain", transformer, "le chat", "--json").out)
    first = found["words"][0]
    assert first["history"] == "<s>"
    assert {"logit", "log_sum", "rank", "entropy_bits", "alternatives"} <= first.keys()
    shown = lmkit_run("explain", transformer, "le chat").out
    assert "p(le | <s>) = e^z / Σ e^z = e^" in shown
    refused = lmkit_run("explain", transformer, "le chat", "--counts", transformer)
    assert refused.code == 1


def test_attention_is_shown_in_every_way(lmkit_run: Run, transformer: Path, tmp_path: Path) -> None:
    sentence = "le chat dort"
    shown = lmkit_run("attention", transformer, sentence)
    assert (shown.code, shown.out.count("head 1"), shown.out.count("layer")) == (
        0,
        2,
        2 + shown.out.splitlines()[-1].count("layer"),
    )
    rows = [json.loads(line) for line in lmkit_run("attention", transformer, sentence, "--json").out.splitlines()]
    assert len(rows) == 2 * 2 * 10
    of_one = [row for row in rows if (row["layer"], row["head"], row["query_place"]) == (2, 1, 4)]
    assert sum(row["weight"] for row in of_one) == pytest.approx(1)
    for suffix, start in (
        (".html", b"<!DOCTYPE html>"),
        (".svg", b"<?xml"),
        (".png", b"\x89PNG"),
        (".tsv", b"layer\thead\t"),
    ):
        path = tmp_path / f"attention{suffix}"
        assert lmkit_run("attention", transformer, sentence, "-o", path, "-q").code == 0
        assert path.read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["le " * CONTEXT], 2, "looks at 8 at a time"),
        (["le", "--layer", "3"], 2, "layers 1 to 2"),
        (["le", "--query", "1 0"], 2, "--query is for vectors that are typed in"),
        ([], 2, "there is none"),
    ],
)
def test_attention_that_cannot_be_shown_is_refused(
    lmkit_run: Run, transformer: Path, arguments: list[str], code: int, told: str
) -> None:
    result = lmkit_run("attention", transformer, *arguments)
    assert (result.code, result.out) == (code, "")
    assert told in result.err


@pytest.mark.parametrize("command", ["explain", "attention"])
def test_sentences_to_look_into_have_no_marks_and_may_have_unknown_words(
    lmkit_run: Run, transformer: Path, ngrams: Path, command: str
) -> None:
    for model in (transformer, ngrams) if command == "explain" else (transformer,):
        refused = lmkit_run(command, model, "<s> le chat")
        assert (refused.code, refused.err) == (
            2,
            "lmkit: '<s> le chat' contains <s>.\nGive the words alone: lmkit sets the marks of sentences itself.\n",
        )
        same = [lmkit_run(command, model, sentence, "--json").out for sentence in ("le <unk>", "le xyzzy")]
        assert same[0] == same[1].replace("xyzzy", "<unk>")


def test_attention_of_other_models_is_refused_by_name(lmkit_run: Run, ngrams: Path, tmp_path: Path) -> None:
    result = lmkit_run("attention", ngrams, "le chat")
    assert (result.code, "holds an n-gram model, and a neural model is needed" in result.err) == (1, True)
    result = lmkit_run("attention", saved_model("bigram", tmp_path), "le chat")
    assert (result.code, "this model (bigram) has no attention" in result.err) == (1, True)


def test_what_is_in_the_file_is_told(lmkit_run: Run, transformer: Path) -> None:
    """12 d² + 13 d numbers a layer, 2 d at the end, d for each of 15 types and 8 positions: 2 · 872 + 16 + 184 = 1,944."""
    for command in (("info",), ("ngram", "info")):
        found = json.loads(lmkit_run(*command, transformer, "--json").out)
        assert (found["architecture"], found["parameters"], found["vocabulary"]) == ("transformer", 1944, 12)
        assert (found["dimensions"], found["layers"], found["heads"], found["context"]) == (8, 2, 2, 8)


@pytest.mark.parametrize(
    "line",
    [
        "smooth --kneser-ney M -o OUT", "ngram prune M --entropy 1e-7 -o OUT", "ngram check M", "ngram convert M -o OUT",
        "ngram restrict M --vocabulary TEXT -o OUT", "ngram merge M M -o OUT", "plot perplexity M TEXT", "vectors info M",
    ],
)  # fmt: skip
def test_what_is_for_others_refuses_neural_models_by_name(
    lmkit_run: Run, transformer: Path, text: Path, tmp_path: Path, line: str
) -> None:
    places: dict[str, Any] = {"M": transformer, "TEXT": text, "OUT": tmp_path / "out.safetensors"}
    result = lmkit_run(*(places.get(word, word) for word in line.split()))
    assert (result.code, result.out) == (1, "")
    assert "holds a neural model, and " in result.err
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.parametrize("line", ["info M", "neighbours M le", "successors M -o OUT"])
def test_where_vectors_are_needed_embeddings_are_the_remedy(
    lmkit_run: Run, transformer: Path, tmp_path: Path, line: str
) -> None:
    places = {"M": transformer, "OUT": tmp_path / "out.vec"}
    result = lmkit_run("vectors", *(places.get(word, word) for word in line.split()))
    assert (result.code, result.out) == (1, "")
    assert "`lmkit neural embeddings`" in result.err
    assert "lmkit vectors successors" not in result.err
    assert lmkit_run("neural", "embeddings", "-q", transformer, "-o", tmp_path / "made.safetensors").code == 0
    assert lmkit_run("vectors", "neighbours", tmp_path / "made.safetensors", "le").code == 0


@pytest.mark.parametrize(
    "command", [("perplexity",), ("next",), ("generate",), ("explain",), ("attention",), ("info",)]
)
def test_a_file_cut_short_is_told(lmkit_run: Run, transformer: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    whole = transformer.read_bytes()
    for size in (200, len(whole) // 2, len(whole) - 1):
        cut = tmp_path / "cut.safetensors"
        cut.write_bytes(whole[:size])
        more = ["le chat"] if command[0] in ("explain", "attention") else []
        result = lmkit_run(*command, cut, *more, *([TOY] if command == ("perplexity",) else []))
        assert (result.code, result.out) == (1, "")
        assert "damaged or cut short" in result.err
