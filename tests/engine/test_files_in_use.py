"""Files that are changed, cut or replaced while a model, or a text that is read again, lies in them."""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

import lmkit
from lmkit.cli.output import rendering, standard
from lmkit.cli.output.record_files import open_output
from lmkit.engine.files import in_use, mapped
from lmkit.engine.files.outputs import whole_file
from lmkit.engine.journal.pieces import Pieces
from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings
from lmkit.text.sources.opening import open_part, open_source
from lmkit.text.sources.reading import read_blocks
from lmkit.text.sources.splits import splits_of
from tests.conftest import ROOT, TOY, Run, text_file

TOLD = "was changed while it was in use: what was worked out from it is of neither the old file nor the new one."


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A model that is mapped, small as it is, within a command."""
    monkeypatch.setattr(mapped, "READ_WHOLE", 0)
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(TOY, 2)), tmp_path / "m.safetensors")
    in_use.begin(lambda: None)
    yield tmp_path / "m.safetensors"
    in_use.end()
    gc.collect()  # models that errors hold


def overwritten(path: Path) -> None:
    """Write the same bytes into a file again, at another time."""
    with path.open("r+b") as file:
        file.write(path.read_bytes())
    os.utime(path, ns=(0, 1))


def test_what_is_worked_out_from_a_model_that_was_written_over_is_not_written(path: Path, tmp_path: Path) -> None:
    model = lmkit.load(path)
    overwritten(path)
    with pytest.raises(DataError, match=rf"^{path} {TOLD}"):
        lmkit.save(model, tmp_path / "other.safetensors")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m.safetensors"]


@pytest.mark.parametrize("opened", [whole_file, open_output], ids=["whole file", "records"])
def test_no_file_takes_its_name_that_was_written_while_one_in_use_changed(
    path: Path, tmp_path: Path, opened: Callable[[str], AbstractContextManager[BinaryIO]]
) -> None:
    model = lmkit.load(path)

    def write() -> None:
        with opened(str(tmp_path / "kept.txt")) as stream:
            stream.write(b"a b\n")
            overwritten(path)

    with pytest.raises(DataError, match=TOLD):
        write()
    assert model.order == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m.safetensors"]


def test_shards_of_a_model_that_was_written_over_are_not_written(path: Path, tmp_path: Path) -> None:
    model = lmkit.load(path)
    overwritten(path)
    with pytest.raises(DataError, match=TOLD):
        lmkit.save(model, tmp_path / "m.lmkit")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m.safetensors"]


def test_nothing_is_kept_of_a_job_that_was_worked_out_from_a_model_that_was_written_over(
    path: Path, tmp_path: Path
) -> None:
    model = lmkit.load(path)
    overwritten(path)
    (tmp_path / "job").mkdir()
    with pytest.raises(DataError, match=TOLD):
        Pieces(tmp_path / "job", "1-").keep("half", {"orders": np.array([model.order])})
    assert list((tmp_path / "job").iterdir()) == []


def test_no_line_is_printed_after_a_file_in_use_changed(path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    model = lmkit.load(path)
    rendering.write_line("before")
    overwritten(path)
    with pytest.raises(DataError, match=TOLD):
        rendering.write_line("after")
    standard.flush()
    assert (model.order, capfdbinary.readouterr().out) == (2, b"before\n")


def test_a_model_that_was_cut_is_told_after_it_is_gone_too(path: Path) -> None:
    model = lmkit.load(path)
    os.truncate(path, 100)
    del model
    with pytest.raises(DataError, match=TOLD):
        in_use.refuse_changed()


def test_a_model_that_was_replaced_gives_the_old_figures(path: Path, tmp_path: Path) -> None:
    model = lmkit.load(path)
    expected = lmkit.perplexity(model, TOY)
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(TOY, 1)), path)
    assert lmkit.perplexity(model, TOY) == expected
    lmkit.save(model, tmp_path / "other.safetensors")
    assert lmkit.perplexity(lmkit.load(tmp_path / "other.safetensors"), TOY) == expected


def test_a_program_that_uses_lmkit_may_write_other_models(path: Path, tmp_path: Path) -> None:
    in_use.end()
    model = lmkit.load(path)
    overwritten(path)
    lmkit.save(lmkit.count_ngrams(TOY, 2), tmp_path / "c.safetensors")
    assert model.order == 2


def test_a_small_model_is_read_and_may_be_written_over(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(TOY, 2)), path)
    model = lmkit.load(path)
    path.write_bytes(b"")
    lmkit.save(model, tmp_path / "again.safetensors")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_command_prints_nothing_that_it_worked_out_from_a_file_that_changed(
    lmkit_run: Run, path: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "text")

    def write_model_and_text() -> None:
        with (tmp_path / "text").open("wb") as pipe:  # which somebody opens who has the model
            overwritten(path)
            pipe.write(TOY.read_bytes())

    writer = threading.Thread(target=write_model_and_text)
    writer.start()
    result = lmkit_run("perplexity", "-q", path, tmp_path / "text")
    writer.join()
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"lmkit: {path} {TOLD}")


ENDED = """
import os, sys, threading
import numpy as np
from lmkit.cli.output import standard
from lmkit.engine.files.mapped import MappedFile
standard.start()
found = MappedFile.of(sys.argv[1])
os.truncate(sys.argv[1], 0)
work = lambda: np.frombuffer(found, np.uint8).sum()
if sys.argv[2] == "thread":
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
else:
    work()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not cut files that are mapped")
