"""Sessions of Spark in a Java machine that is started here, and that goes with them, however they end."""

import os
import sys
import sysconfig
import time
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from subprocess import Popen, TimeoutExpired
from tempfile import TemporaryFile
from typing import IO, Any

from lmkit.engine.runners.spark_faults import Failed
from lmkit.engine.runners.starting import ONE_THREAD
from lmkit.engine.runners.waiting import in_background, within
from lmkit.errors import DataError

LEAST_JAVA = 17
REMOTE = "SPARK_REMOTE"
TRIES = 4  # of a task, in processes of this machine, as it is elsewhere
OWN = {*map(sysconfig.get_path, ("stdlib", "platstdlib"))}  # of this Python, which is of no use to another one
OWN |= {str(Path(each, "lib-dynload")) for each in OWN} | {
    each for each in sys.path if Path(each).name == "python{}{}.zip".format(*sys.version_info)
}
STARTS_IN = 600  # seconds, as clusters may have other work to do first
ENDS_IN = 30  # seconds
SETTINGS = {  # of the session, whatever carries it out
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1",  # rows may be large
    "spark.sql.parquet.filterPushdown": "true",
}
ON_THIS_MACHINE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",  # half the processor time of a short session
}
QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "OFF"}


@contextmanager
def started(master: str | None, threads: int, tmp: str) -> Iterator[Any]:
    """A session of a Java machine that is started here, and works here, or drives a cluster; of the one that runs in this process, if there is one."""
    if find_spec("py4j") is None:
        raise DataError(
            "pyspark-client is installed, which asks a server for work, and no server was named.",
            "Name one with --spark sc://host:port, or, to work on this machine, install Spark itself: pip install pyspark",
        )
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        yield running.newSession()
        return
    check_java()
    settings, environment = for_java(master, tmp)
    builder = SparkSession.builder.master(master or f"local[{threads},{TRIES}]").appName("lmkit")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with TemporaryFile() as log:
            try:
                with environment_of(environment), errors_to(log):
                    session = begun(builder, SparkContext)
            except Exception as error:  # noqa: BLE001 (Java's, and pyspark's)
                log.seek(0)
                said = log.read().decode(errors="replace")
                raise Failed(f"cannot start Spark ({master or 'on this machine'})", error, said).told() from None
        with suppress(AttributeError):  # it tells at length that Java is gone, by the standard error
            session.sparkContext._accumulatorServer.handle_error = nothing_told  # noqa: SLF001 (pyspark has no other way)
        yield session
    except Exception:
        raise
    except BaseException:  # Ctrl-C, or the system: the work need not be waited for
        kill_java(SparkContext)
        raise
    finally:
        end_java(SparkContext)


def nothing_told(*_: object) -> None:
    """What becomes of an error that comes of another one, which is told."""


def begun(builder: Any, context: Any) -> Any:
    """The session that a builder begins, by a thread.

    If this one is interrupted, it waits for the Java machine, which nobody could end before it has said where it is; and on other threads than the first one,
    pyspark leaves Ctrl-C alone: its handler asks Java on a connection that waits for another answer.
    """
    session = in_background(builder.getOrCreate)
    try:
        return within(STARTS_IN, session)
    except BaseException:
        deadline = time.monotonic() + ENDS_IN
        while context._gateway is None and not session.done() and time.monotonic() < deadline:  # noqa: SLF001 (pyspark has no other way)
            time.sleep(0.05)
        kill_java(context)
        wait([session], ENDS_IN)
        raise


def for_java(master: str | None, tmp: str) -> tuple[dict[str, str], dict[str, str | None]]:
    """The settings, and the environment, of a Java machine that is started here."""
    settings = {**SETTINGS, **QUIET, "spark.sql.warehouse.dir": tmp}
    environment: dict[str, str | None] = {REMOTE: None, **ONE_THREAD}
    if master is None or master.startswith("local"):
        path = os.pathsep.join(each for each in sys.path if isinstance(each, str) and each not in OWN)
        python = os.environ.get("PYSPARK_PYTHON", sys.executable)
        settings |= {**ON_THIS_MACHINE, "spark.local.dir": tmp, "spark.executorEnv.PYTHONPATH": path}
        environment |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": python}
    return settings, environment


def kill_java(context: Any) -> None:
    """Have the Java machine end at once, if there is one: its connection, on which an answer has been given up, is of no more use."""
    if context._gateway is not None:  # noqa: SLF001 (pyspark has no other way)
        context._gateway.proc.terminate()  # noqa: SLF001
        wait_for(context._gateway.proc)  # noqa: SLF001


def end_java(context: Any) -> None:
    """End the work, and the Java machine that was started, if it was: it would stay as long as this process, with its temporary files."""
    with suppress(Exception):  # it may be gone
        context._active_spark_context.stop()  # noqa: SLF001 (as above)
    context._active_spark_context = None  # noqa: SLF001
    gateway, context._gateway, context._jvm = context._gateway, None, None  # noqa: SLF001
    if gateway is not None:
        with suppress(Exception):
            gateway.shutdown()
        gateway.proc.stdin.close()  # for which it waits
        wait_for(gateway.proc)


def wait_for(process: "Popen[Any]") -> None:
    """Wait until a process that was asked to end has ended; if it does not, kill it."""
    try:
        process.wait(ENDS_IN)
    except TimeoutExpired:
        process.kill()
        process.wait()


def check_java() -> None:
    """DataError where there is no Java."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else "java"
    if which(java) is None:
        where = (
            f"JAVA_HOME is {home}, where there is none" if home else "there is none in PATH, and JAVA_HOME is not set"
        )
        raise DataError(
            f"Spark on this machine needs Java {LEAST_JAVA} or later: {where}.",
            f"Install it (on Debian: apt install openjdk-{LEAST_JAVA}-jre-headless), or name a server with --spark sc://host:port.",
        )


@contextmanager
def environment_of(changes: dict[str, str | None]) -> Iterator[None]:
    """Within this block, the environment has these values; None: not this one. What is started then keeps them."""
    before = {name: os.environ.get(name) for name in changes}
    try:
        set_all(changes)
        yield
    finally:
        set_all(before)


def set_all(values: dict[str, str | None]) -> None:
    """Set values in the environment, or take them out."""
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def errors_to(log: IO[bytes]) -> Iterator[None]:
    """Within this block, standard error is a file, for what is started, too: Java tells at length what is told in short."""
    before = os.dup(2)
    os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
