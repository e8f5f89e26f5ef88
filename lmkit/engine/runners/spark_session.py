"""Sessions of Spark: with a server (Spark Connect), a cluster, or in processes of this machine. Nothing of it is imported before it is asked for."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import urlsplit

from lmkit.engine.runners.spark_faults import Failed, first_line
from lmkit.engine.system.blas_threads import ONE_THREAD
from lmkit.errors import DataError

LEAST = 4  # the version of Spark
LEAST_JAVA = 17
PORT = 15002  # of Spark Connect
REMOTE = "SPARK_REMOTE"
INSTALL = "Install it with: pip install 'lmkit[spark]'"
ANSWERS_IN = 20  # seconds
TRIES = 4  # of a task, in processes of this machine, as it is elsewhere
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


def asked_for(where: str | None) -> str | None:
    """Where Spark is: as was asked, or as the environment says; None: on this machine."""
    return where or os.environ.get(REMOTE) or None


@contextmanager
def session_of_spark(where: str | None, threads: int, tmp: str) -> Iterator[Any]:
    """A session, which ends with the block. where: see `Spark`; threads, tmp: of this machine, if it is to do the work. DataError where there is none."""
    where = asked_for(where)
    with connected(where) if where and where.startswith("sc://") else started(where, threads, tmp) as session:
        check_version(f"the Spark at {where}" if where else "Spark", session.version)
        for name, value in SETTINGS.items():
            with suppress(Exception):  # other engines than Spark do not know them, and need not
                session.conf.set(name, value)
        yield session


def check_version(what: str, version: str) -> None:
    """DataError for a version that is too old."""
    if int(version.split(".", maxsplit=1)[0]) < LEAST:
        raise DataError(f"{what} is of version {version}; {LEAST}.0 or later is needed.", INSTALL)


def check_installed() -> None:
    """DataError where pyspark or pandas, which it imports, is missing, or pyspark is too old."""
    if find_spec("pyspark") is None:
        raise DataError("work on Spark is asked for by pyspark, which is not installed.", INSTALL)
    import pyspark

    check_version("pyspark", pyspark.__version__)
    if find_spec("pandas") is None:
        raise DataError("pyspark needs pandas, which is not installed.", INSTALL)


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A session with a server."""
    check_installed()
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or PORT), ANSWERS_IN).close()
    except (OSError, ValueError) as error:
        raise DataError(
            f"no Spark answers at {url}: {getattr(error, 'strerror', None) or error}.",
            "Check host and port, and whether a server of Spark Connect runs there; without --spark, processes of this machine do the work.",
        ) from None
    try:
        from pyspark.sql.connect.session import SparkSession

        session = SparkSession.builder.remote(url).create()
        session.version  # noqa: B018 (it is asked of the server)
    except Exception as error:  # noqa: BLE001 (whatever it is: packages that it needs, credentials, other servers)
        raise DataError(
            f"cannot open a session with Spark at {url}: {first_line(error)}.",
            f"Check that it is a server of Spark Connect, and the token in the URL, if it needs one. {INSTALL}",
        ) from None
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def started(master: str | None, threads: int, tmp: str) -> Iterator[Any]:
    """A session of a Java machine that is started here, and works here, or drives a cluster; of the one that runs in this process, if there is one."""
    check_installed()
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
                    session = builder.getOrCreate()
            except Exception as error:  # noqa: BLE001 (Java's, and pyspark's)
                log.seek(0)
                said = log.read().decode(errors="replace")
                raise Failed(f"cannot start Spark ({master or 'on this machine'})", error, said).told() from None
        try:
            yield session
        finally:
            session.stop()
    finally:
        end_java(SparkContext)


def for_java(master: str | None, tmp: str) -> tuple[dict[str, str], dict[str, str | None]]:
    """The settings, and the environment, of a Java machine that is started here."""
    settings = {**SETTINGS, **QUIET, "spark.sql.warehouse.dir": tmp}
    environment: dict[str, str | None] = {REMOTE: None, **ONE_THREAD}
    if master is None or master.startswith("local"):
        path = os.pathsep.join(each for each in sys.path if isinstance(each, str))
        python = os.environ.get("PYSPARK_PYTHON", sys.executable)
        settings |= {**ON_THIS_MACHINE, "spark.local.dir": tmp, "spark.executorEnv.PYTHONPATH": path}
        environment |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": python}
    return settings, environment


def end_java(context: Any) -> None:
    """End the Java machine that was started, if it was: it would stay as long as this process, with its temporary files."""
    gateway, context._gateway, context._jvm = context._gateway, None, None  # noqa: SLF001 (pyspark has no other way)
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()  # for which it waits
        gateway.proc.wait()


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
