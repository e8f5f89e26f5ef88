"""Files and folders appear whole or not at all, whoever writes them, however often, and whatever ends it."""

import contextlib
import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

import numpy as np
import pytest

from lmkit.engine.files.outputs import whole_file, whole_folder
from lmkit.engine.files.run_folders import run_folder
from lmkit.engine.files.tensors import write_tensors
from lmkit.engine.files.unfinished import PREFIX, temporary_name
from lmkit.errors import DataError

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
PIECE = 1 << 16  # bytes
NOBODY = 65534
pytestmark = pytest.mark.filterwarnings("ignore:This process")  # is multi-threaded, says Python of those that fork


def write(path: Path, data: bytes) -> None:
    """Write a file."""
    with whole_file(path) as stream:
        stream.write(data)


def write_folder(path: Path, data: bytes) -> None:
    """Write a folder of two files, with the same in both."""
    with whole_folder(path, {"a", "b"}) as folder:
        for name in ("a", "b"):
            (folder / name).write_bytes(data)


def forked(work: Callable[[], Any]) -> int:
    """The number of a process that does some work: it ends with code 0, or 1 where that fails with a DataError."""
    process = os.fork()
    if not process:
        code = 70
        try:
            work()
            code = 0
        except DataError:
            code = 1
        finally:
            os._exit(code)
    return process


def ended(process: int) -> int:
    """How a process ends: its exit code, or −9 and the like."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def left(folder: Path) -> list[Path]:
    """What is not whole in a folder."""
    return [path for path in folder.iterdir() if path.name.startswith(PREFIX) or path.name.startswith("lmkit-run-")]


def killed_while(work: Callable[[Callable[[], None]], None]) -> None:
    """Do some work in a process that is killed where it calls what it is given."""
    receiver, sender = os.pipe()

    def stay() -> None:
        os.write(sender, b".")
        time.sleep(60)

    process = forked(lambda: work(stay))
    assert os.read(receiver, 1)
    os.kill(process, signal.SIGKILL)
    assert ended(process) == -signal.SIGKILL
    os.close(receiver)
    os.close(sender)


def half_written(path: Path) -> Callable[[Callable[[], None]], None]:
    """The work of writing half a file."""

    def work(stay: Callable[[], None]) -> None:
        with whole_file(path) as stream:
            stream.write(b"half")
            stream.flush()
            stay()

    return work


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    """Within this block, new files have no such modes."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_a_name_of_255_bytes_works(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127 + "x")
    write(path, b"x")
    write_folder(tmp_path / ("y" * 255), b"y")
    assert path.read_bytes() == b"x"


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_mode_of_the_umask_from_the_start(tmp_path: Path, mask: int, mode: int) -> None:
    path = tmp_path / "x"
    with umask(mask):
        with whole_file(path) as stream:
            assert os.fstat(stream.fileno()).st_mode & 0o777 == mode
        assert path.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o604, 0o400])
def test_a_file_that_is_replaced_keeps_its_mode_from_the_start(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "x"
    path.touch()
    path.chmod(mode)
    with umask(0o022), whole_file(path) as stream:
        assert os.fstat(stream.fileno()).st_mode & 0o777 == mode
    assert path.stat().st_mode & 0o777 == mode


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_a_file_of_another_user_stays_that_user_s(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o640)
    os.chown(path, NOBODY, NOBODY)
    write(path, b"new")
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (NOBODY, NOBODY, 0o640)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_a_group_that_cannot_be_kept_is_not_exchanged_for_another(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o777)
    path = folder / "x"
    write(path, b"old")  # which imports what is needed: nobody may read it, perhaps
    path.chmod(0o664)

    def as_nobody() -> None:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        write(path, b"new")

    for parent in (tmp_path, *tmp_path.parents):
        if parent.name.startswith(("pytest-", "popen-", tmp_path.name)):
            parent.chmod(0o755)
    assert ended(forked(as_nobody)) == 0
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o644)


def test_of_two_writers_in_one_process_the_last_one_has_the_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with whole_file(path) as first:
        first.write(b"first" * PIECE)
        with whole_file(path) as second:
            second.write(b"second" * PIECE)
        assert path.read_bytes() == b"second" * PIECE
        first.write(b".")
    assert path.read_bytes() == b"first" * PIECE + b"."
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_whatever_64_writers_of_one_name_do_it_is_whole_at_every_moment(tmp_path: Path, kind: str) -> None:
    path, chance = tmp_path / "x", random.Random(17)  # noqa: S311 (no secret)
    writer = write if kind == "file" else write_folder
    writer(path, b"\xff" * PIECE)

    def work(number: int) -> None:
        for _ in range(20 if THOROUGH else 1):
            writer(path, bytes([number]) * PIECE)

    processes = [forked(lambda number=number: work(number)) for number in range(64)]  # type: ignore[misc]
    for process in processes[::3]:  # some are killed at any moment
        read_whole(path, chance.randrange(4))
        os.kill(process, signal.SIGKILL)
    read_whole(path, 50)
    codes = [ended(process) for process in processes]
    assert set(codes) <= {0, -signal.SIGKILL}
    writer(path, b"last" * PIECE)
    assert (path if kind == "file" else path / "b").read_bytes() == b"last" * PIECE
    assert list(tmp_path.iterdir()) == [path]


