"""Work on Spark: what is the same as on one machine, and what is told where it cannot be done."""

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

import lmkit
from lmkit.engine.runners import rows, spark_connect
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.engine.runners.rows import PAYLOAD, TOLD, messages_in, opened, packed_rows
from lmkit.engine.runners.shared_folder import SharedFolder, located
from lmkit.engine.runners.spark import InTables, carried_out
from lmkit.engine.runners.spark_faults import Failed
from lmkit.engine.runners.spark_session import check_version
from lmkit.engine.runners.waiting import in_background, within
from lmkit.errors import DataError
from lmkit.version import __version__
from tests.conftest import CORPORA, ROOT, Run, train_text
from tests.laws.engines import ENGINES, missing, where

needs_pyspark = pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed")
needs_grpc = pytest.mark.skipif(find_spec("grpc") is None, reason="gRPC is not installed: pip install 'lmkit[spark]'")
needs_spark = pytest.mark.skipif(bool(missing()["spark"]), reason=missing()["spark"] or "-")
TRAIN = ("ngram", "train", "-n", "3", "--engine", "spark")


@pytest.fixture(scope="module", params=ENGINES)
def spark(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where an engine is, for --spark."""
    with where(request.param) as place:
        yield place


def command(*arguments: object, folder: Path = ROOT, **environment: str | None) -> tuple[int, str, str]:
    """The exit code, output and narration of lmkit in a process of its own, in a folder. environment: changes of it; None: without."""
    changed = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(
        [sys.executable, "-m", "lmkit", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={name: value for name, value in changed.items() if value is not None},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.engines
def test_commands_write_the_same_as_on_one_machine(lmkit_run: Run, spark: str, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    line = ["ngram", "train", "-n", "4", "--kneser-ney", str(train_text("fr"))]
    expected = lmkit_run(*line, "-o", tmp_path / "alone.arpa")
    there = ["--engine", "spark", "--spark", spark, "--workers", "2", "--tmp", str(tmp_path / "tmp")]
    code, out, err = command(*line, *there, "-o", tmp_path / "shared.arpa")
    assert (code, out, err) == (0, "", expected.err)
    assert (tmp_path / "shared.arpa").read_bytes() == (tmp_path / "alone.arpa").read_bytes()
    assert list((tmp_path / "tmp").iterdir()) == []
    lmkit_run("ngram", "train", "-n", "4", train_text("fr"), "-o", tmp_path / "counts")
    smoothing = ["smooth", "--kneser-ney", tmp_path / "counts"]
    expected = lmkit_run(*smoothing, "-o", tmp_path / "alone.safetensors")
    code, out, err = command(*smoothing, *there, "-o", tmp_path / "shared.safetensors")
    assert (code, out, err) == (0, "", expected.err)
    assert (tmp_path / "shared.safetensors").read_bytes() == (tmp_path / "alone.safetensors").read_bytes()
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.engines
def test_pairs_and_words_are_listed_as_on_one_machine(lmkit_run: Run, spark: str, tmp_path: Path) -> None:
    there = ["--engine", "spark", "--spark", spark, "--workers", "2", "--spark-folder", str(tmp_path)]
    for what in (["cooc", "--top", "30"], ["vocabulary", "list", "--min-count", "2"]):
        line = [*what, str(train_text("fr"))]
        expected = lmkit_run(*line)
        assert command(*line, *there) == (0, expected.out, expected.err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engines
def test_what_is_wrong_with_a_text_is_told_as_on_one_machine(lmkit_run: Run, spark: str, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"a b\n" * 50 + b"a \xff\n")
    line = ["ngram", "train", "-q", str(text), "-o", str(tmp_path / "x")]
    alone = lmkit_run(*line)
    code, out, err = command(*line, "--engine", "spark", "--spark", spark)
    assert (code, out, err) == (alone.code, "", alone.err)
    assert f"{text}:51: invalid UTF-8" in err


@pytest.mark.engines
def test_standard_input_is_refused_by_name(spark: str) -> None:
    found = command(*TRAIN, "--spark", spark, "-")
    assert (found[0], found[2].splitlines()[0]) == (
        2,
        "lmkit: <stdin> can be read by this process only, and the work is done elsewhere.",
    )


@needs_pyspark
def test_a_server_that_does_not_answer_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"sc://127.0.0.1:{server.getsockname()[1]}"
    code, _, err = command(*TRAIN, CORPORA / "toy.tok", SPARK_REMOTE=url)
    assert (code, err) == (
        1,
        (
            f"lmkit: no Spark answers at {url}: Connection refused.\n"
            "Check host and port, and whether a server of Spark Connect runs there; without --spark, processes of this machine do the work.\n"
        ),
    )


@needs_grpc
@pytest.mark.parametrize(
    ("answer", "answers_in", "wakes_in", "told"),
    [
        (b"", 1, 60, "what answers there does not speak gRPC"),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 1, 60, "what answers there does not speak gRPC"),
        (b"\0\0\0\4\0\0\0\0\0", 60, 3, "no answer came within 3 seconds"),  # settings of HTTP/2, and nothing more
    ],
)
def test_a_server_that_is_no_spark_is_not_waited_for_without_end(
    answer: bytes, answers_in: float, wakes_in: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_connect, "ANSWERS_IN", answers_in)
    monkeypatch.setattr(spark_connect, "WAKES_IN", wakes_in)
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(server.accept()[0])
                    kept[-1].sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        url = f"sc://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(DataError) as caught, spark_connect.connected(f"{url}/;token=secret"):
            pass
        server.shutdown(socket.SHUT_RDWR)
        for each in kept:
            each.close()
    assert str(caught.value).startswith(f"cannot open a session with Spark at {url}: {told}.\n")


def test_a_token_in_the_name_of_a_server_is_not_shown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"sc://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(DataError) as caught:
        spark_connect.check_answers(f"{url}/;use_ssl=true;token=secret")
    assert str(caught.value).startswith(f"no Spark answers at {url}: Connection refused.\n")


def test_what_does_not_come_in_time_is_told() -> None:
    with pytest.raises(TimeoutError, match=r"no answer came within 0\.1 seconds"):
        within(0.1, in_background(threading.Event().wait))

    def late() -> None:
        raise TimeoutError("of what was asked")

    with pytest.raises(TimeoutError, match="of what was asked"):
        within(60, in_background(late))
    assert within(60, in_background(lambda: 1)) == 1


@needs_spark
@pytest.mark.engines
@pytest.mark.parametrize(
    ("moment", "number", "code"),
    [("java", signal.SIGINT, 130), ("step", signal.SIGINT, 130), ("step", signal.SIGTERM, 128 + 15)],
)
def test_a_signal_ends_java_and_leaves_nothing(moment: str, number: int, code: int, tmp_path: Path) -> None:
    """Java runs in the session of the process, as its Python workers do."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    start = (  # in the background of a script, Ctrl-C would be ignored
        "import signal; from lmkit.cli.app import main; signal.signal(signal.SIGINT, signal.default_int_handler); main()"
    )
    line = [*TRAIN, "-q", "--spark", "local[2]", "--tmp", str(folder), str(CORPORA / "en.train.tok")]
    process = subprocess.Popen(
        [sys.executable, "-c", start, *line, "-o", str(tmp_path / "x")],
        cwd=ROOT,
        stdout=-1,
        stderr=-1,
        start_new_session=True,
    )
    try:
        if moment == "java":
            assert wait_for(lambda: len(in_session(process.pid)) > 1)
        else:
            assert wait_for(lambda: list(folder.glob("*/sent-1")))
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    told = b"lmkit: interrupted\n" if number == signal.SIGINT else b""
    assert (process.returncode, out, err) == (code, b"", told)
    assert wait_for(lambda: not in_session(process.pid))
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "x").exists()


