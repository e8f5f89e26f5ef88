"""Word2Vec by gensim, on text that lmkit reads."""

import gzip
import io
import json
import logging
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.vectors.word2vec.known_text import known_text
from lmkit.vectors.word2vec.library import LEAST_VERSION, missing, numbers_of
from lmkit.vectors.word2vec.settings import Architecture, Loss
from lmkit.vectors.word2vec.training import Fed
from tests.conftest import ROOT, TOY, Run, text_file, train_text
from tests.shell_lines import run_line

gensim = pytest.importorskip("gensim.models.word2vec", reason="there is no gensim for Python 3.14")
SMALL = lmkit.Word2VecSettings(dimensions=8, epochs=2)


def of_lines(lines: list[str], cutoff: int = 1) -> lmkit.EncodedText:
    """A text of these lines."""
    return lmkit.encode_text(io.BytesIO("".join(f"{line}\n" for line in lines).encode()), cutoff=cutoff)


def test_vectors_that_no_memory_holds_are_refused_before_they_are_made() -> None:
    with pytest.raises(lmkit.DataError, match="vectors of 1,000,000,000,000 dimensions take"):
        lmkit.word2vec(of_lines(["a b"]), replace(SMALL, dimensions=10**12))


def test_rows_stand_by_frequency_then_by_code_point_without_unknown_words() -> None:
    """The word c is seen three times, b and é twice; a and z once, and are cut off."""
    vectors = lmkit.word2vec(of_lines(["z c b é", "é c b c a"], cutoff=2), SMALL)
    assert vectors.words.words == [b"c", b"b", "é".encode()]
    assert (vectors.matrix.shape, vectors.method) == ((3, 8), "word2vec")
    assert vectors.matrix.dtype == np.float32
    assert vectors.state["contexts"].shape == (3, 8)


def test_sentences_are_known_words_and_long_ones_are_cut_into_pieces() -> None:
    """By frequency a is 0, b 1; unknown words are gone, and no word is lost where a sentence is cut."""
    known = known_text(of_lines(["a x b a a b a", "y", "b a"], cutoff=2))
    assert list(known.sentences(9)) == [[0, 1, 0, 0, 1, 0], [1, 0]]
    assert list(known.sentences(4)) == [[0, 1, 0, 0], [1, 0], [1, 0]]
    assert (known.counts.tolist(), known.tokens) == ([5, 3], 8)


@pytest.mark.parametrize("architecture", ["skip-gram", "cbow"])
@pytest.mark.parametrize("loss", ["negative-sampling", "hierarchical-softmax"])
def test_vectors_are_those_of_gensim_on_the_same_sentences(architecture: Architecture, loss: Loss) -> None:
    """It gets lists of words, counts them, and drops the rare ones by itself; only the order of equally frequent words is given."""
    path, sampling = train_text("fr"), loss == "negative-sampling"
    sentences = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    counts = Counter(word for sentence in sentences for word in sentence)
    kept = sorted((word for word in counts if counts[word] >= 2), key=lambda word: (-counts[word], word))
    model = gensim.Word2Vec(
        vector_size=8, sg=architecture == "skip-gram", hs=not sampling, negative=5 if sampling else 0, window=5,
        epochs=2, min_count=2, sample=1e-3, workers=1, seed=1, sorted_vocab=0,
    )  # fmt: skip
    model.build_vocab_from_freq({word: counts[word] for word in kept})
    known = [[word for word in sentence if counts[word] >= 2] for sentence in sentences]
    model.train([words for words in known if words], total_words=sum(counts[word] for word in kept), epochs=2)
    text = lmkit.encode_text(path, cutoff=2)
    found = lmkit.word2vec(text, replace(SMALL, architecture=architecture, loss=loss))
    assert [word.decode() for word in found.words.words] == kept
    np.testing.assert_array_equal(found.matrix, model.wv.vectors)
    if sampling:
        np.testing.assert_array_equal(found.state["contexts"], model.syn1neg)
    else:
        assert not found.state


def test_two_processes_give_the_same_vectors_whatever_the_hashes_of_words(tmp_path: Path) -> None:
    code = (
        "import lmkit, sys; settings = lmkit.Word2VecSettings(dimensions=8, epochs=2)\n"
        "lmkit.save(lmkit.word2vec(lmkit.encode_text(sys.argv[1]), settings), sys.argv[2])"
    )
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code, str(train_text("fr")), str(tmp_path / seed)]
        subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_another_seed_gives_other_vectors() -> None:
    text = lmkit.encode_text(TOY)
    one, two = (lmkit.word2vec(text, replace(SMALL, seed=seed)).matrix for seed in (1, 2))
    assert not np.array_equal(one, two)


