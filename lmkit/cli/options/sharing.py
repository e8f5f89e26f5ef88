"""Options of commands whose work can be shared out, among processes or machines."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from lmkit.cli.declared import RESOURCES, Option
from lmkit.cli.options import groups as shared
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from lmkit.engine.resources import Resources
    from lmkit.engine.runners.protocol import Runner
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.text.sources.names import TextFile

Processes = Annotated[
    bool,
    Option("--processes", help="Workers are processes, for many cores and much text.", panel=RESOURCES),
]
Engine = Annotated[
    Literal["spark"] | None,
    Option(
        help="What shares the work out to other machines: Spark 4 or later (pip install 'lmkit[spark]').",
        panel=RESOURCES,
    ),
]
SparkAt = Annotated[
    str | None,
    Option(
        "--spark",
        metavar="URL",
        help="Where Spark is: sc://host:port (Spark Connect), spark://host:port [default: $SPARK_REMOTE, or else this machine].",
        panel=RESOURCES,
    ),
]
SparkFolder = Annotated[
    str | None,
    Option(
        metavar="DIR",
        help="A folder, or the URL of one, that this machine and Spark's workers read and write [default: --tmp].",
        panel=RESOURCES,
    ),
]


BESIDE_RESUME = {"processes": "--processes", "engine": "--engine"}  # what --resume does not go with


@dataclass(repr=False, eq=False)
class Sharing:
    """By what work is done, and shared out."""

    workers: shared.Workers = None
    memory: shared.Memory = None
    tmp: shared.Tmp = None
    verbose: shared.Verbose = False
    processes: Processes = False
    engine: Engine = None
    spark: SparkAt = None
    spark_folder: SparkFolder = None

    def resources(self) -> "Resources":
        """What the work may take of the machine."""
        return shared.resources(self.workers, self.memory, self.tmp, processes=self.processes, verbose=self.verbose)

    def sharing(self) -> str | None:
        """The option that shares work out, if one was given. UsageError for those that contradict each other."""
        given = [name for name in ("spark", "spark_folder") if getattr(self, name) is not None]
        if given and self.engine is None:
            raise UsageError(f"--{given[0].replace('_', '-')} is for --engine spark.", "Give both, or none.")
        if self.engine and self.processes:
            raise UsageError("--processes and --engine both share work out.", "Leave one of them out.")
        return f"--engine {self.engine}" if self.engine else "--processes" if self.processes else None

    def runner(self) -> "AbstractContextManager[Runner | None]":
        """What shares the work out; None: this process does it."""
        if self.engine:
            from lmkit.engine.runners.spark import Spark

            return Spark(self.resources(), self.spark, self.spark_folder)
        if self.processes:
            from lmkit.engine.runners.processes import Processes

            return Processes(self.resources())
        return nullcontext()


@dataclass(repr=False, eq=False)
class SharingOut(Sharing, shared.Counting):
    """How text is read and counted, and by what."""

    def counts(self, texts: "list[TextFile]", order: int) -> "NgramCounts":
        """The counts of the texts, by whatever is to count them."""
        with self.runner() as runner:
            if runner is None:
                from lmkit.ngrams.counting.count import count_ngrams

                return count_ngrams(texts, order, **self.for_counting())
            from lmkit.ngrams.counting.supersteps.driver import count_on

            return count_on(runner, texts, order, **self.for_counting())
