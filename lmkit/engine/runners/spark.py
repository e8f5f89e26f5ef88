"""Steps carried out by Spark, or what speaks its protocol: each is a shuffle by target, and messages lie in Parquet files in between.

What Spark knows of it are tables and a function of their rows. A step that a worker lost is done again from the files of the step
before, with the same result. The driver reads and writes the same folder, and asks Spark for no row.
"""

import logging
import pickle
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from lmkit.engine import progress
from lmkit.engine.resources import Resources
from lmkit.engine.runners.local import Held
from lmkit.engine.runners.payloads import packed_value, unpacked_value
from lmkit.engine.runners.processes import tell
from lmkit.engine.runners.protocol import DRIVER, Message, Sent, Step, by_target
from lmkit.engine.runners.rows import ADDRESS, COLUMNS, PAYLOAD, TOLD, messages_in, opened, packed_rows
from lmkit.engine.runners.shared_folder import SharedFolder
from lmkit.engine.runners.spark_faults import LMKIT, SHARE, Failed
from lmkit.engine.runners.spark_session import asked_for, session_of_spark
from lmkit.engine.runners.worker import Outcome, observed
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

EACH_MEMORY = 1 << 30  # bytes for the work on a target, on machines of which this one knows nothing
OUTCOME = "outcome"  # the kind of the message with what became of the work on a target


