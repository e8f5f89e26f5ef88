"""`lmkit neural train`: what it says, writes and leaves, and how it ends."""

import re
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest

import lmkit
from lmkit.cli.options.neural import choosing
from lmkit.cli.options.neural.training import HELP, Shaped, Trained
from lmkit.neural.training.settings import TrainingSettings
from tests.conftest import ROOT, Run, held_out_text, read_table, text_file, train_text

SMALL = ("--unit", "character", "--dimensions", 8, "--layers", 1, "--heads", 2, "--context", 8)
REFUSED = {
    "--architecture rnn": "the architecture is 'rnn'; it must be one of: bigram, feed-forward, transformer.",
    "--architecture bigram --layers 3": "layers is 3, and a bigram has none.\nIt is for transformer; leave it out.",
    "--architecture bigram --batch 3": "batch is 3, and a bigram has no use for it: every step goes over the whole text, and nothing is dropped.",
    "--untied": "tied is False, and a transformer has none.\nIt is for feed-forward; leave it out.",
    "--heads 3": "128 dimensions cannot be shared by 3 heads.\nDimensions must be a multiple of heads.",
    "--epochs 2 --steps 3": "epochs and steps each say how long to train.\nGive one of them.",
    "--optimizer adagrad": "the optimizer is 'adagrad'; it must be one of: gradient-descent, sgd, momentum, adam, adamw.",
    "--cutoff 2 --vocabulary-size 9": "a size of the vocabulary was given, and a cutoff or the vocabulary itself.\nLeave one of them out.",
    "--held-out-share 0.1 --held-out {dev}": "--held-out-share 0.1 and --held-out: the text for validation is one or the other.\nLeave one of them out.",
    "- --held-out -": "the text and --held-out would both be read from standard input.\nName a file for one of them.",
    "--log run.jsonl": "--log run.jsonl: cannot write a table as .jsonl.\nEnd the name in .tsv, .csv or .parquet.",
}  # fmt: skip


@pytest.mark.parametrize("line", REFUSED)
def test_what_contradicts_itself_is_wrong_usage(line: str, tmp_path: Path, lmkit_run: Run) -> None:
    arguments = line.format(dev=held_out_text("en")).split()
    result = lmkit_run("neural", "train", train_text("en"), "-o", tmp_path / "m.safetensors", *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"lmkit: {REFUSED[line]}\n")
    assert list(tmp_path.iterdir()) == []


def test_there_is_an_option_for_every_choice_and_no_other() -> None:
    assert sorted(HELP) == sorted(field.name for field in fields(Trained))
    assert sorted(choosing.HELP) == sorted(field.name for field in fields(Shaped))


def test_defaults_that_depend_on_the_optimizer_are_told_as_they_are(lmkit_run: Run) -> None:
    told = " ".join(lmkit_run("neural", "train", "--help").out.split())
    settings = {name: TrainingSettings.of("transformer", optimizer=name) for name in ("sgd", "adamw")}
    assert f"how fast weights decay [default: {settings['adamw'].decay:g}]." in told
    assert f"of networks by other optimizers than adam and adamw, {settings['sgd'].rate:g} [default: " in told


