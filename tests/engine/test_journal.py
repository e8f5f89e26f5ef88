"""The folder of a job: pieces that are finished, who is at work, what it was begun with."""

import json
import os
import re
import socket
import sys
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmkit.engine.journal.checkpoint import checkpoint
from lmkit.engine.journal.inputs import Input, input_by_ends, whole_input
from lmkit.engine.journal.journal import Job, kept, part_of_job, room_taken
from lmkit.engine.journal.locking import take
from lmkit.engine.journal.pieces import Pieces
from lmkit.engine.journal.steps import Made, Steps
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError, UsageError
from lmkit.version import __version__
from tests.conftest import TOY, shell

JOB = Job("ngram train", "/models/kn.arpa", {"order": 5, "closed": False}, {"a.txt": Input(9, "aa")})
ARRAYS = {
    "words": np.arange(5, dtype=np.uint8),
    "places": np.array([-1, 2**40]),
    "values": np.array([0.5, np.inf, np.nan]),
    "none": np.zeros(0, np.int32),
}


def same(one: object, other: object) -> bool:
    return bool(np.array_equal(np.asarray(one), np.asarray(other), equal_nan=np.asarray(one).dtype.kind == "f"))


def folder_of(job: Job, tmp: Path) -> Path:
    return tmp / job.folder


def test_a_piece_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    Pieces(tmp_path, "1-").keep("run", ARRAYS, {"blocks": 3})
    found = Pieces(tmp_path, "1-").find("run", Scratch())
    assert found is not None
    assert found.said == {"blocks": 3}
    assert found.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found.arrays[name].dtype == array.dtype
        assert same(found.arrays[name], array)
    assert Pieces(tmp_path, "1-").find("other") is None
    assert Pieces(tmp_path, "2-").find("run") is None