@pytest.mark.parametrize("where", ["main", "thread"])
def test_a_file_that_is_cut_while_it_is_read_ends_the_command_with_a_message(tmp_path: Path, where: str) -> None:
    path = text_file(tmp_path, "x" * 100_000, "m")
    ended = subprocess.run(
        [sys.executable, "-c", ENDED, str(path), where],
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )
    told = f"lmkit: {path} could not be read: it was cut short while it was in use, or its disk cannot be read.\nRun"
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.decode().startswith(told)


def read(path: Path) -> bytes:
    """All bytes of a text, as a command reads it."""
    with open_source(str(path)) as stream:
        return stream.read()


def test_a_text_that_is_another_when_it_is_read_again_is_told(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a b\n" * 50_000, "text")
    in_use.begin(lambda: None)
    assert read(path) == read(path)
    path.write_bytes(b"a b\n" * 40_000)
    with pytest.raises(
        DataError, match=rf"^{path} has changed while it was read\.\nRun the command again when nothing"
    ):
        read(path)
    in_use.begin(lambda: None)
    assert len(read(path)) == 160_000
    in_use.end()


def test_a_text_that_grows_before_it_is_read_to_its_end_is_read(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a b\n" * 50_000, "text")
    in_use.begin(lambda: None)
    with open_source(str(path)) as stream:
        stream.read(100)
    with path.open("ab") as file:
        file.write(b"c\n")
    assert len(read(path)) == 200_002
    in_use.end()


@pytest.mark.parametrize("size", [0, 100_000, 200_004])
def test_a_text_that_was_cut_into_parts_and_is_another_is_told(tmp_path: Path, size: int) -> None:
    path = text_file(tmp_path, "a b\n" * 50_000, "text")
    first, second = splits_of([path], TextSettings(), 100_000)
    os.truncate(path, size)
    for split in (first, second):
        with pytest.raises(DataError, match="has changed while it was read"):
            list(read_blocks(split, Reading()))


def test_a_text_that_is_written_over_while_a_part_of_it_is_read_is_told(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a b\n" * 50_000, "text")
    (text,) = splits_of([path], TextSettings(), 100_000)[1]
    part = text.part
    assert part is not None

    def read_part() -> None:
        with open_part(path, part) as stream:
            stream.read(10)
            overwritten(path)

    with pytest.raises(DataError, match="has changed while it was read"):
        read_part()