def test_words_in_like_sentences_have_like_vectors() -> None:
    """« chat » and « chien » stand in the same sentences, « pain » and « lait » in others."""
    draws = np.random.default_rng(1)
    kinds = (("chat", "chien"), ("dort", "court", "mange")), (("pain", "lait"), ("frais", "blanc", "bon"))
    lines = [" ".join(draws.choice(words) for words in (*kind, *kind[1:])) for kind in kinds for _ in range(300)]
    vectors = lmkit.word2vec(of_lines(lines), replace(SMALL, subsample=0, epochs=20))
    unit = vectors.matrix / vectors.norms[:, None]
    chat, chien, pain, lait = (unit[vectors.words.words.index(word)] for word in (b"chat", b"chien", b"pain", b"lait"))
    assert min(chat @ chien, pain @ lait) > 0.9
    assert max(chat @ pain, chien @ lait) < 0.5


def test_a_line_of_25_000_words_is_trained_to_its_end() -> None:
    """By itself, gensim would silently leave out what comes after 10,000 words."""
    words = [f"w{number % 7} v{number // 2500}" for number in range(12_500)]
    cut = [" ".join(words[first : first + 5000]) for first in range(0, 12_500, 5000)]
    settings = replace(SMALL, subsample=0)
    whole, pieces = (lmkit.word2vec(of_lines(lines), settings) for lines in ([" ".join(words)], cut))
    np.testing.assert_array_equal(whole.matrix, pieces.matrix)


def test_any_text_that_lmkit_reads_is_trained_on(lmkit_run: Run, tmp_path: Path) -> None:
    lines = TOY.read_text(encoding="utf-8").splitlines()
    records = "".join(json.dumps({"text": line}) + "\n" for line in lines)
    path = tmp_path / "toy.jsonl.gz"
    path.write_bytes(gzip.compress(records.encode()))
    for text, name in ((TOY, "plain"), (path, "json")):
        assert lmkit_run("vectors", "word2vec", "-d", 5, text, "-o", tmp_path / name).code == 0
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "json").read_bytes()
    characters = lmkit_run("vectors", "word2vec", "--unit", "byte", "-d", 5, TOY, "-o", tmp_path / "bytes")
    assert (
        characters.err == f"lmkit: {len(set(''.join(lines).encode()))} vectors of 5 dimensions\n"
    )  # none of absent bytes


