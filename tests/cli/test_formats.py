"""Commands on texts in all formats."""

import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.text.sources.names import TextFile
from tests.conftest import CASES, CORPORA, TOY, Run, held_out_text, text_file, train_text
from tests.shell_lines import run_line
from tests.texts import json_lines, table

BAD = '{"text": "le chat dort"}\n{"text": "le\n{"text": null}\n{"id": 1}\n{"text": "la nuit"}\n'


@pytest.fixture
def model(tmp_path: Path, lmkit_run: Run) -> Path:
    """A model of the French text."""
    counts, path = tmp_path / "counts.safetensors", tmp_path / "model.safetensors"
    lmkit_run("ngram", "train", "-q", train_text("fr"), "-o", counts)
    lmkit_run("smooth", "-q", "--kneser-ney", counts, "-o", path)
    return path


def sentences_of(language: str) -> list[str]:
    """The test sentences of a language."""
    return held_out_text(language).read_text(encoding="utf-8").split("\n")[:-1]


@pytest.mark.parametrize(
    "command",
    [
        ("count", "-n", 2),
        ("ngram", "train", "-q"),
        ("entropy",),
        ("onehot",),
        ("cooc",),
        ("perplexity", "MODEL"),
        ("perplexity", "MODEL", "--by", "token", "--json"),
        ("entropy", "--model", "MODEL"),
    ],
    ids=lambda command: " ".join(map(str, command)),
)
def test_every_command_reads_a_field_as_it_reads_text(
    lmkit_run: Run, tmp_path: Path, model: Path, command: tuple[object, ...]
) -> None:
    arguments = [model if argument == "MODEL" else argument for argument in command]
    path = text_file(tmp_path, json_lines(sentences_of("fr"), "body"), "x.jsonl")
    plain = lmkit_run(*arguments, held_out_text("fr"))
    fields = lmkit_run(*arguments, "--field", "body", path)
    assert (fields.code, fields.err) == (plain.code, plain.err)
    assert plain.code == 0
    assert fields.raw == plain.raw


def test_standard_input_is_text_unless_a_format_is_told() -> None:
    line = """printf '{"text": "a b"}\\n' | lmkit count --top 1"""
    assert run_line(line).stdout == b'"a\t1\n'
    assert run_line(f"{line} --format jsonl").stdout == b"a\t1\n"
    assert run_line("printf 'id;text\\n1;a b\\n' | gzip | lmkit count --format csv").stdout == b"a\t1\nb\t1\n"
    result = run_line(f"{line} --field text")
    assert result.returncode == 2
    assert result.stderr.decode() == (
        "lmkit: the field text was asked for, but <stdin> is read as plain text, which has no fields.\n"
        "Say what it is with --format jsonl, csv, tsv or parquet, or leave --field out; "
        "in a folder of all kinds of files, name those with the field by a pattern.\n"
    )


def test_skipped_lines_are_told_even_if_narration_is_not(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, BAD, "x.jsonl")
    result = lmkit_run("count", "--quiet", path)
    assert result.code == 1
    assert result.err == (
        f"lmkit: {path}:2: not valid JSON (Unterminated string starting at column 10).\n"
        "--skip-bad-lines skips such lines, and tells how many they were.\n"
    )
    told = "lmkit: 2 bad lines were skipped; the first: "
    where = f"{path}:2: not valid JSON (Unterminated string starting at column 10)."
    for command in (("count", "--quiet", "--top", 1), ("ngram", "train", "--quiet", "-o", tmp_path / "x")):
        result = lmkit_run(*command, "--skip-bad-lines", path)
        assert (result.code, result.err) == (0, f"{told}{where}\n")
    other = text_file(tmp_path, "id,text\n1,a\n2\n", "x.csv")
    result = lmkit_run("count", "--skip-bad-lines", path, other)
    assert result.err == f"lmkit: 3 bad lines were skipped in 2 files; the first: {where}\n"


def test_a_text_of_nothing_but_bad_lines_has_no_sentence(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, '{"texte": "a"}\n', "x.jsonl")
    result = lmkit_run("count", "--skip-bad-lines", path)
    assert result.code == 1
    assert result.err == (
        f"lmkit: 1 bad line was skipped; {path}:1: there is no field text.\n"
        f"lmkit: {path}: there is no sentence in the text.\n"
        "It is empty, or has only blank lines (see --blank-lines).\n"
    )


