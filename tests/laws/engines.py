"""Engines on which tests have work done: what they need, and a server of Sail."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from tests.conftest import ROOT

SERVER = """
import sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
"""


def missing() -> dict[str, str]:
    """What each engine lacks here, if anything."""
    java = "" if shutil.which("java") else "Java is not installed"
    return {
        "spark": java if find_spec("py4j") and find_spec("pandas") else "pyspark is not installed, or pandas",
        "sail": "" if find_spec("pysail") else "pysail is not installed",
    }


ENGINES = [
    pytest.param(name, marks=[pytest.mark.engines, pytest.mark.skipif(bool(lack), reason=lack)])
    for name, lack in missing().items()
]


@contextmanager
def where(engine: str) -> Iterator[str]:
    """Where an engine is: processes of this machine, or a server that is started."""
    if engine != "sail":
        yield "local[2,4]"
        return
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=-1, stdout=-1, env=os.environ | {"PYTHONPATH": path}, text=True
    )
    assert server.stdout is not None
    try:
        yield f"sc://127.0.0.1:{server.stdout.readline().strip()}"
    finally:
        server.communicate("")