def test_the_command_writes_vectors_and_their_settings(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run(
        "vectors", "word2vec", "--architecture", "cbow", "--hierarchical-softmax", "-d", 4, "--window", 2, "--epochs", 3,
        "--subsample", 0, "--learning-rate", 0.05, "--seed", 7, "--cutoff", 2, TOY, "-o", tmp_path / "v.safetensors",
    )  # fmt: skip
    assert (result.code, result.out, result.err) == (0, "", "lmkit: 5 vectors of 4 dimensions\n")
    assert lmkit.load_vectors(tmp_path / "v.safetensors").signature() == (
        "method:word2vec|dimensions:4|architecture:cbow|loss:hierarchical-softmax|window:2|epochs:3|subsample:0|learning-rate:0.05|seed:7|workers:1"
        f"|cutoff:2|sentences:line|unit:word|tokenizer:whitespace|lowercase:no|normalize:nfc|reserved:error|blank-lines:skip|lmkit:{lmkit.__version__}"
    )
    piped = run_line(f"cat corpora/toy.tok | lmkit vectors word2vec -d 4 > {tmp_path}/piped")
    assert piped.returncode == 0
    assert len(lmkit.load_vectors(tmp_path / "piped")) == 11


def test_threads_are_told_and_leave_the_seed_out_of_the_signature(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("vectors", "word2vec", "--workers", 2, "-d", 4, train_text("fr"), "-o", tmp_path / "v")
    assert result.err.endswith(" vectors of 4 dimensions; threads: another run gives others\n")
    signature = lmkit.load_vectors(tmp_path / "v").signature()
    assert "|workers:2|" in signature
    assert "seed" not in signature


def test_gensim_logs_nothing_while_it_trains_and_as_before_afterwards(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("gensim")
    with caplog.at_level(logging.DEBUG):
        level = logger.level
        lmkit.word2vec(lmkit.encode_text(TOY), SMALL)
        assert logger.level == level
    assert not caplog.records


def test_a_failure_while_sentences_are_read_is_kept_and_ends_them() -> None:
    """For gensim asks for them in a thread of its own, and would wait for ever."""
    text = lmkit.encode_text(TOY)
    fed = Fed(known_text(text), 100, lambda _: None)
    text._file.close()  # noqa: SLF001 # as if the disk had gone
    assert list(fed) == []
    assert "closed file" in str(fed.failures[0])


def test_texts_without_two_known_words_in_a_sentence_are_refused(lmkit_run: Run, tmp_path: Path) -> None:
    remedy = "Lower --cutoff, or look at --vocabulary, --sentences and --tokenizer: is a sentence one word there?\n"
    for lines, cutoff, known in (("a\nb\na\n", 1, 2), ("a b c\n", 2, 0), ("a b\na c\n", 2, 1)):
        result = lmkit_run("vectors", "word2vec", "--cutoff", cutoff, text_file(tmp_path, lines), "-o", tmp_path / "v")
        assert (result.code, result.err) == (
            1,
            f"lmkit: no sentence of the text has two known words: {known} words are known, and none stands near another.\n{remedy}",
        )
    assert not (tmp_path / "v").exists()
    assert lmkit_run("vectors", "word2vec", text_file(tmp_path, ""), "-o", tmp_path / "v").code == 1


def test_settings_that_make_no_sense_are_refused() -> None:
    for settings, message in (
        ({"dimensions": 0}, "dimensions is 0; it must be 1 or more"),
        ({"epochs": -1}, "epochs is -1; it must be 1 or more"),
        ({"subsample": 1.5}, "subsample is 1.5; it must be a share of the text"),
        ({"learning_rate": float("nan")}, "the learning rate is nan; it must be above 0, and 1 at most"),
        ({"learning_rate": 25}, "the learning rate is 25; it must be above 0, and 1 at most"),
        ({"seed": -1}, "the seed is -1; it must be from 0 to 4294967295"),
        ({"architecture": "glove"}, "the architecture is 'glove'; it must be one of: skip-gram, cbow"),
        ({"loss": "hinge"}, "the loss is 'hinge'; it must be one of: negative-sampling, hierarchical-softmax, softmax"),
    ):
        with pytest.raises(lmkit.UsageError, match=message):
            lmkit.Word2VecSettings(**settings)
    with pytest.raises(lmkit.UsageError, match="there are 0 workers; it must be 1 or more"):
        lmkit.word2vec(of_lines(["a b"]), workers=0)


def test_options_that_contradict_each_other_are_refused(lmkit_run: Run, tmp_path: Path) -> None:
    refused = {
        ("--negative", 5, "--hierarchical-softmax"): (
            "--negative and --hierarchical-softmax are two losses.\nLeave one out.\n"
        ),
        ("--softmax",): (
            "--softmax goes over all words at each step, and is there to be looked at, on small texts.\n"
            "Add --explain, or train with --negative or --hierarchical-softmax.\n"
        ),
        ("--json",): "--json: vectors are no list.\nAdd --explain, or write a file with -o.\n",
        ("--seed", 1, "--workers", 2): (
            "--seed 1 and --workers 2: threads write over each other's vectors, and no seed makes that the same twice.\n"
            "Leave one of them out.\n"
        ),
    }
    for options, message in refused.items():
        result = lmkit_run("vectors", "word2vec", *options, TOY, "-o", tmp_path / "v")
        assert (result.code, result.err) == (2, f"lmkit: {message}")


def test_a_missing_gensim_is_told_with_what_installs_it_or_that_there_is_none() -> None:
    instead = "Without it, `lmkit vectors svd` and `lmkit vectors glove` make vectors of the same text."
    install = f"Install it with: pip install 'lmkit[word2vec]'. {instead}"
    assert str(missing(None, (3, 13))) == f"Word2Vec is trained by gensim, which is not installed.\n{install}"
    assert str(missing("4.3.3", (3, 11))) == (
        f"Word2Vec is trained by gensim, which is of version 4.3.3; 4.4 or later is needed.\n{install}"
    )
    assert str(missing(None, (3, 14))) == (
        "Word2Vec is trained by gensim, which is not installed.\n"
        f"There is no such gensim for Python 3.14: use Python 3.13 or earlier. {instead}"
    )
    assert numbers_of("4.0.1rc1") < LEAST_VERSION <= numbers_of("4.10")


def test_a_gensim_that_does_not_start_is_told_before_the_text_is_read(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    result = lmkit_run("vectors", "word2vec", tmp_path / "no.txt", "-o", tmp_path / "v")
    assert result.code == 1
    assert result.err.startswith(
        f"lmkit: Word2Vec is trained by gensim, and gensim {metadata.version('gensim')} does not start: "
    )
