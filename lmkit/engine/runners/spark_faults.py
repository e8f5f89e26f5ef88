"""What goes wrong in an engine, in words: Java and pyspark say it in a hundred lines."""

import re
from dataclasses import dataclass

from lmkit.errors import DataError
from lmkit.version import __version__

INSTALL = "Install it with: pip install 'lmkit[spark]'"
SHARE = "Name a folder, or a URL such as s3://bucket/folder, that all can read and write, with --spark-folder."
LONGEST = 300  # characters of what an engine says
LMKIT = f"lmkit {__version__}, as here: pip install 'lmkit=={__version__}' pandas"
NO_JAVA = "Its logs, and those of the system, may tell why: mostly memory ran short, or what --spark names is not there. Then begin again."
KNOWN = (  # what is said, what it means, what to do
    (
        r"No module named [^\n]*|PACKAGE_NOT_INSTALLED[^\n]*|Can't get attribute [^\n]*lmkit[^\n]*",
        "the Python of Spark's workers lacks what it needs",
        f"Install {LMKIT} on each machine, and name its Python there with PYSPARK_PYTHON (spark.pyspark.python).",
    ),
    (
        r"PYTHON_VERSION_MISMATCH[^\n]*|Python in worker has different version[^\n]*|\d different Python versions[^\n]*",
        "Spark's workers have another Python",
        "Name one of the same version there with PYSPARK_PYTHON (spark.pyspark.python).",
    ),
    (
        r"Cannot run program[^\n]*",
        "Spark's workers cannot start Python",
        "Name their Python with PYSPARK_PYTHON (spark.pyspark.python).",
    ),
    (
        r"No space left on device[^\n]*|Disk quota exceeded[^\n]*",
        "a disk of Spark's workers is full",
        "Make room there (spark.local.dir, --spark-folder), or give more workers.",
    ),
    (
        r"UnsupportedClassVersionError[^\n]*|class file version[^\n]*",
        "this Java is too old for Spark",
        "Install Java 17 or later, and name it with JAVA_HOME.",
    ),
    (
        r"Master must either [^\n]*|Could not parse Master URL[^\n]*|Invalid master URL[^\n]*",
        "--spark is not as Spark has it",
        "It is sc://host:port, spark://host:port, local[4], or leave it out, to work on this machine.",
    ),
    (
        r"OutOfMemoryError[^\n]*|Python worker exited unexpectedly[^\n]*|ExecutorLostFailure[^\n]*|exit code 137[^\n]*",
        "workers of Spark died at the same work, again and again",
        "Mostly memory ran short: give each more (spark.executor.memory, spark.executor.pyspark.memory), or fewer tasks at once.",
    ),
    (
        r"Class \S*FileSystem not found|No FileSystem for scheme[^\n]*|UnsupportedFileSystemException[^\n]*",
        "Spark cannot read and write places such as --spark-folder names",
        "Give it what can, such as hadoop-aws of Spark's own version of Hadoop for s3://, with spark.jars.packages in spark-defaults.conf.",
    ),
    (
        r"StatusCode\.UNAVAILABLE[^\n]*(?:\n\s*details = [^\n]*)?",
        "its server has gone, or is not reached any more",
        "Look whether it runs, and what is in its log; then begin again.",
    ),
    (
        r"PATH_NOT_FOUND[^\n]*|FILE_NOT_EXIST[^\n]*|FileNotFoundException[^\n]*|[Nn]o such file or directory[^\n]*|Mkdirs failed[^\n]*",
        "Spark's workers do not see the folder of messages as this machine does",
        SHARE,
    ),
)


CAUSE = "Caused by: "
OF_JAVA = re.compile(
    r"(?:: )?(?:[a-z]\w*\.)+[A-Z][\w$]*: (?=\S)"
)  # a name of a class, as py4j and Java begin what they say
OF_GRPC = re.compile(r'^\s*details = "(.+)"$', re.MULTILINE)
OF_PY4J = re.compile(r"An error occurred while calling [^\n]*")  # and nothing of what it was


def said_by(error: BaseException) -> str | None:
    """What an error says, or the name of its class; None where Java, of which it tells, or which is asked what it says, has ended."""
    if isinstance(error, ConnectionError) or type(error).__name__ == "Py4JNetworkError":
        return None
    try:
        return str(error) or type(error).__name__
    except Exception:  # noqa: BLE001 (py4j asks Java, on a connection)
        return None


def first_line(said: str) -> str:
    """The line of an error that says most, without Java's names of classes: the last cause that is told, or the first line."""
    if told := OF_GRPC.search(said):
        return told[1][:LONGEST].rstrip(".")
    lines = [line.strip() for line in OF_PY4J.sub("", said).splitlines()]
    causes = [line.removeprefix(CAUSE) for line in lines if line.startswith(CAUSE)]
    found = next((line for line in (*causes[::-1], *lines) if line), said)
    while prefix := OF_JAVA.match(found):
        found = found[prefix.end() :]
    return found[:LONGEST].rstrip(".")


@dataclass(frozen=True)
class Failed:
    """Work that an engine did not do, and what it says of it."""

    what: str
    error: BaseException
    logged: str = ""

    def told(self) -> DataError:
        """The error as it is told: what it means, if that is known, and what was said."""
        said = said_by(self.error)
        text = f"{said or ''}\n{self.logged}"
        for pattern, meaning, remedy in KNOWN:
            if found := re.search(pattern, text):
                return DataError(f"{self.what}: {meaning}: {' '.join(found[0].split())[:LONGEST]}", remedy)
        if said is None:
            return DataError(f"{self.what}: its Java has ended.", NO_JAVA)
        return DataError(
            f"{self.what}: {first_line(said)}.",
            "What Spark says of it at length is in its logs, on its driver and its workers.",
        )
