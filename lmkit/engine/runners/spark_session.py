"""Sessions of Spark: with a server, a cluster, or in processes of this machine. Nothing of it is imported before it is asked for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

from lmkit.engine.runners.spark_connect import connected, shown
from lmkit.engine.runners.spark_faults import INSTALL
from lmkit.engine.runners.spark_java import REMOTE, SETTINGS, started
from lmkit.errors import DataError

LEAST = 4  # the version of Spark


def asked_for(where: str | None) -> str | None:
    """Where Spark is: as was asked, or as the environment says; None: on this machine."""
    return where or os.environ.get(REMOTE) or None


@contextmanager
def session_of_spark(where: str | None, threads: int, tmp: str) -> Iterator[Any]:
    """A session, which ends with the block. where: see `Spark`; threads, tmp: of this machine, if it is to do the work. DataError where there is none."""
    where = asked_for(where)
    check_installed()
    with connected(where) if where and where.startswith("sc://") else started(where, threads, tmp) as session:
        check_version(f"the Spark at {shown(where)}" if where else "Spark", session.version)
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
