"""The lmkit command: its subcommands, and what every way of ending prints and returns.

Exit codes: 0 done; 1 the data or files do not allow it; 2 wrong usage; 3 a gate failed; Ctrl-C 130, other
signals 128 and their number. A closed pipe changes none of these: it ends the printing.
"""

import errno
import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from lmkit.cli.commands import (
    compare,
    cooc,
    count,
    entropy,
    evaluate,
    explain,
    generate,
    next_words,
    onehot,
    perplexity,
    sentences,
    smooth,
    tokenize,
)
from lmkit.cli.commands.demo import demo
from lmkit.cli.commands.ngram import check as ngram_check
from lmkit.cli.commands.ngram import convert as ngram_convert
from lmkit.cli.commands.ngram import info as ngram_info
from lmkit.cli.commands.ngram import merge as ngram_merge
from lmkit.cli.commands.ngram import mix as ngram_mix
from lmkit.cli.commands.ngram import prune as ngram_prune
from lmkit.cli.commands.ngram import restrict as ngram_restrict
from lmkit.cli.commands.ngram import train as ngram_train
from lmkit.cli.commands.plot import heaps as plot_heaps
from lmkit.cli.commands.plot import perplexity as plot_perplexity
from lmkit.cli.commands.plot import surprisal as plot_surprisal
from lmkit.cli.commands.plot import zipf as plot_zipf
from lmkit.cli.commands.tokenizer import decode as tokenizer_decode
from lmkit.cli.commands.tokenizer import encode as tokenizer_encode
from lmkit.cli.commands.tokenizer import info as tokenizer_info
from lmkit.cli.commands.tokenizer import train as tokenizer_train
from lmkit.cli.commands.vocabulary import compare as vocabulary_compare
from lmkit.cli.commands.vocabulary import frequencies as vocabulary_frequencies
from lmkit.cli.commands.vocabulary import growth as vocabulary_growth
from lmkit.cli.commands.vocabulary import list as vocabulary_list
from lmkit.cli.options.smoothing_flags import complete_bare
from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.errors import LmkitError, LmkitWarning
from lmkit.version import __version__

app = typer.Typer(
    name="lmkit",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
ngram = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Train, merge, mix, prune, inspect, check, convert n-gram counts and models.",
    short_help="Train, merge, mix, prune, check models.",
)
vocabulary = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="List, compare and measure vocabularies: word lists, OOV words, Heaps' and Zipf's laws.",
    short_help="List, compare, measure vocabularies.",
)
plot = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Plot texts and models: in the terminal, as pictures, as pages; and write the figures behind them.",
    short_help="Plot texts and models.",
)
tokenizer = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Train and use subword tokenizers: BPE, WordPiece, Unigram.",
    short_help="Train and use subword tokenizers.",
)

FULL = "Free some room on the disk; commands that have --tmp DIR can put their temporary files elsewhere."
FORBIDDEN = "Check the permissions, of the folder too."
REMEDIES = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
}  # for errors of the system

app.command("count", short_help="List n-grams with their counts.")(count.count)
app.add_typer(ngram, name="ngram")
ngram.command("train", short_help="Count n-grams of orders 1 to N.")(ngram_train.train)
ngram.command("merge", short_help="Add counts files.")(ngram_merge.merge)
ngram.command("mix", short_help="Mix models into one.")(ngram_mix.mix)
ngram.command("prune", short_help="Drop the n-grams that matter least.")(ngram_prune.prune)
ngram.command("restrict", short_help="Restrict a model to a vocabulary.")(ngram_restrict.restrict)
ngram.command("info", short_help="Say what is in a model or counts file.")(ngram_info.info)
ngram.command("check", short_help="Find and repair what is wrong with a model.")(ngram_check.check)
ngram.command("convert", short_help="Convert to or from ARPA.")(ngram_convert.convert)
app.command("smooth")(smooth.smooth)
app.command("perplexity", short_help="Measure how well a model predicts text.")(perplexity.perplexity)
app.command("explain", short_help="Show how probabilities come about.")(explain.explain)
app.command("next", short_help="Predict the next word.")(next_words.next_words)
app.command("generate", short_help="Generate sentences.")(generate.generate)
app.command("compare", short_help="Compare two models on a text.")(compare.compare)
app.command("evaluate", short_help="Measure models on texts, with gates, for CI.")(evaluate.evaluate)
app.command("sentences", short_help="Print running text one sentence a line.")(sentences.sentences)
app.command("tokenize", short_help="Print text as tokens.")(tokenize.tokenize)
app.add_typer(tokenizer, name="tokenizer")
tokenizer.command("train", short_help="Train a subword tokenizer.")(tokenizer_train.train)
tokenizer.command("encode", short_help="Print text as subwords.")(tokenizer_encode.encode)
tokenizer.command("decode", short_help="Put subwords together to text.")(tokenizer_decode.decode)
tokenizer.command("info", short_help="Say how a tokenizer cuts texts.")(tokenizer_info.info)
app.command("entropy", short_help="Measure the entropy of a text in bits.")(entropy.entropy)
app.add_typer(vocabulary, name="vocabulary")
vocabulary.command("list", short_help="List the words of a text.")(vocabulary_list.list_words)
vocabulary.command("compare", short_help="Compare two vocabularies; OOV rates.")(vocabulary_compare.compare)
vocabulary.command("growth", short_help="Measure how it grows: Heaps' law.")(vocabulary_growth.growth)
vocabulary.command("frequencies", short_help="Measure word counts: Zipf's law.")(vocabulary_frequencies.frequencies)
app.command("onehot", short_help="Encode running words as one-hot.")(onehot.onehot)
app.command("cooc", short_help="Count words that stand near each other.")(cooc.cooc)
app.add_typer(plot, name="plot")
plot.command("zipf", short_help="Plot word counts by rank.")(plot_zipf.zipf)
plot.command("heaps", short_help="Plot the growth of the vocabulary.")(plot_heaps.heaps)
plot.command("perplexity", short_help="Plot perplexity by order and smoothing.")(plot_perplexity.perplexity)
plot.command("surprisal", short_help="Show the bits of each word as colour.")(plot_surprisal.surprisal)
app.command("demo", short_help="Run and explain it all on bundled texts.")(demo.demo)


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(f"lmkit {__version__}")
        raise typer.Exit


