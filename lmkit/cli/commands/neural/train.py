"""lmkit neural train"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.neural.training import NeuralTraining
from lmkit.cli.output import files as outputs
from lmkit.cli.output.interruptions import stoppable
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError
from lmkit.neural.architectures.choices import CHOICES
from lmkit.neural.training.settings import ARCHITECTURE

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import FilePath
Architecture = Annotated[
    str | None,
    Option(metavar="NAME", help=f"{', '.join(CHOICES)} [default: {ARCHITECTURE}].", complete=tuple(CHOICES)),
]


@command(short="Train a neural model.")
def train(
    options: NeuralTraining,
    files: shared.Files = None,
    architecture: Architecture = None,
    output: shared.Output = None,
    log: Annotated[
        str | None,
        Option(metavar="FILE", help="Also write what was measured on the way, loss in nats: .tsv, .csv, .parquet."),
    ] = None,
    resume: Annotated[
        bool, Option("--resume", help="Go on with a training that was broken off, by the same command: same bits.")
    ] = False,
) -> None:
    """Train a neural model: softmax regression on bigrams, a feed-forward n-gram model, or a transformer.

    \b
    lmkit neural train --cutoff 3 novels.txt.gz -o model.safetensors
    lmkit neural train --unit character --minutes 10 novels.txt.gz --held-out dev.txt -o characters.safetensors
    lmkit neural train --architecture feed-forward --vocabulary-size 10000 corpus.tok -o ff.safetensors
    lmkit perplexity model.safetensors test.txt

    The parameters that are best on the validation text are written. Meanwhile MODEL.checkpoint.safetensors has what --resume needs; it goes when
    the model is there. The same seed gives the same model, whatever the threads.

    Memory: 4 bytes a token, and about 30 bytes a parameter; what does not fit --memory is told before, with what would.
    """
    from lmkit.cli.output.training import Narrator, log_of
    from lmkit.neural.training.checkpoint import checkpoint_of
    from lmkit.neural.training.running import DivergedError
    from lmkit.neural.training.training import train_neural

    target = outputs.check_output(output, "neural model")
    log_target = None if log is None else outputs.check_output(log, "table", option="--log")
    kept = checkpoint_of(target.path) if is_plain_file(target.path) else None
    if resume and kept is None:
        raise UsageError("--resume goes on from beside the model's file, and there is none.", "Give -o FILE.")
    if options.dev == "-" and "-" in (files or ["-"]):
        raise UsageError(
            "the text and --held-out would both be read from standard input.", "Name a file for one of them."
        )
    texts, how = options.texts(files), options.for_training(architecture)
    failure = None
    with progress(options.quiet, texts), stoppable() as interruption:
        told = Narrator(options.quiet, how["settings"].unit, interruption)
        with told.breaks(kept):
            try:
                model = train_neural(texts, checkpoint=kept, resume=resume, watcher=told, **how)
            except DivergedError as error:
                failure, model = error, error.model
            interruption.restore()  # from here on, what is asked to stop ends at once
            if log_target is not None:
                outputs.write_output(log_target, log_of(told.checks))
            if model is not None:
                outputs.write_output(target, model)
    if kept is not None:  # last, as long as anything can fail that would have to be done again
        kept.unlink(missing_ok=True)
    told.told_of(model)
    if failure is not None:
        raise failure


def is_plain_file(path: "FilePath") -> bool:
    """Whether a file of this name lies in a folder here, or will: no standard output, device or pipe, and nothing elsewhere."""
    from lmkit.engine.remote.names import is_remote

    return path != "-" and not is_remote(path) and (Path(path).is_file() or not Path(path).exists())