def test_figures_by_sentence_and_errors_have_the_lines_of_the_records(
    lmkit_run: Run, tmp_path: Path, model: Path
) -> None:
    path = text_file(tmp_path, '\n{"text": "le chat\\ndort"}\n\n{"text": null}\n{"text": "la nuit"}\n', "x.jsonl")
    rows = lmkit_run("perplexity", model, "--by", "sentence", path).out.splitlines()[1:]
    assert [row.split("\t")[0] for row in rows] == ["2", "2", "5"]
    bad = text_file(tmp_path, 'text\n"a\nb"\n\n"c\n<s>"\n', "x.csv")
    assert lmkit_run("count", bad).err.startswith(f"lmkit: {bad}:5: the text contains the reserved word <s>.\n")


def test_figures_by_file_of_a_folder(lmkit_run: Run, tmp_path: Path, model: Path) -> None:
    sentences = sentences_of("fr")
    folder = tmp_path / "folder"
    folder.mkdir()
    text_file(folder, json_lines(sentences[:30]), "a.jsonl")
    text_file(folder, "\n".join(sentences[30:]) + "\n", "b.txt")
    rows = [
        json.loads(row) for row in lmkit_run("perplexity", model, folder, "--by", "file", "--json").out.splitlines()
    ]
    assert [(row["file"], row["sentences"]) for row in rows] == [(f"{folder}/a.jsonl", 30), (f"{folder}/b.txt", 31)]
    whole = json.loads(lmkit_run("perplexity", model, folder, "--json").out)
    assert whole == json.loads(lmkit_run("perplexity", model, held_out_text("fr"), "--json").out)


def test_held_out_texts_come_in_all_formats(lmkit_run: Run, tmp_path: Path, model: Path) -> None:
    held_out = held_out_text("fr")
    path = table(tmp_path / "x.parquet", {"body": sentences_of("fr")})
    counts = tmp_path / "counts.safetensors"
    commands = (
        ("smooth", "--jelinek-mercer", counts, "-o", tmp_path / "x", "--held-out"),
        ("smooth", "--all", counts, "--held-out"),
        ("ngram", "prune", model, "--keep", 100, "--history", counts, "-o", tmp_path / "x", "--held-out"),
        ("ngram", "mix", model, model, "-o", tmp_path / "x", "--held-out"),
        ("ngram", "convert", model, "--quantize", 8, "-o", tmp_path / "x", "--held-out"),
    )
    for command in commands:
        plain, fields = lmkit_run(*command, held_out), lmkit_run(*command, path, "--field", "body")
        assert fields.code == 0
        assert (fields.raw, fields.err) == (plain.raw, plain.err.replace(str(held_out), str(path)))


def test_skipped_lines_of_a_text_that_is_read_often_are_told_once(lmkit_run: Run, tmp_path: Path, model: Path) -> None:
    assert model
    path = text_file(tmp_path, BAD, "x.jsonl")
    result = lmkit_run("smooth", "--all", tmp_path / "counts.safetensors", "--held-out", path, "--skip-bad-lines")
    assert result.err.count("2 bad lines were skipped") == 1


def test_held_out_folders_are_read_and_pipes_and_options_without_a_text_refused(
    lmkit_run: Run, tmp_path: Path, model: Path
) -> None:
    assert model
    folder = tmp_path / "folder"
    folder.mkdir()
    text_file(folder, held_out_text("fr").read_bytes())
    command = ("smooth", "--jelinek-mercer", tmp_path / "counts.safetensors", "-o", tmp_path / "x")
    assert lmkit_run(*command, "--held-out", folder).code == 0
    result = lmkit_run(*command, "--held-out", "-")
    assert (result.code, result.err) == (
        2,
        "lmkit: --held-out - is read several times, and a pipe only once.\nGive a file.\n",
    )