class Spark:
    """Carries steps out on Spark."""

    folder, shares_files = None, False

    def __init__(self, resources: Resources = Resources(), where: str | None = None, shared: str | None = None) -> None:
        """resources: of this machine; its workers, if they are given, are how many targets are worked on at the same time.

        where: sc://host:port, spark://host:port, another master that Spark knows (default: as $SPARK_REMOTE says, or processes of this machine). shared: the folder that all machines read and write, or its URL (default: that for temporary files).
        """
        self._resources, self._where, self._steps = resources, where, 0
        self._place = shared or str(resources.folder)

    def __enter__(self) -> Self:
        resources = self._resources
        with silence(), ExitStack() as stack:
            self._shared = SharedFolder(self._place)
            stack.callback(self._shared.remove)
            tmp = stack.enter_context(
                TemporaryDirectory(prefix="lmkit-", dir=resources.tmp, ignore_cleanup_errors=True)
            )
            self._session = stack.enter_context(session_of_spark(self._where, resources.threads, tmp))
            self.targets_at_once = resources.workers or at_once(self._session) or resources.threads
            self._ending = stack.pop_all()
        here = asked_for(self._where) is None
        memory = resources.memory_limit // self.targets_at_once if here else EACH_MEMORY
        self.each = Resources(workers=1, memory=max(memory, 1))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the session, and remove the messages."""
        with silence():
            self._ending.__exit__(kind, error, trace)

    def rest(self) -> None:
        """See `Runner`: what does the work is no part of this machine, or is not to be started twice."""

    def step(self, name: str, function: Step, given: Sequence[Message], sent: Sent | None = None) -> "InTables":
        """See `Runner`."""
        before = cast("InTables | None", sent)
        self._steps += 1
        tables, result = [before.table] if before else [], InTables(f"sent-{self._steps}", self._resources)
        targets = {each.target for each in given} | (before.targets if before else set())
        advance = progress.stage(name, len(targets))
        if not targets:
            return result
        if given:
            tables.append(f"given-{self._steps}")
            self._shared.write(tables[-1], given)
        try:
            with silence():
                self._carry_out(pickle.dumps(function), tables, len(targets), result.table)
        except Exception as error:  # noqa: BLE001 (Java's, pyspark's, gRPC's)
            raise Failed(undone(name), error).told() from None
        result.take(self._shared)
        result.tell(name, targets, self._shared.place)
        advance(len(targets))
        for table in tables:
            self._shared.remove(table)
        return result

    def _carry_out(self, function: bytes, tables: list[str], partitions: int, result: str) -> None:
        """Have a table made of others."""

        def work(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
            return carried_out(function, version, batches)

        version = __version__
        rows = self._session.read.schema(COLUMNS).parquet(*map(self._shared.url, tables))
        rows = rows.where(f"target <> {DRIVER}").repartition(partitions, "target")
        done = rows.mapInArrow(work, COLUMNS)
        done.write.option("compression", "none").parquet(self._shared.url(result))


@contextmanager
def silence() -> Iterator[None]:
    """Within this block, nothing is told that is not for people who count words: warnings of pyspark, of pandas and the like; what py4j logs when Java is gone."""
    root, own = logging.getLogger(), logging.getLogger("py4j")  # it logs to both
    before = own.level
    root.addFilter(is_of_others)
    own.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeFilter(is_of_others)
        own.setLevel(before)


def is_of_others(record: logging.LogRecord) -> bool:
    """Whether something that is logged is not of py4j."""
    return "py4j" not in Path(record.pathname).parts


def at_once(session: Any) -> int | None:
    """How many tasks a cluster does at the same time, as it says itself by how it shares rows out; None where it does not."""
    try:
        (found,) = session.range(1 << 16).selectExpr("spark_partition_id() AS p").agg({"p": "max"}).collect()
        return int(found[0]) + 1
    except Exception:  # noqa: BLE001 (it is a mere guess)
        return None


def undone(name: str) -> str:
    """What is said of a step that failed."""
    return f"Spark could not do the work ({name})"


def carried_out(function: bytes, version: str, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """What a step sends for the targets whose rows these are, all rows of each; and what became of it. version: of the program that asks for it."""
    targets = by_target(messages_in(batches, PAYLOAD))
    for target in list(targets):
        outcome = observed(partial(sent_by, function, version, target, targets.pop(target)))
        yield from outcome.sent
        told = packed_value(replace(outcome, sent=[]))
        yield from packed_rows(Message(DRIVER, target, OUTCOME, told))


def sent_by(function: bytes, version: str, target: int, messages: Sequence[Message]) -> "list[pa.RecordBatch]":
    """The rows that a step sends for a target."""
    if version != __version__:
        raise DataError(f"a worker of Spark has lmkit {__version__}.", f"Install {LMKIT.replace(__version__, version)}")
    step: Step = pickle.loads(function)  # noqa: S301 (of the program that asked for the work)
    return [row for message in step(target, list(opened(messages))) for row in packed_rows(message)]


@dataclass(eq=False)
class InTables:
    """What was sent: in a table what goes to targets, here what was told to the driver."""

    table: str
    resources: Resources

    def __post_init__(self) -> None:
        self.targets: set[int] = set()
        self.held = Held(self.resources)

    def take(self, shared: SharedFolder) -> None:
        """Take what the driver was told out of the table."""
        rows = self._noted(shared.read(self.table, [*ADDRESS, "kind", TOLD]))
        for message in opened(messages_in(rows, TOLD)):
            self.held.add(message)
        self.targets.discard(DRIVER)

    def _noted(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """The rows, their targets noted."""
        for batch in batches:
            self.targets.update(batch.column("target").to_pylist())
            yield batch

    def tell(self, name: str, targets: set[int], place: str) -> None:
        """Tell what became of the work on each target. DataError where a target told nothing."""
        outcomes: dict[int, Outcome] = {each.source: unpacked_value(each) for each in self.held.to_driver(OUTCOME)}
        if outcomes.keys() != targets:
            raise DataError(
                f"of {len(targets)} parts of the work ({name}), {len(outcomes)} came back from Spark's workers by way of {place}.",
                SHARE,
            )
        for target in sorted(targets):
            outcome = outcomes[target]
            if isinstance(outcome.error, ImportError):  # it is not for this machine to mend
                outcome = replace(outcome, error=Failed(undone(name), outcome.error).told())
            tell(f"{name}, part {target + 1}", outcome, [])

    def to_driver(self, kind: str, scratch: Scratch | None = None) -> Iterator[Message]:
        """See `Sent`."""
        yield from self.held.to_driver(kind, scratch)