@app.callback()
def lmkit(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Classical language modelling: count, train, smooth, measure.

    \b
    lmkit count -n 2 corpus.txt | head
    lmkit ngram train -n 5 corpus.txt.gz -o counts.safetensors
    lmkit smooth --kneser-ney counts.safetensors -o kn5.safetensors
    lmkit perplexity kn5.safetensors test.txt --json
    lmkit demo                                  # all of it, explained
    """


def main() -> None:
    """Run the command line and exit."""
    if "_LMKIT_COMPLETE" in os.environ:  # a shell asks for completions
        app()
    for name in ("SIGTERM", "SIGHUP"):  # end as for Ctrl-C, so that unfinished files are removed
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    gc.disable()  # a command makes no cycles worth a search, and many objects that would be searched
    sys.exit(run(sys.argv[1:]))


def stop(number: int, _frame: object) -> None:
    """Unwind what is under way when the system asks to end."""
    raise SystemExit(128 + number)


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code, and prints errors to stderr."""
    standard_output.start()
    code = exit_code_of(lambda: invoke(arguments))
    flushed = exit_code_of(standard_output.flush)  # here, where a full disk can still be reported
    return code or flushed


def exit_code_of(work: Callable[[], int | None]) -> int:
    """The exit code that some work gives, or that its error has, which is printed to stderr."""
    try:
        with warnings_told():
            return work() or 0
    except BrokenPipeError:  # of --help, or of a pipe other than standard output
        standard_output.nobody_reads()
        return 0
    except (KeyboardInterrupt, typer.Abort):
        rendering.tell("lmkit: interrupted")
        return 130
    except LmkitError as error:
        rendering.tell(f"lmkit: {error}")
        return error.exit_code
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        remedy = REMEDIES.get(error.errno or 0, "")
        rendering.tell(f"lmkit: {error.strerror or error}{where}." + (remedy and f"\n{remedy}"))
        standard_output.silence()
        return 1
    except MemoryError:
        rendering.tell("lmkit: out of memory.\nUse a lower order, a --cutoff, or less --memory.")
        return 1


def invoke(arguments: list[str]) -> int:
    """Parse and run one command line; returns the exit code."""
    command = typer.main.get_command(app)
    try:
        # Not command.main(): it would turn a closed pipe into exit code 1.
        with command.make_context("lmkit", complete_bare(arguments)) as context:
            command.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    except Exception as error:
        if not (hasattr(error, "show") and hasattr(error, "exit_code")):  # typer's usage errors have both
            raise
        error.show()
        return int(error.exit_code)
    return 0


@contextmanager
def warnings_told() -> Iterator[None]:
    """Within this block, warnings of lmkit are told on stderr, each once: a text may be read several times."""
    told: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", LmkitWarning)
        show = warnings.showwarning

        def tell(message: Any, category: type[Warning], *where: Any, **more: Any) -> None:
            if not issubclass(category, LmkitWarning):
                show(message, category, *where, **more)
            elif str(message) not in told:
                told.add(str(message))
                rendering.tell(f"lmkit: {message}")

        warnings.showwarning = tell
        yield