def in_session(leader: int) -> list[int]:
    """The processes of a session that are still there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, session = entry.read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                found.append(int(entry.parent.name))
    return found


def wait_for(what: Callable[[], object], seconds: float = 120) -> object:
    """What a function gives as soon as that is true; what it gives after a while."""
    deadline = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is installed")
def test_a_missing_pyspark_is_told_with_what_to_install(lmkit_run: Run) -> None:
    result = lmkit_run(*TRAIN, CORPORA / "toy.tok")
    assert (result.code, result.err) == (
        1,
        "lmkit: work on Spark is asked for by pyspark, which is not installed.\nInstall it with: pip install 'lmkit[spark]'\n",
    )


@needs_spark
@pytest.mark.engines
@pytest.mark.parametrize("home", [None, "/nowhere"])
def test_a_missing_java_is_told_with_what_to_install(home: str | None, tmp_path: Path) -> None:
    code, _, err = command(*TRAIN, CORPORA / "toy.tok", PATH=str(tmp_path), JAVA_HOME=home, SPARK_REMOTE=None)
    said = "JAVA_HOME is /nowhere, where there is none" if home else "there is none in PATH, and JAVA_HOME is not set"
    assert (code, err) == (
        1,
        (
            f"lmkit: Spark on this machine needs Java 17 or later: {said}.\n"
            "Install it (on Debian: apt install openjdk-17-jre-headless), or name a server with --spark sc://host:port.\n"
        ),
    )


@needs_spark
@pytest.mark.engines
def test_an_old_java_is_told(tmp_path: Path) -> None:
    said = "java.lang.UnsupportedClassVersionError: org/apache/spark/launcher/Main has been compiled by a more recent version"
    (tmp_path / "java").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    (tmp_path / "java").chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    code, _, err = command(*TRAIN, CORPORA / "toy.tok", PATH=path, JAVA_HOME=None, SPARK_REMOTE=None)
    assert (code, err) == (
        1,
        (
            f"lmkit: cannot start Spark (on this machine): this Java is too old for Spark: {said.partition('.lang.')[2]}\n"
            "Install Java 17 or later, and name it with JAVA_HOME.\n"
        ),
    )


@needs_spark
@pytest.mark.engines
def test_workers_without_lmkit_are_told_with_what_to_install(tmp_path: Path) -> None:
    """Their Python has what pyspark needs, and nothing else."""
    import pyspark

    python = tmp_path / "python"
    packages = tmp_path / "packages"
    packages.mkdir()
    for name in ("pyspark", "py4j", "pandas", "pyarrow", "numpy"):
        found = find_spec(name)
        assert found is not None
        assert found.origin is not None
        (packages / name).symlink_to(Path(found.origin).parent)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="$SPARK_HOME/python:{packages}" exec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    home = str(Path(pyspark.__file__).parent)
    changes = {"PYSPARK_PYTHON": str(python), "SPARK_HOME": home, "SPARK_REMOTE": None}
    code, _, err = command(*TRAIN, CORPORA / "toy.tok", folder=tmp_path, **changes)
    assert code == 1
    assert err.startswith(
        "lmkit: Spark could not do the work (numbering words): the Python of Spark's workers lacks what it needs: No module named 'lmkit'"
    )
    assert f"Install lmkit {__version__}, as here: pip install 'lmkit=={__version__}' pandas on each machine" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--spark", "sc://host"], "--spark is for --engine spark."),
        (["--spark-folder", "x"], "--spark-folder is for --engine spark."),
        (["--engine", "spark", "--processes"], "--processes and --engine both share work out."),
        (["--engine", "spark", "--count-lists"], "--engine spark shares texts out, and --count-lists reads lists."),
    ],
)
def test_options_that_contradict_each_other_are_refused(lmkit_run: Run, options: list[str], message: str) -> None:
    result = lmkit_run("ngram", "train", *options, CORPORA / "toy.tok")
    assert (result.code, result.err.splitlines()[0]) == (2, f"lmkit: {message}")


@pytest.mark.parametrize("line", [("cooc",), ("vocabulary", "list"), ("vectors", "svd"), ("plot", "cooc")])
def test_whatever_shares_out_refuses_what_contradicts(lmkit_run: Run, line: tuple[str, ...]) -> None:
    result = lmkit_run(*line, "--spark", "sc://host", CORPORA / "toy.tok")
    assert (result.code, result.err.splitlines()[0]) == (2, "lmkit: --spark is for --engine spark.")


def test_a_model_is_not_shared_out(lmkit_run: Run, toy_counts: Path) -> None:
    result = lmkit_run("vocabulary", "list", "--processes", toy_counts)
    assert (result.code, result.err) == (
        2,
        "lmkit: --processes shares texts out, and FILE is a model.\nLeave it out.\n",
    )


def test_an_old_spark_is_refused() -> None:
    with pytest.raises(DataError, match=r"pyspark is of version 3\.5\.1; 4\.0 or later is needed"):
        check_version("pyspark", "3.5.1")
    check_version("pyspark", "4.0.0")
    check_version("pyspark", "10.1")


def test_workers_with_another_lmkit_are_told() -> None:
    given = list(packed_rows(Message(0, DRIVER, "start", b"x")))
    result = InTables("", lmkit.Resources())
    for message in opened(messages_in(carried_out(b"", "9.9", iter(given)), TOLD)):
        result.held.add(message)
    with pytest.raises(DataError) as caught:
        result.tell("counting", {0}, "here")
    assert str(caught.value).splitlines() == [
        f"a worker of Spark has lmkit {__version__}.",
        "Install lmkit 9.9, as here: pip install 'lmkit==9.9' pandas",
    ]


def lack(target: int, messages: Sequence[Message]) -> Iterator[Message]:
    """The error of a machine that lacks a package."""
    del target, messages
    raise ModuleNotFoundError("No module named 'scipy'")
    yield


def test_a_package_that_workers_lack_is_told_with_what_to_install() -> None:
    result = InTables("", lmkit.Resources())
    given = packed_rows(Message(0, DRIVER, "start", b"x"))
    for message in opened(messages_in(carried_out(pickle.dumps(lack), __version__, given), TOLD)):
        result.held.add(message)
    with pytest.raises(DataError, match=r"lacks what it needs: No module named 'scipy'\n.*pip install"):
        result.tell("counting", {0}, "here")


def test_work_that_never_came_back_is_told() -> None:
    with pytest.raises(DataError) as caught:
        InTables("", lmkit.Resources()).tell("counting", {0, 1}, "/folder")
    assert str(caught.value).startswith(
        "of 2 parts of the work (counting), 0 came back from Spark's workers by way of /folder.\nName a folder"
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            'Exception in thread "main" org.apache.spark.SparkException: Master must either be yarn or start with spark, k8s, or local\n\tat x',
            "--spark is not as Spark has it: Master must either be yarn or start with spark, k8s, or local",
        ),
        (
            "An exception was thrown\nTraceback\n  x\nModuleNotFoundError: No module named 'lmkit'\n",
            "the Python of Spark's workers lacks what it needs: No module named 'lmkit'",
        ),
        (
            'java.io.IOException: Cannot run program "/no/python": error=2',
            'Spark\'s workers cannot start Python: Cannot run program "/no/python": error=2',
        ),
        (
            "x\njava.io.IOException: No space left on device\n\tat",
            "a disk of Spark's workers is full: No space left on device",
        ),
        (
            "An error occurred while calling o6.parquet.\n: java.lang.RuntimeException: java.lang.ClassNotFoundException: Class a.b.S3AFileSystem not found\n\tat",
            "Spark cannot read and write places such as --spark-folder names: Class a.b.S3AFileSystem not found",
        ),
        (
            "pyspark.errors.PySparkImportError: [PACKAGE_NOT_INSTALLED] Pandas >= 2.2.0 must be installed\n",
            "the Python of Spark's workers lacks what it needs: PACKAGE_NOT_INSTALLED] Pandas >= 2.2.0 must be installed",
        ),
        (
            "An error occurred while calling o66.parquet.\n: org.apache.spark.SparkException: Job aborted.\n\tat x\nCaused by: java.io.IOException: a.b.Some$Odd: it is so\n\tat y",
            "it is so.",
        ),
        ("An error occurred while calling o66.parquet.\n: java.lang.RuntimeException: it is so\n\tat y", "it is so."),
        (
            '<_Rendezvous of RPC that terminated with:\n\tstatus = StatusCode.UNAVAILABLE\n\tdetails = "refused"\n>',
            'its server has gone, or is not reached any more: StatusCode.UNAVAILABLE details = "refused"',
        ),
        (
            '<_Rendezvous of RPC that terminated with:\n\tstatus = StatusCode.INTERNAL\n\tdetails = "it is so"\n>',
            "it is so.",
        ),
        (
            "[PATH_NOT_FOUND] Path does not exist: file:/x. SQLSTATE: 42K03",
            "Spark's workers do not see the folder of messages as this machine does: PATH_NOT_FOUND] Path does not exist: file:/x. SQLSTATE: 42K03",
        ),
        ("\n[SOMETHING] else.\n\tat java", "[SOMETHING] else."),
    ],
)
def test_what_an_engine_says_is_told_in_short(said: str, message: str) -> None:
    assert str(Failed("no work", Exception(said)).told()).splitlines()[0] == f"no work: {message}"


class OfJava(Exception):
    """An error of py4j, which asks Java what it says."""

    def __str__(self) -> str:
        raise ConnectionRefusedError(111, "Connection refused")


@pytest.mark.parametrize("error", [OfJava(), ConnectionRefusedError(111, "Connection refused")])
def test_java_that_has_ended_is_told(error: Exception) -> None:
    assert str(Failed("no work", error).told()).startswith("no work: its Java has ended.\nIts logs")
    logged = "java.lang.OutOfMemoryError: Java heap space"
    assert "workers of Spark died" in str(Failed("no work", error, logged).told())


@needs_spark
@pytest.mark.engines
def test_a_master_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"spark://127.0.0.1:{server.getsockname()[1]}"
    code, _, err = command(*TRAIN, "--spark", url, CORPORA / "toy.tok")
    assert (code, err.splitlines()[0]) == (1, f"lmkit: cannot start Spark ({url}): its Java has ended.")


def test_payloads_go_in_pieces_and_come_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PIECE", 7)
    payloads = [os.urandom(40), b"", b"short"]
    given = [row for part, each in enumerate(payloads) for row in packed_rows(Message(3, 1, "kind", each, part))]
    assert len(given) > 6
    found = list(opened(messages_in(reversed(given), PAYLOAD)))
    assert {each.part: bytes(each.payload) for each in found} == dict(enumerate(payloads))
    assert {(each.target, each.source, each.kind) for each in found} == {(3, 1, "kind")}
    with pytest.raises(DataError, match=r"1 messages between steps .*\nName a folder"):
        list(messages_in(given[1:], PAYLOAD))


def test_a_shared_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (str(tmp_path / "file"), "nothing://here"):
        with pytest.raises(DataError, match="cannot make a folder for messages in"):
            SharedFolder(place)
    with pytest.raises(DataError, match=rf"cannot make a folder for messages in {tmp_path}/none: No such file or"):
        SharedFolder(f"{tmp_path}/none")


def test_what_work_that_was_given_up_has_written_is_no_part_of_a_table(tmp_path: Path) -> None:
    """A worker that was taken for lost may still write, after Spark has done its work again and removed what is unfinished."""
    shared = SharedFolder(str(tmp_path))
    shared.write("sent", [Message(0, DRIVER, "start", b"x")])
    (folder,) = tmp_path.iterdir()
    for name in ("_temporary/0", ".staging"):
        (folder / "sent" / name).mkdir(parents=True)
        (folder / "sent" / name / "part-0.parquet").write_bytes(b"half of")
    assert len(list(shared.read("sent", [PAYLOAD]))) == 1


def test_where_the_folder_lies_is_told_to_spark_without_secrets_and_options_of_arrow() -> None:
    _, path, url = located("s3://key:secret@bucket/a/tmp?region=eu-west-3&endpoint_override=127.0.0.1:9")
    assert (path, url) == ("bucket/a/tmp", "s3a://bucket/a/tmp")


def test_a_shared_folder_leaves_nothing(tmp_path: Path) -> None:
    shared = SharedFolder(tmp_path.as_uri())
    shared.write("given", [Message(0, DRIVER, "start", b"x")])
    (message,) = opened(
        list(
            messages_in(shared.read("given", ["target", "source", "part", "piece", "pieces", "kind", PAYLOAD]), PAYLOAD)
        )
    )
    assert bytes(message.payload) == b"x"
    assert list(shared.read("other", [PAYLOAD])) == []
    shared.remove()
    assert list(tmp_path.iterdir()) == []