@pytest.mark.parametrize(
    "told",
    [
        ["--include", "*.txt"],
        ["--exclude", "*.txt"],
        ["--format", "jsonl"],
        ["--field", "body"],
        ["--no-header"],
        ["--skip-bad-lines"],
    ],
)
def test_options_of_a_text_are_refused_by_their_names_where_there_is_none(
    lmkit_run: Run, tmp_path: Path, model: Path, told: list[str]
) -> None:
    counts, output = tmp_path / "counts.safetensors", ["-o", tmp_path / "x.safetensors"]
    lines: list[list[Any]] = [
        ["smooth", "--jelinek-mercer", counts, *output],
        ["ngram", "prune", model, "--keep", 10, *output],
        ["ngram", "convert", model, *output],
        ["ngram", "mix", model, model, "--weight", "0.5", "--weight", "0.5", *output],
        ["ngram", "train", "--count-lists", counts, *output],
        ["vocabulary", "compare", model, model],
    ]
    for line in lines:
        result = lmkit_run(*line, *told)
        assert (result.code, result.err.split(" is for ")[0]) == (2, f"lmkit: {told[0]}"), line


def test_texts_of_vocabularies_are_read_as_everywhere(lmkit_run: Run, tmp_path: Path) -> None:
    """As options say, and from folders, too."""
    folder = tmp_path / "folder"
    folder.mkdir()
    one = text_file(folder, json_lines(["le chat"], "body"), "a.jsonl")
    other = text_file(tmp_path, json_lines(["le chien"], "body"), "b.jsonl")
    for a in (one, folder):
        result = lmkit_run("vocabulary", "compare", a, other, "--field", "body", "-q", "--json")
        assert json.loads(result.out)["oov_tokens"] == 1, result.err
    assert lmkit_run("vocabulary", "compare", "lmkit:toy.tok", TOY, "-q").code == 0


def test_lists_of_words_and_models_are_no_texts_whatever_their_names(lmkit_run: Run, tmp_path: Path) -> None:
    words = text_file(tmp_path, "chat\t17\nnuit\t3\n", "words.tsv")
    result = lmkit_run(
        "count", "--vocabulary", words, "--format", "jsonl", text_file(tmp_path, json_lines(["le chat"]), "t")
    )
    assert result.out == "<unk>\t1\nchat\t1\n"
    lmkit_run("ngram", "train", "-q", TOY, "-o", tmp_path / "x.arpa")
    (tmp_path / "x.arpa").rename(tmp_path / "x.csv")
    assert lmkit_run("perplexity", tmp_path / "x.csv", CORPORA / "toy.test.tok").code == 0


def test_the_library_takes_texts_with_their_format(tmp_path: Path) -> None:
    path = text_file(tmp_path, BAD.replace("text", "body"), "x.jsonl")
    text = TextFile(path, field="body", skip_bad_lines=True)
    with pytest.warns(lmkit.SkippedLinesWarning, match="^2 bad lines were skipped; the first: "):
        counts = lmkit.count_ngrams(text, 2)
    assert (counts.sentences, counts["le chat"]) == (2, 1)
    with pytest.warns(lmkit.SkippedLinesWarning):
        assert lmkit.perplexity(counts, [text]).sentences == 2
    with pytest.warns(lmkit.SkippedLinesWarning):
        assert lmkit.encode_text(text).tokens == 9
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lmkit.SkippedLinesWarning)
        assert lmkit.entropy(text).sentences == 2


def test_many_files_without_a_sentence_are_named_in_short(lmkit_run: Run, tmp_path: Path) -> None:
    for number in range(12):
        text_file(tmp_path, "\n", f"{number:02}.txt")
    names = ", ".join(f"{tmp_path}/{number:02}.txt" for number in range(3))
    assert lmkit_run("count", "-q", tmp_path).err.startswith(
        f"lmkit: {names} and 9 more: there is no sentence in the text.\n"
    )


def test_more_json_than_there_is_room_for_may_be_little_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    path = text_file(tmp_path, json_lines(["a b"] * 1000), "x.jsonl")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    assert lmkit.count_ngrams(path, 3, resources=lmkit.Resources(memory=1000, tmp=tmp_path)).sentences == 1000
    plain = text_file(tmp_path, "a b\n" * 1000)
    with pytest.raises(lmkit.DataError, match="no room for temporary files"):
        lmkit.count_ngrams(plain, 3, resources=lmkit.Resources(memory=1000, tmp=tmp_path))


