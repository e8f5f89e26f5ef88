"""Commands do the same on systems that lack what Linux has, and names on every system are kept to."""

import errno
import ntpath
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmkit.engine.remote.names import is_remote
from lmkit.engine.system.resident import UNKNOWN, resident_bytes
from lmkit.engine.system.room import take_room
from lmkit.text.sources.patterns import parts_of_pattern
from tests.conftest import CORPORA, Run
from tests.systems import SYSTEMS, Lacking, put_in_place

LINES = (
    "count -n 2 {text}",
    "count --unit character {text}",
    "ngram train -n 3 {text} -o {folder}/c.safetensors --memory 1M --tmp {folder}",
    "ngram merge {folder}/c.safetensors {folder}/c.safetensors -o {folder}/twice.safetensors --memory 1M",
    "smooth --kneser-ney {folder}/c.safetensors -o {folder}/m.safetensors --memory 1M",
    "smooth --kneser-ney {folder}/c.safetensors -o {folder}/m.arpa",
    "smooth --kneser-ney {folder}/c.safetensors -o {folder}/m.safetensors",  # over one that is there
    "perplexity {folder}/m.safetensors {test}",
    "perplexity {folder}/m.arpa {test} --by sentence",
    "ngram convert {folder}/m.safetensors -o {folder}/m.arpa.gz",
    "ngram check {folder}/m.arpa",
    "info {folder}/m.safetensors",
    "entropy {text}",
    "next {folder}/m.safetensors la",
    "generate {folder}/m.safetensors --seed 1",
    "cooc {text} -o {folder}/c.npz",
    "vocabulary list {text} -o {folder}/v.txt",
    "filter {folder}/m.safetensors {test} --max-perplexity 300 -o {folder}/kept.txt",
    "ngram train -n 2 {text} -o {folder}/r.safetensors --resume --tmp {folder}",
    "ngram train -n 2 {text} -o {folder}/p.safetensors --processes --workers 2 --memory 1G",
    "tokenize --tokenizer words {test}",
)


def run_all(run: Run, folder: Path) -> Iterator[tuple[str, int, bytes]]:
    """The lines, their exit codes and what they print; then the files that they wrote."""
    folder.mkdir()
    names = {"folder": folder, "text": CORPORA / "fr.train.tok", "test": CORPORA / "fr.test.tok"}
    for line in LINES:
        result = run(*line.format(**names).split())
        yield line, result.code, result.raw.replace(bytes(folder), b"")
    for path in sorted(folder.rglob("*")):
        yield path.relative_to(folder).as_posix(), 0, path.read_bytes() if path.is_file() else b""


def test_commands_do_the_same_where_the_system_has_less(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = list(run_all(lmkit_run, tmp_path / "linux"))
    assert {code for _, code, _ in usual} == {0}
    for system, lacking in SYSTEMS.items():
        with monkeypatch.context() as patch:
            lacking(patch)
            assert list(run_all(lmkit_run, tmp_path / system)) == usual, system


FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]\Z')  # in names of files under Windows
RESERVED = re.compile(r"(?i:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(\..*)?")


def test_the_names_that_lmkit_gives_to_files_are_names_under_windows(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    names = {"folder": tmp_path, "text": CORPORA / "fr.train.tok", "test": CORPORA / "fr.test.tok"}
    seen: set[str] = set()

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "os.mkdir", "os.rename") and noting:
            seen.update(Path(str(each)).name for each in arguments[:2] if str(tmp_path) in str(each))

    noting = True
    sys.addaudithook(note)  # which stays, and has nothing to do from then on
    for line in (
        *LINES,
        "ngram train -n 3 {text} -o {folder}/whole.lmkit",
        "tokenizer train {text} --vocabulary-size 300 -o {folder}/bpe.json",
    ):
        assert lmkit_run(*line.format(**names).split()).code == 0, line
    noting = False
    assert len(seen) > 30
    assert [name for name in sorted(seen) if FORBIDDEN.search(name) or RESERVED.fullmatch(name)] == []


@pytest.mark.parametrize(
    "name", [r"C:\texts\a.txt", "C:/texts/a.txt", "c://texts/a.txt", r"\\server\share\a.txt", r"data\**\*.txt"]
)
def test_a_drive_is_no_scheme(name: str) -> None:
    assert not is_remote(name)


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        (r"C:\data\**\*.txt", ("C:\\data", ["**", "*.txt"])),
        (r"C:/data/**/*.txt", ("C:\\data", ["**", "*.txt"])),
        (r"data\?.txt", ("data", ["?.txt"])),
    ],
)
def test_a_pattern_of_windows_has_its_folders(
    monkeypatch: pytest.MonkeyPatch, pattern: str, parts: tuple[str, list[str]]
) -> None:
    put_in_place(monkeypatch, os=Lacking(os, path=ntpath, sep="\\", altsep="/"))
    folder, rest = parts_of_pattern(pattern)
    assert (ntpath.normpath(folder), rest) == parts


@pytest.mark.parametrize("ends", ["\r\n", "\r\n\r\n"])
def test_lines_that_end_as_under_windows_are_the_same_lines(lmkit_run: Run, tmp_path: Path, ends: str) -> None:
    text = (CORPORA / "fr.test.tok").read_text(encoding="utf-8")
    for name, content in (("unix", text), ("windows", text.replace("\n", ends))):
        (tmp_path / name).write_bytes(content.encode())
    unix, windows = (lmkit_run("count", "-q", "-n", 2, tmp_path / name).raw for name in ("unix", "windows"))
    assert unix == windows


def no_allocation(error: int) -> Callable[..., None]:
    """What takes room on disks that take none at once."""

    def fallocate(*_: int) -> None:
        raise OSError(error, os.strerror(error))

    return fallocate


@pytest.mark.parametrize("lacking", [None, errno.EINVAL, errno.EOPNOTSUPP])
def test_room_is_taken_where_systems_and_disks_take_none_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lacking: int | None
) -> None:
    if lacking is None:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    else:
        monkeypatch.setattr(os, "posix_fallocate", no_allocation(lacking), raising=False)
    with (tmp_path / "room").open("w+b") as file:
        take_room(file.fileno(), 3_000_001)
        told = os.fstat(file.fileno())
    assert told.st_size == 3_000_001
    assert told.st_blocks * 512 >= told.st_size  # there is no hole in it


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_told_when_room_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "posix_fallocate", no_allocation(errno.EINVAL), raising=False)
    with Path("/dev/full").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        take_room(file.fileno(), 1)


def test_the_memory_that_is_held_is_what_the_system_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 10 << 20 < resident_bytes() < UNKNOWN
    for system in ("win32", "darwin"):  # where the function is missing
        put_in_place(monkeypatch, sys=Lacking(sys, platform=system))
        assert resident_bytes() == UNKNOWN