def test_it_tells_how_it_goes_and_writes_model_and_log(tmp_path: Path, lmkit_run: Run) -> None:
    model, log = tmp_path / "m.safetensors", tmp_path / "run.tsv"
    line = ("neural", "train", *SMALL, "--steps", 20, "--evaluate-every", 0.5)
    result = lmkit_run(*line, train_text("en"), "--held-out", held_out_text("en"), "-o", model, "--log", log)
    assert (result.code, result.out) == (0, "")
    told = result.err.splitlines()
    assert told[0].startswith("lmkit: transformer of ")
    assert "; 20 steps: " in told[0]
    assert told[1].startswith(f"lmkit: validation on {held_out_text('en')}: ")
    rows = read_table(log)
    assert [row["step"] for row in rows] == ["10", "20"]
    for line_told, share, row in zip(told[2:4], (" 50 %, step 10", "100 %, step 20"), rows, strict=True):
        assert line_told.startswith(
            f"lmkit: {share}, {int(row['tokens']):,} tokens: loss {float(row['loss']):.5g} nats, "
        )
        assert f"validation perplexity {float(row['perplexity']):.5g}, " in line_told
        assert " bits per character; " in line_told
    assert told[4:] == ["lmkit: the model after step 20 of 20 is written"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.safetensors", "run.tsv"]
    measured = lmkit_run("perplexity", model, held_out_text("en"), "--json")
    assert f'"perplexity": {float(rows[-1]["perplexity"]):.4f}'[:-1] in measured.out


def test_quiet_says_nothing_and_standard_output_gets_the_same_model(tmp_path: Path, lmkit_run: Run) -> None:
    line = ("neural", "train", *SMALL, "--steps", 3, "-q", train_text("en"))
    printed = lmkit_run(*line)
    assert (printed.code, printed.err) == (0, "")
    assert lmkit_run(*line, "-o", tmp_path / "m.safetensors").err == ""
    assert printed.raw == (tmp_path / "m.safetensors").read_bytes()
    assert lmkit_run(*line, "--resume").err.startswith(
        "lmkit: --resume goes on from beside the model's file, and there is none."
    )


def test_what_diverges_ends_with_1_and_writes_what_was_good(tmp_path: Path, lmkit_run: Run) -> None:
    model = tmp_path / "m.safetensors"
    line = [
        "neural",
        "train",
        *SMALL,
        "--optimizer",
        "sgd",
        "--learning-rate",
        300,
        "--clip",
        1e30,
        "--warmup",
        60,
        "--steps",
        300,
    ]
    result = lmkit_run(*line, "--evaluate-every", 1, "--patience", 1000, train_text("en"), "-o", model, "-q")
    assert result.code == 1
    assert "training diverged: after " in result.err
    assert (
        "Give a --learning-rate below 300, or a --clip below 1e+30." in result.err
    )  # a warm-up of a fifth is as long as it gets
    assert lmkit.perplexity(lmkit.load(model), held_out_text("en")).perplexity < 200
    assert [path.name for path in tmp_path.iterdir()] == ["m.safetensors"]


def started(tmp_path: Path, *more: str) -> "subprocess.Popen[bytes]":
    """A process that trains, from the time on when its checkpoint is there."""
    line = [sys.executable, "-m", "lmkit", "neural", "train", *map(str, SMALL), "--steps", "3000", "--evaluate-every", "5", "--patience", "9999"]  # fmt: skip
    process = subprocess.Popen(
        [*line, str(train_text("en")), "-o", str(tmp_path / "m.safetensors"), *more], stderr=subprocess.PIPE, cwd=ROOT
    )
    for _ in range(600):
        if (tmp_path / "m.checkpoint.safetensors").exists():
            return process
        time.sleep(0.05)
    raise TimeoutError(process.communicate(timeout=1))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_is_asked_to_stop_finishes_its_step_and_says_how_to_go_on(number: int, code: int, tmp_path: Path) -> None:
    process = started(tmp_path)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    checkpoint = tmp_path / "m.checkpoint.safetensors"
    assert f"{checkpoint} has what was learnt: the same command goes on from there with --resume\n" in err.decode()
    assert "Traceback" not in err.decode()
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.name]


def test_what_cannot_be_written_in_the_end_is_not_to_be_learnt_again(tmp_path: Path, lmkit_run: Run) -> None:
    """A full disk where the log goes: the checkpoint stays, and says all that was measured; both are written by going on."""
    model, checkpoint = tmp_path / "m.safetensors", tmp_path / "m.checkpoint.safetensors"
    line = ("neural", "train", *SMALL, "--steps", 20, "--evaluate-every", 10, train_text("en"), "-o", model)
    failed = lmkit_run(*line, "--log", "/dev/full")
    assert failed.code == 1
    assert failed.err.splitlines()[-3:-1] == [
        f"lmkit: {checkpoint} has what was learnt: the same command goes on from there with --resume",
        "lmkit: cannot write /dev/full: No space left on device.",
    ]
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.name]
    assert lmkit_run(*line, "--log", tmp_path / "run.tsv", "--resume").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.safetensors", "run.tsv"]
    assert [row["step"] for row in read_table(tmp_path / "run.tsv")] == ["10", "20"]


