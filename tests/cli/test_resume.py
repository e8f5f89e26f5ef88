"""Commands that are killed, as by kill −9, and go on with --resume."""

import os
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.engine.progress import Advance, Watcher, watched_by
from tests.conftest import TOY, Run, shell, text_file, train_text
from tests.killed import Killing

KILLS = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 6
SEED = 16
KILLED = -9
SUFFIXES = {"cooc": ".npz", "tokenizer": ".json"}  # of what commands write
LIBRARIES = {
    "vectors word2vec": ("gensim",),
    "tokenizer train": ("tokenizers",),
}  # of commands that others do the work of


def at_random(number: int) -> list[float]:
    """So many shares of the way through a command; the same each time."""
    chosen = random.Random(SEED)  # noqa: S311 (no secret)
    return [1 - chosen.random() for _ in range(number)]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two counts files, and a matrix of how often words stand near each other."""
    folder = tmp_path_factory.mktemp("counts")
    paths = [folder / "en.safetensors", folder / "fr.safetensors"]
    for language, path in zip(("en", "fr"), paths, strict=True):
        lmkit.save(lmkit.count_ngrams(train_text(language), 4), path)
    lmkit.save_matrix(folder / "en.npz", lmkit.cooccurrence(lmkit.encode_text(train_text("en"))))
    return [*paths, folder / "en.npz"]


@pytest.fixture(scope="module")
def killing() -> Iterator[Killing]:
    """What runs commands and kills them."""
    with Killing() as made:
        yield made


def test_a_killed_training_goes_on_to_the_same_bytes_and_repeats_a_fifth_at_most(
    killing: Killing, tmp_path: Path
) -> None:
    command = ["ngram", "train", "--kneser-ney", train_text("en"), "--tmp", tmp_path, "-q", "--workers", "2"]
    output = tmp_path / "x.safetensors"
    plain, whole, jobs = killing(command, output, [[share] for share in at_random(KILLS)])
    assert whole == replace(plain, points=whole.points)
    for killed, ended in jobs:
        assert (killed.code, ended.code, ended.made) == (KILLED, 0, plain.made)
        if not killed.made:  # else, the job was done
            assert killed.tokens + ended.tokens <= 1.2 * plain.tokens
    assert list(tmp_path.iterdir()) == [output]


def test_a_training_that_is_killed_again_and_again_gets_on(killing: Killing, tmp_path: Path) -> None:
    command = ["ngram", "train", train_text("fr"), "--tmp", tmp_path, "-q", "--workers", "2"]
    shares = sorted(at_random(KILLS))
    plain, _, [outcomes] = killing(command, tmp_path / "x.safetensors", [shares])
    assert outcomes[-1].made == plain.made
    done = next(place for place, each in enumerate(outcomes) if each.made)
    assert sum(each.tokens for each in outcomes[: done + 1]) <= (1 + 0.2 * done) * plain.tokens


@pytest.mark.parametrize(
    "command",
    [
        ["smooth", "--kneser-ney", "{en}"],
        ["smooth", "--witten-bell", "--backed-off", "--prune", "0,0,1", "{en}"],
        ["ngram", "merge", "{en}", "{fr}"],
        ["cooc", "--window", "4", "{text}"],
        ["vectors", "svd", "-d", "4", "{text}"],
        ["vectors", "glove", "-d", "4", "{text}"],
        ["vectors", "glove", "-d", "4", "--optimizer", "adagrad", "--sweeps", "2", "{text}"],
        ["vectors", "glove", "-d", "4", "--sweeps", "2", "{matrix}"],
        ["vectors", "word2vec", "-d", "4", "{text}"],
        [
            "vectors",
            "word2vec",
            "-d",
            "4",
            "--architecture",
            "cbow",
            "--hierarchical-softmax",
            "--epochs",
            "2",
            "{text}",
        ],
        ["tokenizer", "train", "--vocabulary-size", "300", "{text}"],
        ["tokenizer", "train", "--algorithm", "wordpiece", "--vocabulary-size", "300", "{text}"],
        ["tokenizer", "train", "--algorithm", "unigram", "--vocabulary-size", "500", "{text}"],
    ],
    ids=" ".join,
)
def test_a_killed_command_goes_on_to_the_same_bytes(
    killing: Killing, tmp_path: Path, counts: list[Path], command: list[str]
) -> None:
    for library in LIBRARIES.get(" ".join(command[:2]), ()):
        pytest.importorskip(library, reason=f"{library} is an extra")
    output = tmp_path / ("x" + SUFFIXES.get(command[0], ".safetensors"))
    named = {"en": counts[0], "fr": counts[1], "text": train_text("en"), "matrix": counts[2]}
    line = [*(word.format(**named) for word in command), "--tmp", tmp_path]
    line += ["--workers", "2"] if " ".join(command[:2]) not in LIBRARIES else []
    plain, whole, jobs = killing(line, output, [[share] for share in at_random(max(KILLS // 3, 2))])
    assert whole.made == plain.made
    for killed, ended in jobs:
        assert (killed.code, ended.code, ended.made) == (KILLED, 0, plain.made)
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    "command",
    [
        ["ngram", "train", "--kneser-ney", "--cutoff", "2", "{text}"],
        ["ngram", "merge", "{en}", "{fr}"],
        ["smooth", "--kneser-ney", "{en}"],
        ["smooth", "--kneser-ney", "--backed-off", "{en}"],
    ],
    ids=" ".join,
)
def test_orders_that_are_finished_are_not_worked_on_again(
    lmkit_run: Run, tmp_path: Path, counts: list[Path], command: list[str]
) -> None:
    """They are neither linked to their histories nor are their counts adjusted, which was a third of the work."""
    stages: list[str] = []

    class Told(Watcher):
        def stage(self, name: str, total: int | None) -> Advance:
            stages.append(name)
            return super().stage(name, total)

    named = {"en": counts[0], "fr": counts[1], "text": train_text("en")}
    line = [*(word.format(**named) for word in command), "--tmp", tmp_path, "-o", tmp_path / "x.safetensors"]
    line += ["-q", "--resume", "--keep-runs"]
    with watched_by(Told()):
        assert lmkit_run(*line).code == 0
        first = len(stages)
        assert lmkit_run(*line).code == 0
    assert len(set(stages[:first])) > 1
    again = {name for name in stages[first:] if not name.startswith("adjusting")}
    assert again <= {"writing"}
    assert len(stages[first:]) - len(again) <= 1  # of the highest order, the adjusted counts are the counts


def test_counts_are_linked_once_when_they_are_merged(lmkit_run: Run, tmp_path: Path, counts: list[Path]) -> None:
    """What is renumbered becomes a part of the sum, and is no model by itself."""
    line = ["ngram", "merge", *counts[:2], "--tmp", tmp_path, "-o", tmp_path / "x.safetensors", "-q", "--resume"]
    lmkit_run(*line, "--keep-runs")
    kept = {path.name for path in kept_job(tmp_path).glob("*.piece")}
    work = [f"1-renumbering-renumbered-{length}" for length in (2, 3, 4)]
    work += [f"2-merging-{name}-{length}" for name in ("merged", "linked") for length in (2, 3, 4)]
    assert kept == {f"{name}.piece" for name in work}


def kept_job(tmp: Path) -> Path:
    """The folder of the only job."""
    [folder] = tmp.glob("lmkit-job-*")
    return folder


def test_what_is_kept_serves_again_and_goes_when_it_is_not_asked_for(lmkit_run: Run, tmp_path: Path) -> None:
    line = [
        "ngram",
        "train",
        "--kneser-ney",
        "--discount-fallback",
        "fixed",
        TOY,
        "--tmp",
        tmp_path,
        "-o",
        tmp_path / "toy.arpa",
    ]
    first = lmkit_run(*line, "--resume", "--keep-runs")
    made = (tmp_path / "toy.arpa").read_bytes()
    folder = kept_job(tmp_path)
    assert first.err == lmkit_run(*line).err  # without --resume, it is not looked at
    again = lmkit_run(*line, "--resume")
    assert again.err == f"lmkit: going on from {folder}\n{first.err}"
    assert (tmp_path / "toy.arpa").read_bytes() == made
    assert not folder.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (["-n", "4"], "order was 2, and is 4"),
        (["--lowercase"], "lowercase was not given, and is True"),
    ],
)
def test_another_setting_is_refused_by_name(lmkit_run: Run, tmp_path: Path, change: list[str], told: str) -> None:
    text = text_file(tmp_path, "a b\nA b\n")
    line = ["ngram", "train", text, "--tmp", tmp_path, "-o", tmp_path / "x.safetensors", "--resume", "--keep-runs"]
    lmkit_run(*line, "-n", "2")
    refused = lmkit_run(*line, *(["-n", "2"] if "-n" not in change else []), *change)
    folder = kept_job(tmp_path)
    assert refused.code == 2
    assert refused.err == (
        f"lmkit: the job of {folder} was begun otherwise: {told}.\n"
        f"Go on with the same files and options, or remove {folder} to begin anew.\n"
    )
    assert lmkit_run(*line, "-n", "2", "--workers", "1", "--memory", "1G").code == 0  # no result depends on these


def test_another_input_is_refused_by_name(lmkit_run: Run, tmp_path: Path) -> None:
    text, words = text_file(tmp_path, "a b\n"), text_file(tmp_path, "a\n", "words.txt")
    line = ["ngram", "train", text, "--vocabulary", words, "--tmp", tmp_path, "-o", tmp_path / "x.safetensors"]
    lmkit_run(*line, "--resume", "--keep-runs")
    text_file(tmp_path, "a b c\n")
    text_file(tmp_path, "b\n", "words.txt")
    refused = lmkit_run(*line, "--resume")
    assert f"{text} had 4 bytes, and has 6; {words} has other bytes, though as many." in refused.err
    assert refused.code == 2


def test_text_that_changed_within_is_told_by_the_name_of_its_file(lmkit_run: Run, tmp_path: Path) -> None:
    first, second = text_file(tmp_path, "a b\n" * 40_000, "1.txt"), text_file(tmp_path, "c d\n" * 40_000, "2.txt")
    line = ["ngram", "train", first, second, "--tmp", tmp_path, "-o", tmp_path / "x.safetensors", "--resume"]
    lmkit_run(*line, "--keep-runs")
    text_file(tmp_path, "c d\n" * 20_000 + "d c\n" + "c d\n" * 19_999, "2.txt")
    refused = lmkit_run(*line)
    assert refused.code == 1
    (folder,) = tmp_path.glob("lmkit-job-*")
    assert refused.err.endswith(
        f"lmkit: {first}, {second}: changed since it was counted.\nBring it back, or remove {folder} to begin anew.\n"
    )


@pytest.mark.parametrize(
    "command",
    [["vectors", "glove", "-d", "2"], ["vectors", "word2vec", "-d", "2", "--epochs", "1"], ["tokenizer", "train"]],
)
def test_what_learns_from_another_text_does_not_go_on(lmkit_run: Run, tmp_path: Path, command: list[str]) -> None:
    for library in LIBRARIES.get(" ".join(command[:2]), ()):
        pytest.importorskip(library, reason=f"{library} is an extra")
    text = text_file(tmp_path, "a b c\n" * 40_000)
    output = tmp_path / ("x" + SUFFIXES.get(command[0], ".safetensors"))
    line = [*command, text, "--tmp", tmp_path, "-o", output, "--resume"]
    assert lmkit_run(*line, "--keep-runs").code == 0
    text_file(tmp_path, "a b c\n" * 20_000 + "a c b\n" + "a b c\n" * 19_999)
    refused = lmkit_run(*line)
    assert refused.code == 1
    assert f"lmkit: {text}: changed since " in refused.err


def test_threads_that_word2vec_was_begun_with_are_a_setting(lmkit_run: Run, tmp_path: Path) -> None:
    """By one worker, the result is always the same; by several, it never is."""
    pytest.importorskip("gensim", reason="gensim is an extra")
    line = ["vectors", "word2vec", "-d", "2", TOY, "--tmp", tmp_path, "-o", tmp_path / "x.safetensors", "--resume"]
    lmkit_run(*line, "--keep-runs")
    assert "was begun otherwise: workers was not given, and is 2." in lmkit_run(*line, "--workers", 2).err


def test_word2vec_by_threads_goes_on(lmkit_run: Run, tmp_path: Path) -> None:
    pytest.importorskip("gensim", reason="gensim is an extra")
    line = ["vectors", "word2vec", "-d", "2", train_text("en"), "--workers", 2, "--tmp", tmp_path, "--resume"]
    line += ["-o", tmp_path / "x.safetensors"]
    assert lmkit_run(*line, "--keep-runs").code == 0
    assert kept_job(tmp_path)
    assert lmkit_run(*line).code == 0


def test_a_full_disk_ends_word2vec_with_what_it_needs(tmp_path: Path) -> None:
    """For gensim would wait for ever for a thread of its own that raises an error."""
    pytest.importorskip("gensim", reason="gensim is an extra")
    output = tmp_path / "x.safetensors"
    command = f"lmkit vectors word2vec -q {train_text('en')} --resume --tmp {tmp_path} -o {output}"
    full = shell(f"ulimit -f 200; {command}")  # blocks of 512 or 1,024 bytes
    assert full.returncode == 1
    assert b"hat is finished stays, and the same command goes on." in full.stderr
    assert not output.exists()
    assert shell(command).returncode == 0
    assert list(tmp_path.iterdir()) == [output]


def test_a_damaged_run_is_told_and_counted_again(lmkit_run: Run, tmp_path: Path) -> None:
    line = ["ngram", "train", TOY, "--tmp", tmp_path, "-o", tmp_path / "x.safetensors", "--resume"]
    lmkit_run(*line, "--keep-runs")
    made = (tmp_path / "x.safetensors").read_bytes()
    piece = kept_job(tmp_path) / "1-counting-run-00000.piece"
    damaged = bytearray(piece.read_bytes())
    damaged[-3] ^= 1
    piece.write_bytes(damaged)
    again = lmkit_run(*line)
    assert f"lmkit: {piece} is damaged; what it held is made again.\n" in again.err
    assert (tmp_path / "x.safetensors").read_bytes() == made


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            ["ngram", "train", "-"],
            "standard input can be read only once.\nWrite the text to a file first, or leave --resume out.",
        ),
        (["smooth", "--kneser-ney"], "--resume reads its files again, and standard input can be read only once."),
        (["ngram", "train", "--count-lists", TOY], "--resume does not go with --count-lists, which reads lists."),
        (
            ["smooth", "--kneser-ney", "s3://bucket/counts.safetensors"],
            "--resume knows files by their bytes, and s3://bucket/counts.safetensors is not on this machine.",
        ),
        (["smooth", "--all", "--held-out", TOY, TOY], "--resume does not go with --all."),
    ],
)
def test_what_cannot_be_resumed_is_refused(lmkit_run: Run, tmp_path: Path, line: list[Any], message: str) -> None:
    refused = lmkit_run(*line, "--resume", "--tmp", tmp_path, "-o", tmp_path / "x.safetensors")
    assert refused.code == 2
    assert message in refused.err
    assert not list(tmp_path.iterdir())


def test_a_vocabulary_from_a_pipe_is_refused(tmp_path: Path) -> None:
    """Another one might come out of a pipe of the same name."""
    refused = shell(f"lmkit ngram train {TOY} --resume --tmp {tmp_path} --vocabulary <(echo le) -o {tmp_path}/x.arpa")
    assert refused.returncode == 2
    assert b"can be read only once." in refused.stderr
    assert not list(tmp_path.iterdir())


def test_a_result_for_a_pipe_is_that_for_standard_output(tmp_path: Path) -> None:
    """Pipes have other names each time."""
    command = f"lmkit ngram train -q --resume --keep-runs --tmp {tmp_path} {TOY}"
    made = [shell(f"{command} -o {output} | cat").stdout for output in ("-", "/dev/stdout")]
    assert made[0] == made[1] != b""
    assert kept_job(tmp_path)


def test_runs_are_kept_only_with_resume(lmkit_run: Run) -> None:
    assert lmkit_run("ngram", "train", TOY, "--keep-runs").err == "lmkit: --keep-runs is for --resume.\nGive both.\n"


def test_what_breaks_off_is_told_with_how_it_goes_on(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmkit.ngrams.counting.count.RUN_TOKENS", 2)
    monkeypatch.setattr("lmkit.text.sources.reading.BLOCK_BYTES", 4)
    text = text_file(tmp_path, b"a b\n" * 20 + b"\xff\n")
    line = ["ngram", "train", text, "--tmp", tmp_path, "--resume", "-o", tmp_path / "x.safetensors", "--workers", "1"]
    broken = lmkit_run(*line)
    folder = kept_job(tmp_path)
    assert broken.code == 1
    told = f"lmkit: {folder} has what is finished: the same command goes on from there with --resume\n"
    error = f"lmkit: {text}:21: invalid UTF-8 (byte 0xff) at byte offset 80.\n"
    assert broken.err.startswith(told + error)
    assert lmkit_run(*line).err.startswith(f"lmkit: going on from {folder}\n{told}{error}")


def test_a_result_on_standard_output_is_resumed_by_its_inputs(tmp_path: Path) -> None:
    command = f"lmkit ngram train -q --resume --keep-runs --tmp {tmp_path}"
    one, other, again = (shell(f"{command} {text}").stdout for text in (TOY, train_text("fr"), TOY))
    assert one == again != other
    assert len(list(tmp_path.glob("lmkit-job-*"))) == 2
    assert re.match(rb".{8}\{", one)
