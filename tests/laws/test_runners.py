"""Whatever carries steps out, the same comes of them; what goes wrong on the way is told as if all had been done here."""

import contextlib
import itertools
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.engine import progress
from lmkit.engine.runners import fork_server, worker
from lmkit.engine.runners.fork_server import REFUSED
from lmkit.engine.runners.local import Local
from lmkit.engine.runners.payloads import compressed, decompressed, packed_value
from lmkit.engine.runners.processes import Processes, reason
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.engine.runners.spark import Spark
from lmkit.engine.runners.starting import ForkServer, start_python
from lmkit.engine.runners.worker import Task, send
from lmkit.errors import DataError, ModelWarning, WorkerWarning
from lmkit.ngrams.counting.supersteps.driver import count_on
from lmkit.statistics.word_list import word_list
from lmkit.vectors.supersteps.driver import cooccurrence_on
from tests.conftest import ROOT, TOY, train_text
from tests.laws import steps, threaded_steps
from tests.laws.engines import ENGINES, where
from tests.laws.test_bounds import file_of
from tests.vectors.matrix_file import matrix_file


class Anew(Processes):
    """Starts each worker anew, whatever the system can do."""

    forks = False


PROCESSES: dict[str, type[Processes]] = {"processes": Processes, "processes anew": Anew}
RUNNERS: dict[str, Callable[[lmkit.Resources], Any]] = {"local": Local, **PROCESSES}
ALL = [*RUNNERS, *ENGINES]
either_way = pytest.mark.parametrize("processes", PROCESSES.values(), ids=PROCESSES)
linux = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")


@contextlib.contextmanager
def runners(name: str) -> Iterator[Callable[[Path], Any]]:
    """What makes a runner of this name, for a folder of temporary files."""
    if name in RUNNERS:
        yield lambda tmp: RUNNERS[name](lmkit.Resources(workers=2, tmp=tmp))
        return
    with where(name) as place:
        yield lambda tmp: Spark(lmkit.Resources(workers=2, tmp=tmp), place)