KILLED = """
import os, signal, sys
from lmkit.cli.app import run
from lmkit.neural.training.checkpoint import Checkpoints

write = Checkpoints.write

def write_and_die(self, state, steps):
    write(self, state, steps)
    if state.step >= 10:
        os.kill(os.getpid(), signal.SIGKILL)

Checkpoints.write = write_and_die
run(sys.argv[1:])
"""


def test_what_is_killed_goes_on_to_the_same_bytes(tmp_path: Path, lmkit_run: Run) -> None:
    line = ("neural", "train", *SMALL, "--steps", 40, "--evaluate-every", 5, "--dropout", 0.2, "-q", train_text("en"))
    assert lmkit_run(*line, "-o", tmp_path / "whole.safetensors", "--workers", 1).code == 0
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, line), "-o", str(tmp_path / "m.safetensors"), "--workers", "2"],
        check=False,
        cwd=ROOT,
    )
    assert ended.returncode == -signal.SIGKILL
    assert not (tmp_path / "m.safetensors").exists()
    assert lmkit_run(*line, "-o", tmp_path / "m.safetensors", "--resume", "--workers", 3).code == 0
    assert (tmp_path / "m.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.safetensors", "whole.safetensors"]


def test_what_was_broken_off_is_not_begun_anew_unasked(tmp_path: Path, lmkit_run: Run) -> None:
    text_file(tmp_path, "anything", "m.checkpoint.safetensors")
    result = lmkit_run("neural", "train", *SMALL, train_text("en"), "-o", tmp_path / "m.safetensors", "-q")
    assert (result.code, result.err) == (
        1,
        (
            f"lmkit: {tmp_path}/m.checkpoint.safetensors: a training of this model was broken off.\n"
            "Go on from there with --resume, or remove the file to begin anew.\n"
        ),
    )


def test_a_model_is_what_another_training_begins_with(tmp_path: Path, lmkit_run: Run) -> None:
    """At a rate of almost 0, it stays as it was; its words, settings and shape are kept."""
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    assert lmkit_run("neural", "train", *SMALL, "--steps", 10, "-q", train_text("en"), "-o", first).code == 0
    line = ("neural", "train", "--from", first, train_text("fr"), "-o", second, "-q")
    assert lmkit_run(*line, "--learning-rate", 1e-12, "--steps", 1).code == 0
    one, other = lmkit.load(first), lmkit.load(second)
    assert other.vocabulary.same_as(one.vocabulary)
    assert (other.settings, other.shape) == (one.settings, one.shape)
    assert other.parameters.vector == pytest.approx(one.parameters.vector, abs=1e-6)
    assert re.search(r"\|from:[0-9a-f]{8}\|", other.signature())
    assert "|from:" not in one.signature()
    refused = lmkit_run(*line, "--layers", 3)
    assert (refused.code, refused.err) == (
        2,
        f"lmkit: --layers: the model of --from {first} has its shape already.\nLeave it out, or train from the start.\n",
    )
    assert lmkit_run(*line, "--cutoff", 3).err.startswith("lmkit: the model to go on from has its cutoff already.\n")
    refused = lmkit_run(*line, "--unit", "word")
    assert (refused.code, refused.err) == (
        2,
        (
            "lmkit: unit is word here, but the model was made with unit character.\n"
            "The model applies its own setting: leave the option out, or train a model with unit word.\n"
        ),
    )
    no_network = tmp_path / "counts.safetensors"
    lmkit.save(lmkit.count_ngrams(train_text("en"), 1), no_network)
    refused = lmkit_run("neural", "train", "--from", no_network, train_text("fr"), "-o", second, "-q")
    assert (refused.code, refused.err.splitlines()[0]) == (
        1,
        f"lmkit: {no_network} holds n-gram counts, and a neural model is needed.",
    )


def test_an_empty_text_and_a_missing_one_are_told(tmp_path: Path, lmkit_run: Run) -> None:
    empty = text_file(tmp_path, "")
    result = lmkit_run("neural", "train", empty, "-o", tmp_path / "m.safetensors")
    assert (result.code, result.err.splitlines()[0]) == (1, f"lmkit: {empty}: there is no sentence in the text.")
    assert (
        lmkit_run("neural", "train", train_text("en"), "--held-out", "no.txt", "-o", tmp_path / "m.safetensors").code
        == 1
    )
