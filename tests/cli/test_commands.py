"""The command line: what it prints, where, and how it ends."""

import gzip
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import scipy.sparse

import lmkit
from lmkit.cli.command import names
from lmkit.cli.demo_steps import steps
from lmkit.cli.output.standard import WholeWrites
from lmkit.smoothing.choosing import ALL
from tests.conftest import CORPORA, ROOT, TOY, Result, held_out_text, shell, text_file, train_text
from tests.shell_lines import run_line

Run = Callable[..., Result]
EOS = "</s>"
ODD_WORDS = ["[UNK]", "[bold]", "[/red]", '"quoted"', "back\\slash", "🙂", "ɖe", "-5", "\u202fx", "{a}", "%s"]


def test_count_lists_words_most_frequent_first_then_by_code_point(lmkit_run: Run) -> None:
    result = lmkit_run("count", "--top", 6, TOY)
    assert (result.code, result.out) == (0, "le\t3\nboit\t2\nchat\t2\ndu\t2\nlait\t2\nchien\t1\n")
    assert lmkit_run("count", "--top", 0, TOY).out == lmkit_run("count", TOY).out


def test_count_of_pairs_has_sentence_marks_unless_told_otherwise(lmkit_run: Run) -> None:
    assert (
        lmkit_run("count", "-n", 2, "--min-count", 2, TOY).out
        == "<s> le\t2\nboit du\t2\ndu lait\t2\nlait </s>\t2\nle chat\t2\n"
    )
    assert (
        lmkit_run("count", "-n", 2, "--min-count", 2, "--no-markers", TOY).out == "boit du\t2\ndu lait\t2\nle chat\t2\n"
    )


def test_count_by_ngram_sorts_by_code_point(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "é z Z a! a b\na a!\n")
    assert lmkit_run("count", "--sort", "ngram", text).out == "Z\t1\na\t2\na!\t2\nb\t1\nz\t1\né\t1\n"
    lines = lmkit_run("count", "-n", 2, "--sort", "ngram", text).out.splitlines()
    assert lines == sorted(lines)


def test_count_as_json_lines(lmkit_run: Run) -> None:
    lines = lmkit_run("count", "-n", 2, "--top", 2, "--json", TOY).out.splitlines()
    assert [json.loads(line) for line in lines] == [{"ngram": "<s> le", "count": 2}, {"ngram": "boit du", "count": 2}]


def test_count_keeps_all_orders_in_a_file(lmkit_run: Run, tmp_path: Path) -> None:
    assert lmkit_run("count", "-n", 3, TOY, "-o", tmp_path / "c").out == ""
    assert lmkit.load_counts(tmp_path / "c").ngrams() == {1: 14, 2: 15, 3: 15}


@pytest.mark.parametrize("word", ODD_WORDS)
def test_odd_words_come_out_unharmed(lmkit_run: Run, tmp_path: Path, word: str) -> None:
    text = text_file(tmp_path, f"{word} {word} {word} x\n")
    assert lmkit_run("count", "--top", 1, text).out == f"{word}\t3\n"
    assert (
        json.loads(lmkit_run("count", "-n", 2, "--top", 1, "--json", "--no-markers", text).out)["ngram"]
        == f"{word} {word}"
    )
    assert lmkit_run("onehot", text).out == f"token\tindex\n{word}\t3\n{word}\t3\n{word}\t3\nx\t4\n"
    assert lmkit_run("cooc", "--top", 1, text).out == f"{word}\t{word}\t5\n"  # 2 (1 + 1 + 1/2)
    model = tmp_path / "m.arpa"
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(text, 2)), model)
    rows = lmkit_run("perplexity", model, "--by", "token", text).out.splitlines()
    assert [row.split("\t")[1] for row in rows] == ["token", word, word, word, "x", "</s>"]
    rows = lmkit_run("perplexity", model, "--by", "token", "--json", text).out.splitlines()
    assert json.loads(rows[0])["token"] == word


def test_the_pipe_of_the_documentation() -> None:
    line = "cat corpora/fr.train.tok | lmkit ngram train -n 3 | lmkit smooth --kneser-ney | lmkit perplexity - corpora/fr.test.tok --json"
    result = run_line(line)
    assert result.returncode == 0, result.stderr.decode()
    figures = json.loads(result.stdout)
    assert figures["perplexity"] == pytest.approx(29.24518, rel=1e-6)
    assert figures["matched_orders"] == {"1": 222, "2": 232, "3": 277}
    assert (figures["tokens"], figures["sentences"], figures["oov"], figures["zero_probability_tokens"]) == (
        731,
        61,
        38,
        0,
    )


