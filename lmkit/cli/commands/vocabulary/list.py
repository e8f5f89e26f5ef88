"""lmkit vocabulary list"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.options.sharing import Sharing
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import DataError, UsageError

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.engine.files.table_files import Table
    from lmkit.statistics.word_list import WordList


@dataclass(repr=False, eq=False)
class Listing(Sharing, shared.Scoring):
    """How text is read, and by what its words are counted."""


MinCount = Annotated[
    int | None,
    Option("--min-count", metavar="K", formerly=("--cutoff",), help="Only words seen K times or more.", min=1),
]
Top = Annotated[
    int | None,
    Option("--top", metavar="K", formerly=("--size",), help="Only the K most frequent words; 0: all.", min=0),
]


@command(short="List the words of a text, or of a model.", known_as=("vocab", "words"))
def list_words(
    options: Listing,
    files: shared.Files = None,
    cutoff: MinCount = None,
    size: Top = None,
    marks: Annotated[bool, Option("--marks", help="Of a model, also list </s>, <s> and <unk>.")] = False,
    output: shared.Output = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """List the words of a text with their counts, or the words of a model: a file that `lmkit ngram train --vocabulary` takes.

    \b
    lmkit vocabulary list corpus.txt --top 20000 -o words.txt
    lmkit vocabulary list corpus.txt --min-count 3 | lmkit ngram train --vocabulary - corpus.txt -o counts.safetensors
    lmkit vocabulary list kn5.safetensors -o unigrams.txt

    `word TAB count`, most frequent first, ties by code point, which also decide whom --top leaves out. Sentence marks and
    <unk> are not listed. stderr says how many running words the list covers.

    If FILE is a model or counts, its words stand in the order of their numbers there; counts have theirs, too, and with --min-count or
    --top go by them.

    Memory: about 300 bytes for each distinct word.
    """
    from lmkit.cli.commands.vocabulary.sources import only_source
    from lmkit.statistics.word_list import word_list

    size = size or None
    form = form_of(as_, json=json)
    if cutoff is not None and size is not None:
        raise UsageError("--min-count and --top were both given.", "Either of them limits the list: leave one out.")
    target = outputs.check_output(output, "words")
    sharing = options.sharing()
    resources = options.resources()
    outputs.refuse_with_output(None if target.path == "-" else target, {}, json=json, asked=as_)
    with ExitStack() as opened:
        source = only_source(opened, options, files)
        if source is not None and source.kind == "model":
            if sharing:
                raise UsageError(f"{sharing} shares texts out, and FILE is a model.", "Leave it out.")
            words = source.load()
            options.settings(words.settings)  # which refuses options that the model contradicts
            listed = words if cutoff is None and size is None else most_frequent(words)
        else:
            if marks:
                raise UsageError("--marks lists the marks of a model, and FILE is a text.", "Leave it out.")
            texts = options.texts(files) if source is None else [options.text(source.place)]
            with progress(options.quiet, texts, "counting words"):
                rendering.workers_told(options.quiet, resources, texts)
                with options.runner() as runner:
                    how = options.for_scoring() | {"resources": resources, "runner": runner}
                    words = listed = word_list(texts, **how)
    kept = listed.limited(cutoff=cutoff or 1, size=size)
    if not kept.types:
        raise no_word(cutoff)
    write_list(table_of(kept, marks=marks), target, form)
    rendering.narrate(options.quiet, kept_in_words(kept, words))


def write_list(table: "Table", target: "Output", form: Form) -> None:
    """Write the list: as --vocabulary reads it, unless another form is asked for."""
    if target.path == "-" and form != "plain":
        outputs.write_listing(table, None, form)
    else:
        outputs.write_output(target, table)


def no_word(cutoff: int | None) -> DataError:
    """The error for a list without a word."""
    if cutoff is None:
        return DataError("the model knows no word.")
    return DataError(f"no word is seen {cutoff} times or more.", "Use a lower --min-count.")


def most_frequent(words: "WordList") -> "WordList":
    """The words of counts that were seen, most frequent first. UsageError for a model, which holds no counts."""
    import numpy as np

    from lmkit.text.vocabulary import FIRST_WORD

    if words.counts is None:
        raise UsageError(
            "--min-count and --top go by counts, and a model of probabilities holds none.", "Give counts, or a text."
        )
    return words.by_count(np.flatnonzero(words.counts[FIRST_WORD:]) + FIRST_WORD)


def table_of(words: "WordList", *, marks: bool = False) -> "Table":
    """The words with their counts; alone where there are no counts. marks: also the marks, before them."""
    from lmkit.engine.columns import as_texts
    from lmkit.engine.files.table_files import Table
    from lmkit.text.vocabulary import FIRST_WORD

    first = 0 if marks else FIRST_WORD
    texts = as_texts(words.vocabulary.arrow_words()[first:])
    if words.counts is None:
        return Table(("word",), [[texts]])
    return Table(("word", "count"), [[texts, words.counts[first:]]])


def kept_in_words(kept: "WordList", words: "WordList") -> str:
    """One line on how much of a text the words of a list cover."""
    from lmkit.text.vocabulary import FIRST_WORD

    if kept.counts is None or words.tokens is None:
        return f"{kept.types:,} words"
    counts = kept.counts[FIRST_WORD:]
    seen = int(counts.sum())
    return (
        f"{kept.types:,} of {words.types:,} words, the rarest of them seen {counts.min():,} times; "
        f"they cover {seen:,} of {words.tokens:,} running words ({100 * seen / (words.tokens or 1):.4g} %)"
    )