@pytest.fixture(scope="module", params=ALL)
def runner(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A runner that several laws use."""
    tmp = tmp_path_factory.mktemp("runner")
    with runners(request.param) as make, make(tmp) as opened:
        yield opened
    assert list(tmp.iterdir()) == []


@pytest.fixture(params=ALL)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Makes a runner that may fail."""
    with runners(request.param) as make:
        yield lambda: make(tmp_path)


def given(sizes: list[int]) -> list[Message]:
    """A message of each of these sizes, each to a target of its own, the last first."""
    return [Message(target, DRIVER, "start", b"x" * size) for target, size in reversed(list(enumerate(sizes)))]


def told(sent: Any, kind: str = "told") -> list[str]:
    """What the driver was told."""
    return [bytes(message.payload).decode() for message in sent.to_driver(kind)]


def test_a_target_is_given_its_messages_by_source_kind_and_part(runner: Any) -> None:
    sent = runner.step("scattering", steps.scatter, given([1, 2, 0]))
    assert told(sent, "size") == ["1", "2", "0"]
    expected = [
        "at "
        + " ".join(
            f"{source}:{kind}:{part}:{f'{source}>{target}' * size}"
            for source, size in enumerate([1, 2, 0])
            for kind in "ab"
            for part in (0, 1)
        )
        for target in range(3)
    ]
    again = runner.step("telling", steps.Tell("at "), [], sent)
    assert told(again) == expected


def test_what_the_driver_gives_is_added_to_what_was_sent(runner: Any) -> None:
    sent = runner.step("scattering", steps.scatter, given([1]))
    more = [Message(1, DRIVER, "more", memoryview(b"given")), Message(7, DRIVER, "more", b"alone")]
    assert told(runner.step("telling", steps.Tell(), more, sent))[1:] == [
        "-1:more:0:given 0:a:0:0>1 0:a:1:0>1 0:b:0:0>1 0:b:1:0>1",
        "0:a:0:0>2 0:a:1:0>2 0:b:0:0>2 0:b:1:0>2",
        "-1:more:0:alone",
    ]


def test_a_step_without_messages_sends_none(runner: Any) -> None:
    assert told(runner.step("telling", steps.Tell(), [])) == []


def test_warnings_and_progress_of_targets_are_told_here_in_their_order(runner: Any) -> None:
    class Noted(progress.Watcher):
        """Notes what it is told."""

        def __init__(self) -> None:
            self.tokens_read = self.read = self.done = 0
            self.stages: list[tuple[str, int | None]] = []

        def stage(self, name: str, total: int | None) -> progress.Advance:
            self.stages.append((name, total))
            return self.advance

        def advance(self, number: int) -> None:
            self.done += number

        def tokens(self, number: int) -> None:
            self.tokens_read += number

        def bytes_read(self, number: int) -> None:
            self.read += number

    noted = Noted()
    with progress.watched_by(noted), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        runner.step("warning", steps.warn, given([5, 6, 7]))
    assert [(each.category, str(each.message)) for each in caught] == [
        (ModelWarning, f"target {target} is odd.") for target in range(3)
    ]
    assert (noted.stages, noted.done, noted.tokens_read, noted.read) == ([("warning", 3)], 3, 60, 18)


def test_the_error_of_the_first_target_that_fails_is_raised(fresh: Callable[[], Any], tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught, fresh() as runner:
        runner.step("failing", steps.fail, given([1] * 5))
    assert str(caught.value) == "target 2 is wrong.\nMend it."
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_program_keeps_its_kind(fresh: Callable[[], Any], tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught, fresh() as runner:
        runner.step("breaking down", steps.break_down, given([1]))
    assert str(caught.value) == "1 messages"
    assert list(tmp_path.iterdir()) == []


def test_payloads_beyond_the_memory_are_the_same(tmp_path: Path) -> None:
    with Local(lmkit.Resources(memory=10, tmp=tmp_path)) as runner:
        sent = runner.step("scattering", steps.scatter, given([1, 2, 0]))
        with Local() as other:
            expected = told(other.step("telling", steps.Tell(), [], other.step("", steps.scatter, given([1, 2, 0]))))
        assert told(runner.step("telling", steps.Tell(), [], sent)) == expected


@either_way
def test_the_work_of_a_process_that_dies_is_done_again_and_told(processes: type[Processes], tmp_path: Path) -> None:
    (tmp_path / "deaths").mkdir()
    (tmp_path / "tmp").mkdir()
    with processes(lmkit.Resources(workers=2, tmp=tmp_path / "tmp")) as runner:
        with pytest.warns(WorkerWarning) as warned:
            sent = runner.step("telling", steps.Die(str(tmp_path / "deaths"), 1), given([1, 2, 3]))
        assert told(sent) == ["-1:start:0:x", "-1:start:0:xx", "-1:start:0:xxx"]
        assert told(runner.step("telling", steps.Tell(), given([1]))) == ["-1:start:0:x"]
    assert [str(each.message) for each in warned] == [
        "a worker process died (telling, part 2): it was ended by SIGKILL, as the system does where memory runs short. Its work is done again."
    ]
    assert list((tmp_path / "tmp").iterdir()) == []


@either_way
def test_work_at_which_two_processes_died_is_an_error(processes: type[Processes], tmp_path: Path) -> None:
    (tmp_path / "deaths").mkdir()
    (tmp_path / "tmp").mkdir()
    with pytest.raises(DataError) as caught, processes(lmkit.Resources(workers=2, tmp=tmp_path / "tmp")) as runner:
        runner.step("telling", steps.Die(str(tmp_path / "deaths"), 9), given([1, 2, 3]))
    assert str(caught.value) == (
        "2 worker processes died at the same work (telling, part 2): the last one was ended by SIGKILL, as the system does where memory runs short.\n"
        "Give fewer --workers, each of which has more memory then, or a smaller --memory."
    )
    assert len(list((tmp_path / "deaths").iterdir())) == 2
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (3, "ended with exit code 3"),
        (-15, "was ended by SIGTERM"),
        (-99, "was ended by signal 99"),
        (None, "ended, or was never started, as the process that starts workers died"),
    ],
)
def test_why_a_process_ended_is_said_in_words(code: int | None, expected: str) -> None:
    assert reason(code) == expected


@linux
def test_workers_are_forked_of_one_process_without_threads(tmp_path: Path) -> None:
    with Processes(lmkit.Resources(workers=2, tmp=tmp_path)) as runner:
        sent = runner.step("counting n-grams", steps.tell_parent, given([1] * 8))
        count_on(runner, TOY, 3)  # what counting needs is loaded, and no library has started a thread
        (parent,) = set(told(sent))
        assert int(parent) in children_of(os.getpid())
        assert len(list(Path(f"/proc/{parent}/task").iterdir())) == 1
    assert not Path(f"/proc/{parent}").exists()


@linux
def test_where_threads_are_started_nothing_is_forked(tmp_path: Path) -> None:
    with Processes(lmkit.Resources(workers=2, tmp=tmp_path)) as runner:
        assert told(runner.step("telling", threaded_steps.tell, given([1, 2]))) == ["-1:start:0:x", "-1:start:0:xx"]
        assert set(told(runner.step("telling", steps.tell_parent, given([1])))) == {str(os.getpid())}


@linux
def test_workers_are_started_after_what_they_are_forked_of_died(tmp_path: Path) -> None:
    (tmp_path / "deaths").mkdir()
    (tmp_path / "tmp").mkdir()
    with Processes(lmkit.Resources(workers=2, tmp=tmp_path / "tmp")) as runner:
        (parent,) = set(told(runner.step("telling", steps.tell_parent, given([1, 2]))))
        os.kill(int(parent), signal.SIGKILL)
        with pytest.warns(WorkerWarning) as warned:
            sent = runner.step("telling", steps.Die(str(tmp_path / "deaths"), 1), given([1, 2, 3]))
        assert told(sent) == ["-1:start:0:x", "-1:start:0:xx", "-1:start:0:xxx"]
    assert [str(each.message) for each in warned] == [
        "a worker process died (telling, part 2): it ended, or was never started, as the process that starts workers died. Its work is done again."
    ]
    assert list((tmp_path / "tmp").iterdir()) == []


@linux
def test_who_was_interrupted_may_ask_again_why_a_process_ended(tmp_path: Path) -> None:
    server = ForkServer(tmp_path)
    here, there = socket.socketpair()
    with here, there:
        number = server.ask(f"fork {steps.__name__}", there.fileno())
    os.kill(number, signal.SIGKILL)
    for _ in range(2):  # the answer is not waited for
        server.send(f"wait {number}")
    assert server.ask(f"fork {threaded_steps.__name__}", 0) == REFUSED
    assert server.ask(f"wait {number}") == -signal.SIGKILL
    server.end()


@linux
def test_what_forks_ends_without_a_word_where_the_driver_has_gone_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    control, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    streams = {"stdin": there, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with control, there:
        process = start_python(fork_server.__name__, tmp_path / "messages", **streams)
        socket.send_fds(control, [f"fork {steps.__name__}".encode()], [there.fileno()])
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 1
    assert not (tmp_path / "messages").exists()


def test_a_worker_ends_without_a_word_where_nobody_takes_its_answer(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = start_python(worker.__name__, tmp_path / "messages", **pipes)
    assert process.stdin
    assert process.stdout
    process.stdout.close()
    task = Task("telling", (steps.__name__,), pickle.dumps(steps.Tell()), 0, [], str(tmp_path / "messages" / "1"))
    send(process.stdin, task)
    process.stdout = None
    assert process.wait(timeout=60) == 1
    assert process.communicate()[1] == b""
    assert not (tmp_path / "messages").exists()


def test_memory_is_divided_among_processes(tmp_path: Path) -> None:
    share = lmkit.Resources(workers=1, memory=300 << 20, tmp=tmp_path)
    runner = Processes(lmkit.Resources(workers=4, memory=1200 << 20, tmp=tmp_path))
    assert (runner.targets_at_once, runner.each) == (4, share)
    fewer = Processes(lmkit.Resources(workers=4, memory=600 << 20, tmp=tmp_path))  # of four, each would have too little
    assert (fewer.targets_at_once, fewer.each) == (2, share)


def test_payloads_are_compressed_and_back() -> None:
    payload = packed_value(["a text"] * 1000)
    assert len(compressed(payload)) < len(payload) / 2
    assert bytes(decompressed(compressed(payload))) == payload
    assert bytes(decompressed(compressed(b""))) == b""


def test_after_a_rest_what_was_sent_is_there_and_steps_go_on(runner: Any) -> None:
    sent = runner.step("telling", steps.Tell(), given([1, 2]))
    runner.rest()
    assert told(sent) == ["-1:start:0:x", "-1:start:0:xx"]
    assert told(runner.step("telling", steps.Tell(), given([3]), sent)) == ["-1:start:0:xxx"]


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_counts_are_those_of_a_single_machine_to_the_last_byte(runner: Any, order: int) -> None:
    elsewhere = isinstance(runner, Spark)  # where a step takes a second or two
    for text in (TOY, train_text("fr")):
        expected = file_of(lmkit.count_ngrams(text, order))
        size = text.stat().st_size
        cuts = itertools.product((1, 2, 5), (1, 3, 8) if elsewhere else (0, 1, 3, 8))
        for splits, ranges in cuts if not elsewhere or (text, order) == (train_text("fr"), 5) else [(3, 2)]:
            found = count_on(runner, text, order, split_bytes=-(-size // splits), ranges=ranges)
            assert file_of(found) == expected, (text, splits, ranges)


@pytest.mark.parametrize("options", [{}, {"window": 2, "directed": True}])
def test_pairs_are_those_of_a_single_machine_to_the_last_byte(runner: Any, options: dict[str, Any]) -> None:
    text = train_text("fr")
    expected = matrix_file(lmkit.cooccurrence(lmkit.encode_text(text, cutoff=2), **options))
    size = text.stat().st_size
    cuts = itertools.product((1, 3), (1, 4))
    for splits, ranges in [(3, 2)] if isinstance(runner, Spark) else cuts:
        found = cooccurrence_on(runner, text, cutoff=2, split_bytes=-(-size // splits), ranges=ranges, **options)
        assert matrix_file(found) == expected, (splits, ranges)


def test_words_are_those_of_a_single_machine(runner: Any) -> None:
    texts = [train_text("fr"), TOY]
    found, expected = word_list(texts, runner=runner), word_list(texts)
    assert (found.words, found.signature) == (expected.words, expected.signature)
    assert found.counts is not None
    assert expected.counts is not None
    assert found.counts.tolist() == expected.counts.tolist()


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_models_are_those_of_a_single_machine_to_the_last_byte(runner: Any, order: int) -> None:
    for text in (TOY, train_text("fr")):
        counts = lmkit.count_ngrams(text, order)
        for estimate, options in (
            (lmkit.kneser_ney, {"discount_fallback": "fixed"}),
            (lmkit.kneser_ney, {"discount_fallback": "fixed", "closed": True, "compat": "kenlm"}),
            (lmkit.absolute_discounting, {"discount_fallback": "generalised"}),
            (lmkit.laplace, {}),
        )[: 1 if isinstance(runner, Spark) and (text, order) != (train_text("fr"), 5) else None]:
            found = estimate(counts, **options, runner=runner)
            assert file_of(found) == file_of(estimate(counts, **options)), (text, estimate, options)


def children_of(pid: int) -> list[int]:
    """The processes that a process has started, and that are still there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = entry.read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(entry.parent.name))
    return found


def descendants_of(pid: int) -> list[int]:
    """The processes that a process has started, and what these have started."""
    children = children_of(pid)
    return children + [each for child in children for each in descendants_of(child)]


def wait_for(what: Callable[[], Any]) -> Any:
    """What a function gives as soon as that is true; what it gives after a minute."""
    deadline = time.monotonic() + 60
    while not (found := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell whose child a process is")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 128 + 15), (signal.SIGKILL, -9)])
@pytest.mark.parametrize("forks", [pytest.param(True, marks=linux), False])
def test_a_signal_ends_all_processes_and_leaves_nothing(tmp_path: Path, number: int, code: int, *, forks: bool) -> None:
    folder, out = tmp_path / "tmp", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    text = tmp_path / "text.tok"
    text.write_bytes(train_text("fr").read_bytes() * 1500)
    start = (  # in the background of a script, Ctrl-C would be ignored
        "import signal; from lmkit.cli.app import main; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"from lmkit.engine.runners.processes import Processes; Processes.forks = {forks}; main()"
    )
    line = ["ngram", "train", "-q", "-n", "5", "--processes", "--workers", "2", "--tmp", str(folder), str(text)]
    process = subprocess.Popen([sys.executable, "-c", start, *line, "-o", str(out / "x")], cwd=ROOT, stderr=-1)
    try:
        workers = wait_for(lambda: len(found := descendants_of(process.pid)) == 2 + forks and found)
        assert wait_for(lambda: list(folder.glob("*/*")))  # messages
        process.send_signal(number)
        assert process.wait(timeout=60) == code
    finally:
        process.kill()
        process.communicate()
    assert len(workers) == 2 + forks
    assert wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    assert wait_for(lambda: not list(folder.iterdir()))
    assert list(out.iterdir()) == []
