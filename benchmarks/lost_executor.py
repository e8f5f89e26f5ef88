"""A cluster of Spark on this machine, one executor of which is killed on the way: the file is that of a single machine all the same.

python -m benchmarks.lost_executor corpora/en.train.tok --order 5 --after 2
"""

import argparse
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

HERE = "127.0.0.1"
EXECUTOR = "CoarseGrainedExecutorBackend"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HERE, 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def daemon(folder: Path, name: str, *arguments: str) -> Iterator[int]:
    """A process of Spark's own, which begins a session that has the executors that it starts."""
    import pyspark

    command = [
        str(Path(pyspark.__file__).parent / "bin" / "spark-class"),
        f"org.apache.spark.deploy.{name}",
        *arguments,
    ]
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait()


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[int]]]:
    """A master, and workers of one core each: where it is, and their processes."""
    port, page = free_port(), str(free_port())
    url = f"spark://{HERE}:{port}"
    with ExitStack() as stack:
        stack.enter_context(daemon(folder, "master.Master", "-h", HERE, "-p", str(port), "--webui-port", page))
        wait_for(lambda: "New state: ALIVE" in (folder / "master.Master.log").read_text(encoding="utf-8"))
        found = []
        for number in range(workers):
            place = ["-d", str(folder / f"worker-{number}"), "--webui-port", str(free_port())]
            arguments = ["-h", HERE, "-c", "1", "-m", "2g", *place, url]
            found.append(stack.enter_context(daemon(folder, "worker.Worker", *arguments)))
        yield url, found


def wait_for(what: Callable[[], object], seconds: float = 300) -> None:
    """Wait until a function gives something that is true."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


def executors(workers: list[int]) -> list[int]:
    """The processes of the executors that the workers have started."""
    listed = subprocess.run(["ps", "-eo", "pid,sess,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    return [int(pid) for pid, session, line in rows if int(session) in workers and EXECUTOR in line]


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def main() -> None:
    """Train on the cluster, kill an executor in the step that was asked for, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text")
    parser.add_argument("--order", default="5")
    parser.add_argument("--after", type=int, default=1, help="the step after which an executor is killed")
    asked = parser.parse_args()
    os.environ |= {"SPARK_LOCAL_IP": HERE, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    train = [sys.executable, "-m", "lmkit", "ngram", "train", "-n", asked.order, "-q", asked.text]
    with tempfile.TemporaryDirectory() as name, cluster(Path(name), 2) as (url, workers):
        folder, shared = Path(name), Path(name, "shared")
        shared.mkdir()
        there = ["--engine", "spark", "--spark", url, "--spark-folder", str(shared), "--workers", "2"]
        process = subprocess.Popen([*train, *there, "-o", str(folder / "cluster")])
        wait_for(lambda: process.poll() is not None or list(shared.glob(f"*/sent-{asked.after}/_SUCCESS")))
        wait_for(lambda: process.poll() is not None or list(shared.glob(f"*/sent-{asked.after + 1}")))
        if process.poll() is None:
            killed = executors(workers)[0]
            os.kill(killed, signal.SIGKILL)
            print(f"killed executor {killed}, after step {asked.after}", flush=True)
        if process.wait():
            raise SystemExit(process.returncode)
        subprocess.run([*train, "-o", str(folder / "single")], check=True)
        found = {file.name: digest(file) for file in (folder / "single", folder / "cluster")}
        log = (folder / "worker.Worker.log").read_text(encoding="utf-8")
    for place, what in found.items():
        print(f"{what}  {place}")
    print("the same" if len(set(found.values())) == 1 else "DIFFERENT", *re.findall("finished with state.*137", log))


if __name__ == "__main__":
    main()