def read_whole(path: Path, times: int) -> None:
    """See, so many times, that the files are whole, and those of a folder the same."""
    for _ in range(times):
        data = path.read_bytes() if path.is_file() else (path / "a").read_bytes()
        assert data == data[:1] * PIECE


def test_what_a_killed_run_left_of_a_file_goes_with_the_next_run_on_it(tmp_path: Path) -> None:
    path, other = tmp_path / "x", tmp_path / "y"
    path.write_bytes(b"old")
    for each in (path, other):
        killed_while(half_written(each))
    assert path.read_bytes() == b"old"
    assert len(left(tmp_path)) == 2
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert len(left(tmp_path)) == 1  # of the other
    write(other, b"new")
    assert left(tmp_path) == []


def test_what_a_killed_run_left_of_a_folder_goes_with_the_next_run_on_it(tmp_path: Path) -> None:
    def work(stay: Callable[[], None]) -> None:
        with whole_folder(tmp_path / "x", {"a"}) as folder:
            (folder / "a").write_bytes(b"half")
            stay()

    killed_while(work)
    assert len(left(tmp_path)) == 1
    write_folder(tmp_path / "x", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_what_a_killed_run_left_of_its_temporary_files_goes_with_the_next_run(tmp_path: Path) -> None:
    def work(stay: Callable[[], None]) -> None:
        with run_folder(tmp_path) as folder:
            (folder / "messages").write_bytes(b"half")
            stay()

    (tmp_path / "lmkit-job-0123").mkdir()  # goes on with --resume
    killed_while(work)
    assert len(left(tmp_path)) == 1
    with run_folder(tmp_path) as one, run_folder(tmp_path) as two:
        assert sorted(left(tmp_path)) == sorted([one, two])  # the living stay
    assert [path.name for path in tmp_path.iterdir()] == ["lmkit-job-0123"]


def test_what_another_machine_left_goes_only_after_an_hour(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "x", tmp_path / f"{temporary_name('x')[:16]}zzzz-0123abcd.tmp"
    elsewhere.write_bytes(b"half")
    write(path, b"new")
    assert elsewhere.exists()
    os.utime(elsewhere, (time.time() - 3601,) * 2)
    write(path, b"newer")
    assert list(tmp_path.iterdir()) == [path]


def test_links_planted_under_temporary_names_are_neither_followed_nor_opened(tmp_path: Path) -> None:
    target, pipe = tmp_path / "target", tmp_path / temporary_name("x")
    target.write_bytes(b"precious")
    (tmp_path / temporary_name("x")).symlink_to(target)
    os.mkfifo(pipe)
    write(tmp_path / "x", b"new")
    assert target.read_bytes() == b"precious"


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link, target = tmp_path / "link", tmp_path / "folder" / "target"
    link.symlink_to(Path("folder", "target"))
    for data in (b"new", b"newer"):  # at first, it leads to nothing
        write(link, data)
        assert link.is_symlink()
        assert target.read_bytes() == data


def test_a_link_to_itself_is_an_error(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(DataError, match="Too many levels of symbolic links"):
        write(link, b"new")
    assert link.is_symlink()


@pytest.mark.parametrize("redirection", [">", ">>"])
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_what_is_opened_already_is_written_to_where_it_stands(tmp_path: Path, name: str, redirection: str) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    code = f"from lmkit.engine.files.outputs import whole_file\nwith whole_file({name!r}) as s: s.write(b'b')"
    line = f"(printf a; '{sys.executable}' -c \"$1\"; printf c) {redirection} x"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    (tmp_path / "x").write_bytes(b"0")
    subprocess.run(["bash", "-c", line, "bash", code], cwd=tmp_path, check=True, env=environment)
    assert (tmp_path / "x").read_bytes() == (b"0abc" if redirection == ">>" else b"abc")


def test_devices_and_pipes_are_written_to_and_stay(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"through")
    reader.join()
    write(Path(os.devnull), b"away")
    assert read == [b"through"]
    assert pipe.is_fifo()
    with pytest.raises(DataError, match=r"cannot write /dev/full: No space left on device\.\nFree some room"):
        write(Path("/dev/full"), b"x")


def test_a_folder_that_vanishes_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    def vanishing() -> None:
        with whole_file(folder / "x") as stream:
            stream.write(b"new")
            shutil.rmtree(folder)

    with pytest.raises(DataError, match="No such file or directory"):
        vanishing()


def test_a_folder_that_cannot_be_written_to_is_an_error(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents):
        if parent.name.startswith(("pytest-", "popen-", tmp_path.name)):
            parent.chmod(0o755)

    def work() -> None:
        if not os.getuid():
            os.setuid(NOBODY)
        write(tmp_path / "x", b"new")

    write(tmp_path / "x", b"old")  # which imports what is needed: nobody may read it, perhaps
    (tmp_path / "x").unlink()
    tmp_path.chmod(0o555)
    assert ended(forked(work)) == 1
    tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", [0, 1, 4096, 65536, 199_999])
def test_a_limit_on_the_size_of_files_leaves_the_old_one_and_is_told(tmp_path: Path, limit: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    told = tmp_path / "told"
    told.touch()

    def work() -> None:
        with told.open("w", encoding="utf-8", buffering=1) as stream:
            os.dup2(os.memfd_create("told"), stream.fileno())
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            with pytest.raises(DataError, match=r"File too large\.\nThe shell.*ulimit -f"):
                write(path, b"x" * 200_000)

    assert ended(forked(work)) == 0
    assert path.read_bytes() == b"old"
    assert left(tmp_path) == []


ERRORS = [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EINTR]


@pytest.mark.parametrize("call", ["fsync", "pwrite", "replace", "fchmod"])
@pytest.mark.parametrize("number", ERRORS)
def test_whatever_the_system_refuses_the_old_file_stays_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    arrays: dict[str, Any] = {"a": np.arange(1 << 20, dtype=np.uint32), "b": np.zeros(1 << 22, dtype=np.uint8)}

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    def broken() -> None:
        with whole_file(path) as stream:
            write_tensors(arrays, {}, stream)

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(DataError, match=f"cannot write .*: {os.strerror(number)}"):
        broken()
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_syncs_no_folders_is_no_error_and_one_that_fails_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def sync(descriptor: int, number: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112 (it is no path)
            raise OSError(number, os.strerror(number))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", lambda descriptor: sync(descriptor, errno.EINVAL))
    write(tmp_path / "x", b"new")
    monkeypatch.setattr(os, "fsync", lambda descriptor: sync(descriptor, errno.EIO))
    with pytest.raises(DataError, match=r"Input/output error\.\nThe disk, or the way to it, fails"):
        write(tmp_path / "y", b"new")


def test_the_disk_is_full_at_any_byte(tmp_path: Path) -> None:
    """On a small disk of its own, in memory."""
    ours = Path(__file__).parents[2]
    code = (
        "import os, sys; from pathlib import Path; from lmkit.cli.app import run\n"
        "from lmkit.engine.files.outputs import whole_file\n"
        "from lmkit.errors import DataError\n"
        "Path('x').write_bytes(b'old')\n"
        "for room in range(0, 1 << 17, 1 << 14):\n"
        "    Path('filler').write_bytes(bytes((1 << 17) - room))\n"
        "    try:\n"
        "        with whole_file('x') as stream: stream.write(bytes(1 << 18))\n"
        "    except DataError as error: assert 'No space left on device.\\nFree some room' in str(error), error\n"
        "    else: raise SystemExit('there was room')\n"
        "    assert sorted(os.listdir()) == ['filler', 'x'] and Path('x').read_bytes() == b'old'\n"
    )
    line = f"mount -t tmpfs -o size=256k none '{tmp_path}' && cd '{tmp_path}' && exec '{sys.executable}' -c \"$1\""
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c", line, "bash", code],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ours)},
    )
    if b"unshare failed" in done.stderr or b"mount:" in done.stderr:
        pytest.skip(reason="no disks can be mounted here")
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_folder_is_replaced_where_names_cannot_be_swapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    write_folder(path, b"old")
    monkeypatch.setattr("ctypes.CDLL", lambda _: SimpleNamespace())
    write_folder(path, b"new")
    assert (path / "b").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_was_set_aside_by_a_killed_run_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "x", Path.replace
    write_folder(path, b"old")
    monkeypatch.setattr("ctypes.CDLL", lambda _: SimpleNamespace())

    def work(stay: Callable[[], None]) -> None:
        def replace(self: Path, target: Path) -> Path:
            if target == path:
                stay()
            return real(self, target)

        monkeypatch.setattr(Path, "replace", replace)
        write_folder(path, b"new")

    killed_while(work)
    monkeypatch.undo()
    assert not path.exists()
    with pytest.raises(DataError, match="the folder has other files"), whole_folder(path, {"a"}):
        pass
    assert (path / "b").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_arrays_are_whole_in_what_was_opened_to_append(tmp_path: Path) -> None:
    arrays = {name: np.full(3 << 20, number, np.uint32) for number, name in enumerate("abcd")}
    for name, mode in (("whole", "wb"), ("appended", "ab")):
        with (tmp_path / name).open(mode) as stream:
            write_tensors(arrays, {}, cast("BinaryIO", stream))
    assert (tmp_path / "appended").read_bytes() == (tmp_path / "whole").read_bytes()