@pytest.fixture(scope="module")
def kept_piece(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A piece with ARRAYS."""
    folder = tmp_path_factory.mktemp("piece")
    Pieces(folder, "").keep("run", ARRAYS, {"blocks": 3})
    return folder / "run.piece"


@given(st.data())
def test_a_piece_with_a_changed_byte_or_a_lost_end_is_never_used(kept_piece: Path, data: st.DataObject) -> None:
    whole = kept_piece.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    damaged = data.draw(st.sampled_from([whole[:at], whole[:at] + changed + whole[at + 1 :]]))
    path = kept_piece.with_name("damaged.piece")
    path.write_bytes(damaged)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            found = Pieces(kept_piece.parent, "").find("damaged")
        except DataError as error:  # the changed byte is that of the format
            assert "a piece in format" in str(error)  # noqa: PT017 (it need not be raised)
            return
    if found is None:
        assert [str(each.message) for each in told] == [f"{path} is damaged; what it held is made again."]
        assert not path.exists()
    else:  # blanks of the header may be others
        assert found.said == {"blocks": 3}
        assert all(same(found.arrays[name], array) for name, array in ARRAYS.items())


def test_a_piece_of_another_format_is_refused(tmp_path: Path) -> None:
    Pieces(tmp_path, "").keep("run", ARRAYS)
    path = tmp_path / "run.piece"
    path.write_bytes(path.read_bytes().replace(b'"format": "1"', b'"format": "7"'))
    message = (
        f"{path}: a piece in format 7, and this lmkit goes on from format 1.\n"
        f"Use the lmkit that began the job, or remove {tmp_path} to begin anew."
    )
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        Pieces(tmp_path, "").find("run")


def test_a_full_disk_is_told_and_what_is_finished_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = Pieces(tmp_path, "")
    pieces.keep("first", ARRAYS)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"no room for temporary files in .*: 1 MB are needed next") as refused:
        pieces.keep("second", {"large": np.zeros(1 << 20, np.uint8)})
    assert str(refused.value).endswith("Free some room there: what is finished stays, and the same command goes on.")
    assert pieces.names() == ["first"]
    assert list(tmp_path.iterdir()) == [tmp_path / "first.piece"]


def taking(taken: list[int], number: int) -> Callable[[], Made]:
    """A step that adds its number to what it was handed."""

    def take() -> Made:
        taken.append(number)
        return {"made": np.array([number])}, ({"next": np.array([number + 1])} if number % 3 else {})

    return take


@given(st.integers(1, 8), st.lists(st.integers(0, 8), max_size=5))
def test_steps_are_taken_once_however_often_the_work_breaks_off(
    tmp_path_factory: pytest.TempPathFactory, number: int, breaks: list[int]
) -> None:
    pieces, names = Pieces(tmp_path_factory.mktemp("steps"), "1-"), [f"step-{place}" for place in range(number)]
    taken: list[int] = []
    for end in [*breaks, number]:
        steps, before = Steps(pieces, names, Scratch(), "runs"), len(taken)
        for place in range(min(end, number)):
            given, handed_on = steps.step(names[place], taking(taken, place))
            assert given["made"].tolist() == [place]
            if before - 1 <= place < number - 1:  # the next step is still to be taken
                assert same(handed_on.get("next", []), [place + 1] if place % 3 else [])
    assert taken == list(range(number))
    assert not [name for name in pieces.names() if name not in names]


def test_steps_made_of_something_else_are_taken_again(tmp_path: Path) -> None:
    pieces, taken = Pieces(tmp_path, ""), []  # type: tuple[Pieces, list[int]]
    Steps(pieces, ["a", "b"], Scratch(), "one").step("a", taking(taken, 1))
    Steps(pieces, ["a", "b"], Scratch(), "other").step("a", taking(taken, 1))
    assert taken == [1, 1]


def test_without_a_journal_nothing_is_kept(tmp_path: Path) -> None:
    assert part_of_job("counting") is None
    with kept(JOB, tmp_path):
        assert part_of_job("counting") is not None
    assert part_of_job("counting") is None


def test_the_folder_goes_when_the_job_is_done_and_stays_as_asked_or_after_a_break(tmp_path: Path) -> None:
    def work(*, keeps: bool, breaks: bool, keep: bool = False) -> bool:
        with pytest.raises(KeyboardInterrupt) if breaks else nullcontext(), kept(JOB, tmp_path, keep=keep) as journal:
            if keeps:
                journal.part("counting").keep("run", ARRAYS)
            if breaks:
                raise KeyboardInterrupt
        return folder_of(JOB, tmp_path).exists()

    assert not work(keeps=True, breaks=False)
    assert not work(keeps=False, breaks=True)
    assert work(keeps=True, breaks=True)
    assert work(keeps=False, breaks=False, keep=True)
    assert not work(keeps=False, breaks=False)


def test_pieces_of_a_job_that_ended_while_its_folder_was_removed_are_not_used(tmp_path: Path) -> None:
    with kept(JOB, tmp_path, keep=True) as journal:
        journal.part("counting").keep("run", ARRAYS)
    (folder_of(JOB, tmp_path) / "job.json").unlink()
    with kept(JOB, tmp_path) as journal:
        assert len(journal) == 0


def test_a_second_process_is_refused_by_the_number_of_the_first(tmp_path: Path) -> None:
    message = (
        f"{folder_of(JOB, tmp_path)}: process {os.getpid()} on {socket.gethostname()} is at work on this job.\n"
        "Wait until it has ended, or write to another file with -o."
    )
    with kept(JOB, tmp_path), pytest.raises(DataError, match=f"^{re.escape(message)}$"), kept(JOB, tmp_path):
        pass
    with kept(JOB, tmp_path):
        pass


def test_files_that_cannot_be_locked_are_not_said_to_be_another_process(tmp_path: Path) -> None:
    """Some file systems of networks lock none."""
    with (tmp_path / "file").open("w") as stream:
        descriptor = stream.fileno()
    with pytest.raises(OSError, match="Bad file descriptor"):
        take(descriptor)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no bash")
def test_a_disk_without_room_for_the_lock_is_told_in_words(tmp_path: Path) -> None:
    ended = shell(f"ulimit -f 0; lmkit ngram train {TOY} --resume --tmp {tmp_path} -o {tmp_path}/x.arpa")
    assert ended.returncode == 1
    assert re.match(rb"lmkit: cannot lock .*lock: File too large\.\nThe folder needs room", ended.stderr)


def test_a_checkpoint_is_that_of_the_last_share_and_of_the_same_training(tmp_path: Path) -> None:
    """A sixteenth of the training, at least, lies between two."""
    with kept(JOB, tmp_path, keep=True):
        found = checkpoint("training", ["text", b"bytes", np.arange(3)])
        assert found is not None
        assert found.find() is None
        for share, due in ((0.05, False), (0.07, True), (0.1, False), (0.14, True)):
            assert found.is_due(share) is due
            if due:
                found.keep(share, {"weights": np.array([share])}, {"pass": 1})
    with kept(JOB, tmp_path, keep=True):
        found = checkpoint("training", ["text", b"bytes", np.arange(3)])
        assert found is not None
        piece = found.find()
        assert piece is not None
        assert (piece.arrays["weights"].tolist(), piece.said["pass"], found.is_due(0.19)) == ([0.14], 1, False)
    with kept(JOB, tmp_path):
        found = checkpoint("training", ["text", b"bytes", np.arange(4)])
        assert found is not None
        with pytest.raises(DataError, match=r"^a\.txt: changed since the training began\."):
            found.find()
    assert checkpoint("training", iter(())) is None


def test_what_is_finished_counts_as_room(tmp_path: Path) -> None:
    with kept(JOB, tmp_path):
        pieces = part_of_job("runs")
        assert pieces is not None
        pieces.keep("run", {"counts": np.zeros(1000, np.uint8)})
        assert 1000 < room_taken() < 2000
    assert room_taken() == 0


def test_a_job_that_was_begun_otherwise_is_refused_by_what_is_different(tmp_path: Path) -> None:
    with kept(JOB, tmp_path, keep=True):
        pass
    folder = folder_of(JOB, tmp_path)
    other = replace(
        JOB, made_with={"order": 4, "closed": False}, inputs={"a.txt": Input(12, "ab"), "b.txt": Input(1, "b")}
    )
    message = (
        f"the job of {folder} was begun otherwise: order was 5, and is 4; b.txt is asked for, and was not read; "
        "a.txt had 9 bytes, and has 12.\n"
        f"Go on with the same files and options, or remove {folder} to begin anew."
    )
    assert Job("ngram train", "/models/other.arpa", {}, {}).folder != JOB.folder
    assert other.folder == JOB.folder
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"), kept(other, tmp_path):
        pass


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "lmkit 0.0.9 began this job, in format 2, and this lmkit goes on from format 1."),
        ({"format": 2, "inputs": [["a.txt", 9]]}, "in format 2, and this lmkit goes on from format 1."),
        ({}, f"was begun otherwise: lmkit was 0.0.9, and is {__version__}."),
        ({"inputs": 3}, "job.json is damaged."),
    ],
)
def test_a_job_of_another_version_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with kept(JOB, tmp_path, keep=True):
        pass
    path = folder_of(JOB, tmp_path) / "job.json"
    told = json.loads(path.read_text())
    told["made_with"]["lmkit"] = "0.0.9"
    path.write_text(json.dumps(told | change))
    with pytest.raises((DataError, UsageError), match=re.escape(message)), kept(JOB, tmp_path):
        pass


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(JOB, tmp_path).mkdir()
    monkeypatch.setattr(os, "getuid", lambda: folder_of(JOB, tmp_path).stat().st_uid + 1)
    with pytest.raises(DataError, match="belongs to another user"), kept(JOB, tmp_path):
        pass


def test_an_input_is_known_by_its_bytes_and_not_by_its_time(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"a" * 200_000)
    for look in (whole_input, input_by_ends):
        before = look(path)
        os.utime(path, (1, 1))
        assert look(path) == before
    middle, ends = whole_input(path), input_by_ends(path)
    path.write_bytes(b"a" * 100_000 + b"b" + b"a" * 99_999)
    assert whole_input(path) != middle
    assert input_by_ends(path) == ends  # what is in the middle, reading tells
    path.write_bytes(b"a" * 199_999 + b"b")
    assert input_by_ends(path) != ends
