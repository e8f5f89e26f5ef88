"""Limits of the shell (ulimit) and of the system: told by their names, with what to do."""

import errno
import gzip
import io
import os
import re
import tempfile
import threading
from pathlib import Path

import pytest

from lmkit.engine.system.errors import REMEDIES
from tests.conftest import TOY, Run, shell, train_text


@pytest.mark.parametrize("most", [5, 6, 7])
def test_a_limit_on_open_files_is_told(tmp_path: Path, most: int) -> None:
    ended = shell(f"lmkit --version; ulimit -n {most}; lmkit ngram train -q {TOY} -o {tmp_path}/x.safetensors")
    told = ended.stderr.decode()
    if ended.returncode:
        assert re.fullmatch(r"lmkit: (cannot .*: )?Too many open files.*\.\nThe shell allows .*ulimit -n.*\n", told), (
            told
        )
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        "ngram train -q -n 3 --memory 1M --tmp {tmp} {text} -o {out}/x.arpa.gz",
        "cooc -q --tmp {tmp} {text} -o {out}/x.npz",
        "ngram train -q -n 2 {text} -o {out}/x.safetensors",
        "ngram train -q --resume --tmp {tmp} -n 5 {text} -o {out}/x.safetensors",
        "ngram train -q --processes --workers 1 --tmp {tmp} -n 5 {text} -o {out}/x.safetensors",
    ],
)
def test_a_limit_on_the_size_of_files_is_told_and_is_no_full_disk(tmp_path: Path, line: str) -> None:
    tmp, out = tmp_path / "tmp", tmp_path / "out"
    tmp.mkdir()
    out.mkdir()
    ended = shell(f"ulimit -f 8; lmkit {line.format(tmp=tmp, out=out, text=train_text('en'))}")
    told = ended.stderr.decode()
    assert ended.returncode == 1, told
    assert "File too large.\nThe shell, or the kind of disk, allows no file of this size: see ulimit -f." in told
    assert "Traceback" not in told
    assert list(out.iterdir()) == []
    assert all(path.name.startswith("lmkit-job-") for path in tmp.iterdir())


@pytest.mark.parametrize(
    "line",
    [
        "ngram train -q -n 3 --memory 1K --tmp {tmp} {text} -o {out}/x.safetensors",
        "filter -q --keep 50% --tmp {tmp} {model} {text}",
        "filter -q --keep 50% --tmp {tmp} {model} {text} --against {model} -o {out}/x.txt",
        "matches -q --tmp {tmp} {text} {toy}",
        "cooc -q --tmp {tmp} {text} -o {out}/x.npz",
        "count -q {packed}",
    ],
)
def test_a_temporary_file_that_fails_once_more_when_it_is_closed_is_told_as_such(
    line: str, lmkit_run: Run, tmp_path: Path, english_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be written stays to be written, as much as buffers hold, and they hold much since Python 3.14."""
    tmp, out = tmp_path / "tmp", tmp_path / "out"
    tmp.mkdir()
    out.mkdir()

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))

        def close(self) -> None:
            if not self.closed:
                super().close()
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    packed = tmp_path / "x.parquet.gz"
    packed.write_bytes(gzip.compress(b"PAR1"))
    given = {"tmp": tmp, "out": out, "text": train_text("en"), "model": english_model, "packed": packed, "toy": TOY}
    ended = lmkit_run(*(word.format(**given) for word in line.split()))
    assert ended.code == 1
    assert re.fullmatch(
        r"lmkit: .*(temporary files|kept|copied) (in|to) \S*(: | first: )File too large\.\n.*\n", ended.err
    ), ended.err
    assert list(out.iterdir()) == list(tmp.iterdir()) == []


def test_a_limit_on_memory_below_what_libraries_take_is_told(tmp_path: Path) -> None:
    ended = shell(f"ulimit -v 260000; lmkit ngram train {TOY} -o {tmp_path}/x.safetensors")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr.decode()
    assert "memory" in ended.stderr.decode().lower()


def test_a_training_without_any_thread_gives_the_same_bytes(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ["ngram", "train", "-q", "-n", 3, "--workers", 4, train_text("en")]
    assert lmkit_run(*line, "-o", tmp_path / "with.safetensors").code == 0

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert lmkit_run(*line, "-o", tmp_path / "without.safetensors").code == 0
    assert (tmp_path / "with.safetensors").read_bytes() == (tmp_path / "without.safetensors").read_bytes()


@pytest.mark.parametrize("number", sorted(REMEDIES))
def test_each_error_of_the_system_has_a_remedy_of_its_own(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    out = tmp_path / "x.safetensors"
    ended = lmkit_run("ngram", "train", "-q", TOY, "-o", out)
    assert (ended.code, ended.err) == (1, f"lmkit: cannot write {out}: {os.strerror(number)}.\n{REMEDIES[number]}\n")
    assert ("room" in ended.err) == (number in (errno.ENOSPC, errno.EDQUOT))
    assert list(tmp_path.iterdir()) == []


def test_what_unbuffered_output_has_no_room_for_is_an_error(tmp_path: Path) -> None:
    ended = shell(f"ulimit -f 1; PYTHONUNBUFFERED=1 lmkit ngram train --help > {tmp_path}/help.txt")
    assert ended.returncode == 1
    assert "File too large" in ended.stderr.decode()


def test_a_text_that_is_not_there_is_told_before_worker_processes(lmkit_run: Run, tmp_path: Path) -> None:
    ended = lmkit_run("ngram", "train", "--processes", tmp_path / "none.txt", "-o", tmp_path / "x.safetensors")
    assert ended.code == 1
    assert ended.err.startswith(f"lmkit: cannot read {tmp_path}/none.txt: ")