TAKING_LATIN1 = [  # a file in Latin-1 wherever a command takes a text, a list or a model
    "count FILE",
    "count TEXT --vocabulary FILE",
    "ngram train FILE",
    "ngram merge COUNTS --add-words FILE",
    "ngram restrict MODEL --vocabulary FILE",
    "ngram mix MODEL MODEL --held-out FILE",
    "ngram prune MODEL --keep 1 --history self --held-out FILE",
    "ngram info FILE",
    "smooth COUNTS --all --held-out FILE",
    "smooth COUNTS --jelinek-mercer --held-out FILE",
    "perplexity FILE TEXT",
    "perplexity MODEL FILE",
    "perplexity MODEL FILE --by token",
    "perplexity COUNTS FILE --nltk Laplace",
    "compare MODEL MODEL FILE",
    "sentences FILE",
    "tokenize FILE",
    "entropy FILE",
    "entropy --model MODEL FILE",
    "onehot FILE",
    "cooc FILE",
    "vocabulary list FILE",
    "vocabulary growth FILE",
    "vocabulary frequencies FILE",
    "vocabulary compare FILE TEXT",
    "vocabulary compare TEXT FILE --b text",
    "plot zipf FILE --json",
    "plot heaps FILE --json",
    "plot surprisal MODEL --file FILE",
    "plot perplexity COUNTS FILE --json",
    "tokenizer train FILE --vocabulary-size 300 -o OUT",
    "tokenizer encode TOKENIZER FILE",
    "tokenizer decode TOKENIZER FILE",
    "tokenizer info TOKENIZER FILE",
]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A file of each kind that commands read, and one in Latin-1."""
    folder = tmp_path_factory.mktemp("inputs")
    sentences = train_text("fr").read_text(encoding="utf-8").splitlines(keepends=True)[:40]
    text = text_file(folder, "".join(sentences))
    counts = lmkit.count_ngrams(text, 2)
    lmkit.save(counts, folder / "counts.safetensors")
    lmkit.save(lmkit.witten_bell(counts), folder / "model.safetensors")
    tokenizer = lmkit.train_tokenizer(text, "bpe", 300)
    return {
        "FILE": str(text_file(folder, "".join(sentences).replace("’", "'").encode("latin-1", "replace"), "latin1.txt")),
        "TEXT": str(text),
        "COUNTS": str(folder / "counts.safetensors"),
        "MODEL": str(folder / "model.safetensors"),
        "TOKENIZER": str(text_file(folder, tokenizer.json, "tokenizer.json")),
        "OUT": str(folder / "out"),
    }


@pytest.mark.parametrize("line", TAKING_LATIN1)
def test_replacing_bad_bytes_is_advised_where_it_works_and_only_there(
    lmkit_run: Run, inputs: dict[str, str], line: str
) -> None:
    arguments = [inputs.get(word, word) for word in line.split()]
    refused = lmkit_run(*arguments)
    assert refused.code == 1
    assert "invalid UTF-8 (byte 0xe" in refused.err
    assert "iconv -f LATIN1" in refused.err
    replaced = lmkit_run(*arguments, "--encoding-errors", "replace")
    assert ("--encoding-errors replace" in refused.err) == (replaced.code == 0)


def test_bytes_of_models_and_lists_in_other_encodings_are_never_said_to_be_replaceable(lmkit_run: Run) -> None:
    result = lmkit_run("perplexity", CASES / "latin1.arpa", TOY, "--encoding-errors", "replace")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"lmkit: {CASES}/latin1.arpa:10: invalid UTF-8 (byte 0xe9) at byte offset 90.\n"
        "The text may be in another encoding, such as Latin-1: convert it with iconv -f LATIN1 -t UTF-8.\n"
    )


@pytest.mark.parametrize("line", ["count TOY --vocabulary FILE", "perplexity FILE TOY", "vocabulary compare FILE TOY"])
def test_lists_and_models_that_are_no_text_are_told_by_their_kind(lmkit_run: Run, tmp_path: Path, line: str) -> None:
    kinds = {
        "UTF-16 text": "le\nchat\n".encode("utf-16"),
        "a binary model of SRILM": b"SRILM_BINARY_NGRAM_002\n" + bytes(9),
        "a Python pickle": pickle.dumps({"a": 1}),
    }
    for what, data in kinds.items():
        file = text_file(tmp_path, data)
        names = {"FILE": file, "TOY": TOY}
        result = lmkit_run(*(names.get(word, word) for word in line.split()), "--encoding-errors", "replace")
        assert (result.code, result.out) == (1, "")
        wanted = "a model that lmkit reads" if line.startswith("perplexity") else "text"
        assert result.err.startswith(f"lmkit: {file} is not {wanted}: it looks like {what}.\n")
