"""Sessions with servers of Spark (Spark Connect), none of which is waited for without end."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from lmkit.engine.runners.spark_faults import INSTALL, first_line
from lmkit.engine.runners.waiting import in_background, within
from lmkit.errors import DataError

PORT = 15002
ANSWERS_IN = 20  # seconds
TRIES = 7  # of a request to a server that has gone, which are about two minutes; pyspark itself would try for ten
WAKES_IN = 600  # seconds, until a cluster that sleeps has started


def shown(where: str) -> str:
    """Where Spark is, without the parameters of the URL: a token is among them."""
    return where.partition("/;")[0]


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A session with a server."""
    check_answers(url)
    try:
        session = within(WAKES_IN, in_background(partial(opened, url)))
    except Exception as error:  # noqa: BLE001 (whatever it is: packages that it needs, credentials, other servers)
        raise DataError(
            f"cannot open a session with Spark at {shown(url)}: {first_line(str(error) or type(error).__name__).replace(url, shown(url))}.",
            f"Check that it is a server of Spark Connect, and the token in the URL, if it needs one. {INSTALL}",
        ) from None
    try:
        yield session
    finally:
        with suppress(Exception):  # else a server that is gone would be asked for ten minutes to end the session
            session.client.set_retry_policies([])
        with suppress(TimeoutError):
            within(ANSWERS_IN, in_background(session.stop))


def check_answers(url: str) -> None:
    """DataError where nothing answers."""
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or PORT), ANSWERS_IN).close()
    except (OSError, ValueError) as error:
        raise DataError(
            f"no Spark answers at {shown(url)}: {getattr(error, 'strerror', None) or error}.",
            "Check host and port, and whether a server of Spark Connect runs there; without --spark, processes of this machine do the work.",
        ) from None


def opened(url: str) -> Any:
    """A session with a server that answers. pyspark itself would wait ten minutes for another kind of server to become one."""
    import grpc
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    with DefaultChannelBuilder(url).toChannel() as channel:
        try:
            grpc.channel_ready_future(channel).result(ANSWERS_IN)
        except grpc.FutureTimeoutError:
            raise TimeoutError("what answers there does not speak gRPC") from None
    session = SparkSession.builder.remote(url).create()
    session.client.set_retry_policies([DefaultPolicy(max_retries=TRIES)])
    session.version  # noqa: B018 (it is asked of the server)
    return session