@pytest.mark.parametrize(
    "line",
    [
        "seq 300000 | lmkit onehot | head -n 1",
        "lmkit count -n 3 corpora/fr.train.tok | head -n 1",
        "lmkit --help | head -n 1",
        "lmkit cooc corpora/fr.train.tok | head -n 0",
    ],
)
def test_a_closed_pipe_is_no_error(line: str) -> None:
    result = shell(line)
    assert (result.returncode, result.stderr) == (0, b"")


def test_narration_goes_to_stderr_and_quiet_silences_it(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("ngram", "train", "-n", 2, TOY, "-o", tmp_path / "c")
    assert result.out == ""
    assert result.err == "lmkit: 17 tokens in 3 sentences; n-grams of orders 1 to 2: 14 15\n"
    assert lmkit_run("ngram", "train", "-n", 2, TOY, "-o", tmp_path / "c", "--quiet").err == ""
    said = lmkit_run("smooth", "--kneser-ney", "--discount-fallback", tmp_path / "c", "-o", tmp_path / "m").err
    assert said.splitlines()[0] == "lmkit: order 1: discounts 0.5 1 1.5 (fixed; n1 to n4: 9 3 0 0)"


def test_compressed_text_and_several_files_count_as_one_text(lmkit_run: Run, tmp_path: Path) -> None:
    lines = TOY.read_bytes().splitlines(keepends=True)
    first, second = text_file(tmp_path, gzip.compress(lines[0]), "1.gz"), text_file(tmp_path, b"".join(lines[1:]), "2")
    assert lmkit_run("count", "-n", 2, first, second).out == lmkit_run("count", "-n", 2, TOY).out


def test_merging_files_is_counting_together(lmkit_run: Run, tmp_path: Path) -> None:
    for name in ("train", "test"):
        lmkit_run("ngram", "train", "-n", 3, CORPORA / f"fr.{name}.tok", "-o", tmp_path / name)
    assert lmkit_run("ngram", "merge", tmp_path / "train", tmp_path / "test", "-o", tmp_path / "merged").code == 0
    lmkit_run("ngram", "train", "-n", 3, CORPORA / "fr.train.tok", CORPORA / "fr.test.tok", "-o", tmp_path / "together")
    assert (tmp_path / "merged").read_bytes() == (tmp_path / "together").read_bytes()


def test_merging_refuses_cutoffs_and_takes_one_itself(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", TOY, "--cutoff", 2, "-o", tmp_path / "cut")
    refused = lmkit_run("ngram", "merge", tmp_path / "cut", tmp_path / "cut", "-o", tmp_path / "x")
    assert refused.code == 1
    assert "Train without --cutoff and give the cutoff to the merge." in refused.err
    lmkit_run("ngram", "train", TOY, "-o", tmp_path / "all")
    lmkit_run("ngram", "merge", tmp_path / "all", tmp_path / "all", "--cutoff", 3, "-o", tmp_path / "merged")
    lmkit_run("ngram", "train", TOY, TOY, "--cutoff", 3, "-o", tmp_path / "together")
    assert (tmp_path / "merged").read_bytes() == (tmp_path / "together").read_bytes()


def test_info_describes_counts_models_and_arpa(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    figures = json.loads(lmkit_run("ngram", "info", english_model, "--json").out)
    assert (figures["order"], figures["vocabulary"], figures["smoothing"]) == (3, 755, "modified-kneser-ney")
    assert figures["ngrams"] == {"1": 758, "2": 2441, "3": 3437}
    assert figures["discounts_1"]["d"] == pytest.approx([0.534320, 1.35140, 1.87029], abs=1e-5)
    lmkit_run("ngram", "convert", english_model, "-o", tmp_path / "m.arpa.gz")
    assert json.loads(lmkit_run("ngram", "info", tmp_path / "m.arpa.gz", "--json").out) == figures
    assert "vocabulary\t755\n" in lmkit_run("ngram", "info", english_model).out
    theirs = ROOT / "tests/reference/srilm/en.mkn_nounk.o3.arpa.gz"
    assert json.loads(lmkit_run("ngram", "info", theirs, "--json").out)["smoothing"] == "arpa"


def test_conversion_there_and_back_is_the_same_file(lmkit_run: Run, tmp_path: Path) -> None:
    """The counts that small models keep have no place in ARPA."""
    lmkit_run("ngram", "train", train_text("en"), "-o", tmp_path / "c")
    lmkit_run(
        "smooth", "--kneser-ney", "--backed-off", "--drop-counts", tmp_path / "c", "-o", tmp_path / "m.safetensors"
    )
    lmkit_run("ngram", "convert", tmp_path / "m.safetensors", "-o", tmp_path / "m.arpa")
    lmkit_run("ngram", "convert", tmp_path / "m.arpa", "-o", tmp_path / "back.safetensors")
    assert (tmp_path / "back.safetensors").read_bytes() == (tmp_path / "m.safetensors").read_bytes()


def test_perplexity_by_file_sentence_and_token_agree(lmkit_run: Run, english_model: Path) -> None:
    corpus = json.loads(lmkit_run("perplexity", english_model, held_out_text("en"), "--json").out)
    tokens = [
        json.loads(line)
        for line in lmkit_run(
            "perplexity", english_model, held_out_text("en"), "--by", "token", "--json"
        ).out.splitlines()
    ]
    assert (len(tokens), sum(token["oov"] for token in tokens)) == (corpus["tokens"], corpus["oov"])
    assert sum(token["log10_prob"] for token in tokens) == pytest.approx(corpus["log10_prob"])
    words = [token["token"] for token in tokens if token["token"] != EOS]
    assert words == held_out_text("en").read_text(encoding="utf-8").split()
    sentences = [
        json.loads(line)
        for line in lmkit_run(
            "perplexity", english_model, held_out_text("en"), "--by", "sentence", "--json"
        ).out.splitlines()
    ]
    assert [sentence["line"] for sentence in sentences] == list(range(1, 62))
    assert sum(sentence["tokens"] for sentence in sentences) == corpus["tokens"]
    assert sentences[0]["perplexity"] == pytest.approx(10 ** (-sentences[0]["log10_prob"] / sentences[0]["tokens"]))
    files = [
        json.loads(line)
        for line in lmkit_run(
            "perplexity", english_model, held_out_text("en"), TOY, "--by", "file", "--json"
        ).out.splitlines()
    ]
    assert files[0] == {"file": str(held_out_text("en")), **corpus}
    assert files[1]["file"] == str(TOY)


def test_tables_have_a_header_and_a_file_column_for_several_files(
    lmkit_run: Run, toy_counts: Path, tmp_path: Path
) -> None:
    text = text_file(tmp_path, "\nle chat\nzzz\n")
    out = lmkit_run("perplexity", toy_counts, "--by", "token", text).out
    assert out.splitlines() == [
        "line\ttoken\tlog10_prob\torder\toov", "2\tle\t-0.1760913\t2\t0", "2\tchat\t-0.1760913\t2\t0", "2\t</s>\t-inf\t1\t0",
        "3\tzzz\t-inf\t1\t1", "3\t</s>\t-inf\t1\t0",
    ]  # fmt: skip
    out = lmkit_run("perplexity", toy_counts, "--by", "sentence", text, TOY).out
    assert out.splitlines()[:2] == ["file\tline\tlog10_prob\ttokens\toov\tperplexity", f"{text}\t2\t-inf\t3\t0\tinf"]


def test_json_has_null_for_what_is_infinite(lmkit_run: Run, toy_counts: Path) -> None:
    text = CORPORA / "toy.test.tok"
    for by in ("corpus", "file", "sentence", "token"):
        for line in lmkit_run("perplexity", toy_counts, "--by", by, "--json", text).out.splitlines():
            values = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
            assert values["log10_prob"] is None or by == "token"
    assert json.loads(lmkit_run("entropy", "--model", toy_counts, "--json", text).out)["kl_divergence_bits"] is None


@pytest.mark.parametrize(("limit", "code"), [(22, 0), (21.9, 3), (0, 3)])
def test_a_gate_fails_with_code_3_after_the_figures(
    lmkit_run: Run, english_model: Path, limit: float, code: int
) -> None:
    result = lmkit_run("perplexity", english_model, held_out_text("en"), "--fail-above", limit)
    assert result.code == code
    assert result.out.startswith("perplexity\t21.9216")
    if code:
        assert re.fullmatch(
            rf"lmkit: 19 OOV words cost .*\nlmkit: the perplexity of the corpus is 21\.921\d+, above the limit of {limit}\.\n",
            result.err,
        )


def test_an_infinite_perplexity_fails_every_gate(lmkit_run: Run, toy_counts: Path) -> None:
    result = lmkit_run("perplexity", toy_counts, CORPORA / "toy.test.tok", "--fail-above", 1e300)
    assert (result.code, result.err) == (3, "lmkit: the perplexity of the corpus is inf, above the limit of 1e+300.\n")


def test_a_model_applies_its_lower_case_and_refuses_the_contrary(lmkit_run: Run, tmp_path: Path) -> None:
    upper = text_file(tmp_path, TOY.read_text(encoding="utf-8").upper())
    model = tmp_path / "m.arpa"
    lmkit_run("ngram", "train", "--lowercase", upper, "-o", tmp_path / "c")
    lmkit_run("smooth", "--laplace", tmp_path / "c", "-o", model)
    assert json.loads(lmkit_run("perplexity", model, upper, "--json").out)["oov"] == 0
    refused = lmkit_run("perplexity", model, upper, "--no-lowercase")
    assert refused.code == 2
    assert refused.err == (
        "lmkit: lowercase is no here, but the model was made with lowercase yes.\n"
        "The model applies its own setting: leave the option out, or train a model with lowercase no (--force scores all the same).\n"
    )


def test_onehot_matrix_opens_with_scipy(lmkit_run: Run, tmp_path: Path) -> None:
    assert lmkit_run("onehot", TOY, "-o", tmp_path / "x.npz").out == ""
    assert scipy.sparse.load_npz(tmp_path / "x.npz").shape == (17, 14)


def test_onehot_shows_unknown_words_in_their_column(lmkit_run: Run) -> None:
    lines = lmkit_run("onehot", "--cutoff", 2, TOY).out.splitlines()
    assert lines[6] == "elle\t2"
    assert json.loads(lmkit_run("onehot", "--json", TOY).out.splitlines()[0]) == {"token": "le", "index": 3}


def test_cooc_lists_largest_first_and_writes_matrices(lmkit_run: Run, tmp_path: Path) -> None:
    assert (
        lmkit_run("cooc", "--weighting", "flat", "--window", 1, "--directed", "--top", 3, TOY).out
        == "boit\tdu\t2\ndu\tlait\t2\nle\tchat\t2\n"
    )
    assert json.loads(lmkit_run("cooc", "--top", 1, "--json", TOY).out) == {
        "word": "chat",
        "context": "le",
        "value": 2.25,
    }
    lmkit_run("cooc", "--ppmi", TOY, "-o", tmp_path / "ppmi.npz")
    assert scipy.sparse.load_npz(tmp_path / "ppmi.npz").shape == (11, 11)


def test_entropy_prints_its_figures(lmkit_run: Run) -> None:
    lines = lmkit_run("entropy", "-n", 2, TOY).out.splitlines()
    assert lines[:7] == [
        "entropy_bits\t3.337175341", "entropy_bits_with_eos\t3.446439345", "conditional_entropy_bits\t0.3754887502",
        "order\t2", "types\t11", "tokens\t17", "sentences\t3",
    ]  # fmt: skip


def test_memory_and_workers_change_nothing(lmkit_run: Run, tmp_path: Path) -> None:
    for name, options in {"a": (), "b": ("--memory", "10K", "--tmp", tmp_path, "--workers", 3)}.items():
        assert lmkit_run("ngram", "train", train_text("en"), "-o", tmp_path / name, *options).code == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


WRONG_USAGE = [
    ("smooth", TOY),
    ("smooth", "--laplace", "--kneser-ney", TOY),
    ("smooth", "--kneser-ney", "--alpha", 1, TOY),
    ("smooth", "--laplace", "--closed", "--compat", "kenlm", TOY),
    ("smooth", "--kneser-ney", "--discounts", 0.5, 1, 1.5, "--discount-fallback", "fixed", TOY),
    ("count", "--cutoff", 2, "--vocabulary", TOY, TOY),
    ("count", "-n", 0, TOY),
    ("count", "--memory", "much", TOY),
    ("count", "--reserved", "drop", TOY),
    ("cooc", "--context-power", 0.75, TOY),
    ("cooc", "--top", 3, "-o", "x.npz", TOY),
    ("count", "--json", "-o", "x", TOY),
    ("onehot", "--json", "-o", "x.npz", TOY),
    ("perplexity", "-"),
    ("entropy", "--model", "-"),
    ("nonsense",),
    ("count", "--nonsense"),
    ("ngram", "convert", TOY),
    ("ngram", "convert", "COUNTS", "-o", ""),
    ("ngram", "convert", "COUNTS", "-o", "x", "--quantize", "1"),
    ("ngram", "convert", "missing.safetensors", "-o", "x", "--quantize", "17"),
    ("ngram", "convert", "missing.safetensors", "-o", "x.arpa.gz", "--compact"),
    ("ngram", "convert", "COUNTS", "-o", "x", "--held-out", TOY),
    ("ngram", "convert", "COUNTS", "-o", "x", "--quantize", "8", "--held-out", "-"),
    ("ngram", "train", TOY, "-o", "x.arpa.bz2"),
    ("smooth", "--laplace", "--alpha", "1e308", "COUNTS"),
    ("cooc", "--ppmi", "--shift", "nan", TOY),
    ("perplexity", "COUNTS", TOY, "--fail-above", "nan"),
]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=lambda arguments: " ".join(map(str, arguments[:3])))
def test_wrong_usage_ends_with_code_2_and_one_clear_message(
    lmkit_run: Run, arguments: tuple[object, ...], toy_counts: Path
) -> None:
    result = lmkit_run(*(toy_counts if argument == "COUNTS" else argument for argument in arguments))
    assert (result.code, result.out) == (2, "")
    assert result.err
    assert "Traceback" not in result.err


BAD_DATA = [
    ("count", "missing.txt"),
    ("perplexity", "missing.safetensors", TOY),
    ("perplexity", TOY, TOY),
    ("smooth", "--laplace", TOY),
    ("ngram", "info", "/"),
    ("ngram", "check", TOY),
    ("ngram", "check", "missing.arpa"),
    ("ngram", "train", TOY, "-o", "/missing/folder/x"),
    ("cooc", TOY, "-o", "/missing/folder/x.npz"),
    ("count", "--tmp", "/missing/folder", "--memory", "1", TOY),
    ("onehot", "--tmp", "/missing/folder", TOY),
]


@pytest.mark.parametrize("arguments", BAD_DATA, ids=lambda arguments: " ".join(map(str, arguments[:3])))
def test_bad_files_end_with_code_1_and_one_clear_message(lmkit_run: Run, arguments: tuple[object, ...]) -> None:
    result = lmkit_run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("lmkit: ")
    assert "Traceback" not in result.err


def test_an_empty_text_is_an_error_everywhere(lmkit_run: Run, tmp_path: Path, toy_counts: Path) -> None:
    empty = text_file(tmp_path, "")
    for arguments in (("count",), ("ngram", "train"), ("entropy",), ("onehot",), ("cooc",), ("perplexity", toy_counts)):
        result = lmkit_run(*arguments, empty)
        assert (result.code, result.out) == (1, ""), arguments
        assert f"lmkit: {empty}: there is no sentence in the text" in result.err


def test_the_version(lmkit_run: Run) -> None:
    assert lmkit_run("--version").out == f"lmkit {lmkit.__version__}\n"


@pytest.mark.parametrize("command", names())
def test_help_shows_an_example_and_the_cost_in_memory(lmkit_run: Run, command: str) -> None:
    out = lmkit_run(*command.split(), "--help").out
    assert re.search(rf"^  .*\blmkit {command}\b", out, re.MULTILINE)
    assert "Memory: " in out or command == "demo"


def test_the_demonstration_runs_commands_and_explains_them_for_as_long_as_somebody_reads() -> None:
    """All of it takes half a minute: its further commands are those of the next test."""
    ended = shell("lmkit demo --lang fr | head -n 12")
    assert (ended.returncode, ended.stderr) == (0, b"")
    shown = ended.stdout.decode().splitlines()
    assert shown[1:3] == [
        "# Compter les mots : la distribution empirique du vocabulaire",
        "$ lmkit count --top 5 fr.train.tok",
    ]
    assert shown[3] == ".\t396"
    assert shown[8].startswith("    colonne 2\u00a0: combien de fois")
    assert shown[11].startswith("$ lmkit count -n 2")


@pytest.mark.parametrize(
    ("language", "figures"), [("fr", ("29.24517", "\tjouent\t")), ("en", ("21.92168", "\tplay\t"))]
)
def test_every_command_of_the_demonstration_runs(tmp_path: Path, language: str, figures: tuple[str, ...]) -> None:
    for text in CORPORA.glob("*.tok"):
        shutil.copy(text, tmp_path)
    shutil.copy(CORPORA / "toy.tok", tmp_path / "sentence.tok")
    lines = [[f"lmkit {shlex.join(arguments)}" for arguments in step.pipeline] for step in steps(language)]
    shown = ""
    for commands in lines:
        ended = run_line(" | ".join(commands), tmp_path)
        assert ended.returncode == 0, ended.stderr.decode()
        shown += ended.stdout.decode()
    assert all(figure in shown for figure in (*figures, "8/√65"))
    beginnings = {" ".join(command.split()[1:3]) for commands in lines for command in commands}
    assert {"count --top", "ngram train", "smooth --laplace", "smooth --kneser-ney", "entropy -n"} <= beginnings
    assert {
        "perplexity counts.safetensors",
        "onehot toy.test.tok",
        "cooc --top",
        "vectors svd",
        "neural train",
    } <= beginnings


@pytest.mark.parametrize(
    "line",
    [
        "lmkit count corpora/toy.tok",
        "lmkit count --workers 2 corpora/fr.test.tok",
        "lmkit --version",
        "lmkit ngram train -q corpora/toy.tok",
        "lmkit entropy --json corpora/toy.tok",
    ],
)
def test_a_full_disk_behind_stdout_is_an_error(line: str) -> None:
    result = shell(f"{line} > /dev/full")
    assert result.returncode == 1
    assert b"lmkit: No space left on device (standard output).\n" in result.stderr


@pytest.mark.parametrize(
    "line",
    ["lmkit count < /dev/null", "lmkit count <&-", "lmkit count corpora/toy.tok >&-", "lmkit count missing 2>&-"],
)
def test_closed_streams_are_no_crash(line: str) -> None:
    result = shell(line)
    assert result.returncode in {0, 1, 2}
    assert b"Traceback" not in result.stderr
    assert b"Error" not in result.stderr


def test_nobody_reading_the_narration_does_not_stop_the_work(tmp_path: Path) -> None:
    result = shell(
        f"(sleep 1; lmkit ngram train corpora/toy.tok -o {tmp_path}/m; echo $? > {tmp_path}/code) 2>&1 | true"
    )
    assert result.returncode == 0
    assert (tmp_path / "code").read_text() == "0\n"
    assert (tmp_path / "m").is_file()


@pytest.mark.parametrize("how", ["-o /dev/stdout", "-o -", ""])
def test_a_binary_result_flows_through_pipes(how: str) -> None:
    result = run_line(f"lmkit ngram train -q corpora/toy.tok {how} | lmkit ngram info --json -")
    assert json.loads(result.stdout)["tokens"] == 17


def test_convert_writes_to_stdout_and_models_come_through_named_pipes(tmp_path: Path, english_model: Path) -> None:
    lmkit.save(lmkit.load(english_model), tmp_path / "m.arpa")
    lines = [
        f"cat {model} | lmkit perplexity /dev/stdin corpora/en.test.tok --json"
        for model in (english_model, tmp_path / "m.arpa")
    ]
    for line in [*lines, lines[0].replace("/dev/stdin", "-")]:
        assert json.loads(run_line(line).stdout)["perplexity"] == pytest.approx(21.92168, rel=1e-6)
    line = f"lmkit ngram convert {tmp_path}/m.arpa -o - | lmkit ngram info - --json"
    assert json.loads(run_line(line).stdout)["order"] == 3
    assert not (ROOT / "-").exists()


def test_a_pipe_that_starts_slowly_is_recognised(tmp_path: Path, english_model: Path) -> None:
    for source, command in (
        (english_model, "ngram info -"),
        (text_file(tmp_path, gzip.compress(TOY.read_bytes())), "count"),
    ):
        result = shell(f"(head -c 1 {source}; sleep 0.3; tail -c +2 {source}) | lmkit {command}")
        assert result.returncode == 0, result.stderr.decode()


def test_text_that_begins_like_a_compressed_file_is_text(lmkit_run: Run, tmp_path: Path) -> None:
    assert lmkit_run("count", "--top", 1, text_file(tmp_path, "BZh plain\n")).out == "BZh\t1\n"


def test_by_file_keeps_every_file_and_refuses_empty_ones(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    rows = lmkit_run("perplexity", english_model, TOY, TOY, "--by", "file").out.splitlines()
    assert len(rows) == 3
    assert rows[1] == rows[2]
    empty = text_file(tmp_path, "\n")
    result = lmkit_run("perplexity", english_model, empty, "--by", "file", "--fail-above", 1)
    assert (result.code, result.err.splitlines()[0]) == (1, f"lmkit: {empty}: there is no sentence in the text.")


def test_the_signature_shows_how_the_scored_text_was_read(lmkit_run: Run, english_model: Path) -> None:
    figures = json.loads(lmkit_run("perplexity", english_model, TOY, "--blank-lines", "sentence", "--json").out)
    assert "|blank-lines:sentence|" in figures["signature"]
    theirs = ROOT / "tests/reference/srilm/en.mkn_nounk.o3.arpa.gz"
    figures = json.loads(lmkit_run("perplexity", theirs, TOY, "--lowercase", "--json").out)
    assert "|smoothing:arpa|vocabulary:closed|" in figures["signature"]
    assert "|lowercase:yes|" in figures["signature"]
    figures = json.loads(lmkit_run("entropy", "--model", english_model, TOY, "--json").out)
    assert figures["model_signature"].startswith("order:3|smoothing:modified-kneser-ney|")


def test_names_of_files_need_not_be_utf8(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9"
    shutil.copy(os.fsencode(TOY), name)
    for options in (["--by", "file"], ["--by", "file", "--json"], ["--by", "token"], ["--by", "sentence", "--json"]):
        result = lmkit_run("perplexity", english_model, *options, os.fsdecode(name), os.fsdecode(name))
        assert result.code == 0, result.err
        assert "caf\ufffd" in result.out


class Halves:
    """A raw stream that takes only half of what it is given."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, data: memoryview) -> int:
        """Take half of the data, rounded up."""
        part = bytes(data[: (len(data) + 1) // 2])
        self.taken += part
        return len(part)


def test_a_stream_that_takes_only_a_part_gets_the_rest() -> None:
    stream = Halves()
    assert WholeWrites(stream).write(b"0123456789") == 10
    assert stream.taken == b"0123456789"


def test_precision_is_kept_and_can_be_changed(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-q", train_text("en"), "-o", tmp_path / "c")
    smooth = ("smooth", "--kneser-ney", "--backed-off", "--precision", "double", "-q", tmp_path / "c", "-o")
    lmkit_run(*smooth, tmp_path / "d.arpa")
    lmkit_run(*smooth, tmp_path / "d.safetensors")
    arpa, own = (
        json.loads(lmkit_run("perplexity", tmp_path / name, TOY, "--json").out) for name in ("d.arpa", "d.safetensors")
    )
    assert arpa == own
    assert "|precision:double|" in own["signature"]
    lmkit_run(
        "ngram", "convert", "-q", tmp_path / "d.safetensors", "--precision", "single", "-o", tmp_path / "s.safetensors"
    )
    assert (
        "|precision:single|"
        in json.loads(lmkit_run("perplexity", tmp_path / "s.safetensors", TOY, "--json").out)["signature"]
    )
    dtypes = [lmkit.load_model(tmp_path / f"{name}.safetensors").log10_probs[1].dtype.name for name in "ds"]
    assert dtypes == ["float64", "float32"]
    assert (tmp_path / "s.safetensors").stat().st_size < (tmp_path / "d.safetensors").stat().st_size


def test_a_figure_of_zero_has_no_sign(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "a\n")
    lmkit_run("ngram", "train", "-q", "-n", 2, text, "-o", tmp_path / "c")
    assert "cross_entropy_bits\t0\n" in lmkit_run("perplexity", tmp_path / "c", text).out
    assert "kl_divergence_bits\t0\n" in lmkit_run("entropy", "--model", tmp_path / "c", text).out


def test_a_window_wider_than_any_text_is_no_more_work(lmkit_run: Run) -> None:
    out = lmkit_run("cooc", "--window", 3_000_000, "--weighting", "flat", "--top", 1, TOY).out
    assert out == "chat\tle\t3\n"  # le chat; le … le chat


def test_files_may_be_called_like_options(lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(TOY, tmp_path / "--discount-fallback")
    assert lmkit_run("count", "--top", 1, "--", "--discount-fallback").out == "le\t3\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "one smoothing is needed.\nGive one of --kneser-ney, --natural, --absolute, --witten-bell, --katz, --jelinek-mercer, --laplace, --stupid-backoff, --all."),
        (["--katz", "--natural"], "one model is written, and 2 are wanted.\nGive one of --kneser-ney, --natural, --absolute, --witten-bell, --katz, --jelinek-mercer, --laplace, --stupid-backoff, --all."),
        (["--katz", "--alpha", "1"], "--alpha belongs to --laplace, not to --katz."),
        (["--witten-bell", "--discount", "1"], "--discount belongs to --kneser-ney or --absolute, not to --witten-bell."),
        (["--kneser-ney", "--discount", "1"], "--discount is for --one-discount.\nModified Kneser-Ney has three: --discounts D1 D2 D3."),
        (["--kneser-ney", "--one-discount", "--discounts", "1", "1", "1"], "--discounts are three, and --one-discount has one.\nGive it with --discount D."),
        (["--absolute", "--discount", ".5", "--discount-fallback"], "--discount-fallback makes no sense with --discount: nothing is estimated then."),
        (["--jelinek-mercer", "--order-weight", ".5", "--held-out", "x"], "--order-weight makes no sense with --held-out, which is there to find the weights."),
        (["--all"], "--all compares smoothings on a text of its own.\nName it with --held-out FILE."),
        (["--katz", "-n", "2", "-n", "3"], "several orders were given.\n--all compares several; otherwise give one."),
        (["--katz", "--prune", "0,x"], "--prune '0,x' is not a list of whole numbers.\nWrite it as 0,0,1."),
    ],
)  # fmt: skip
def test_options_of_smoothings_that_do_not_fit(
    lmkit_run: Run, tmp_path: Path, options: list[str], message: str
) -> None:
    lmkit_run("ngram", "train", train_text("fr"), "-o", tmp_path / "c")
    result = lmkit_run("smooth", *options, tmp_path / "c", "-o", tmp_path / "m")
    assert (result.code, result.err.split("sentences")[-1].partition("lmkit: ")[2].strip()) == (2, message)
    assert not (tmp_path / "m").exists()


def test_one_step_training_takes_a_fallback(lmkit_run: Run, tmp_path: Path) -> None:
    arguments = ["ngram", "train", "-n", "2", TOY, "-o", tmp_path / "m"]
    assert lmkit_run(*arguments, "--kneser-ney").code == 1
    assert lmkit_run(*arguments, "--kneser-ney", "--discount-fallback").code == 0
    assert "|discounts:fixed@1,fixed@2|" in lmkit_run("ngram", "info", tmp_path / "m").out
    assert lmkit_run(*arguments, "--discount-fallback", "fixed").code == 2


def test_all_smoothings_in_one_table_and_the_best_is_kept(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", train_text("fr"), "-o", tmp_path / "c")
    arguments = ["smooth", "--all", "--held-out", held_out_text("fr"), tmp_path / "c", "-n", "1", "-n", "3", "--closed"]
    rows = [json.loads(line) for line in lmkit_run(*arguments, "--json", "-o", tmp_path / "best").out.splitlines()]
    assert len(rows) == 2 * len(ALL)
    srilm = {"katz": 26.45649, "kneser-ney": 20.40764, "witten-bell": 21.97852, "witten-bell-backoff": 22.12833}
    found = {row["smoothing"]: row["perplexity_excluding_oov"] for row in rows if row["order"] == 3}
    assert {name: found[name] for name in srilm} == pytest.approx(srilm, rel=1e-6)
    best = json.loads(lmkit_run("perplexity", tmp_path / "best", held_out_text("fr"), "--json").out)
    proper = [row["perplexity_excluding_oov"] for row in rows if row["smoothing"] != "stupid-backoff"]
    assert best["perplexity_excluding_oov"] == min(proper)
    table = lmkit_run(*arguments).out.splitlines()
    assert table[0].split("\t") == ["order", "smoothing", "options", "perplexity", "perplexity_excluding_oov", "remark"]
    assert [line.split("\t")[1] for line in table[1:]] == [row["smoothing"] for row in rows]


def test_a_held_out_text_that_was_trained_on_is_a_warning(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", train_text("fr"), "-o", tmp_path / "c")
    seen = lmkit_run("smooth", "--jelinek-mercer", "--held-out", train_text("fr"), tmp_path / "c", "-o", tmp_path / "m")
    assert seen.code == 0
    assert f"warning: nearly all n-grams of {train_text('fr')} were seen in training" in seen.err
    new = lmkit_run(
        "smooth", "--jelinek-mercer", "--held-out", held_out_text("fr"), tmp_path / "c", "-o", tmp_path / "m"
    )
    assert "warning" not in new.err
    (tmp_path / "empty").write_bytes(b"")
    empty = lmkit_run(
        "smooth", "--jelinek-mercer", "--held-out", tmp_path / "empty", tmp_path / "c", "-o", tmp_path / "n"
    )
    assert empty.code == 1
    assert "there is no sentence in the text" in empty.err
    assert not (tmp_path / "n").exists()
