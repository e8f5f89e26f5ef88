"""lmkit vocabulary list"""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import DataError, UsageError

if TYPE_CHECKING:
    from lmkit.engine.table_files import Table
    from lmkit.statistics.word_list import WordList


@command(short="List the words of a text.")
def list_words(
    options: shared.Scoring,
    files: shared.Files = None,
    cutoff: Annotated[int | None, Option(metavar="K", help="Only words seen K times or more.", min=1)] = None,
    size: Annotated[int | None, Option(metavar="N", help="Only the N most frequent words.", min=1)] = None,
    output: shared.Output = None,
) -> None:
    """List the words of a text with their counts: a file that every --vocabulary takes.

    \b
    lmkit vocabulary list corpus.txt --size 20000 -o words.txt
    lmkit vocabulary list corpus.txt --cutoff 3 | lmkit ngram train --vocabulary - corpus.txt -o counts.safetensors

    `word TAB count`, most frequent first, ties by code point, which also decide whom --size leaves out. Sentence marks and
    <unk> are not listed. stderr says how many running words the list covers.

    Memory: about 300 bytes for each distinct word.
    """
    from lmkit.statistics.word_list import word_list

    if cutoff is not None and size is not None:
        raise UsageError("--cutoff and --size were both given.", "Either of them limits the list: leave one out.")
    target = outputs.check_output(output, "words")
    texts = options.texts(files)
    with progress(options.quiet, texts, "counting words"):
        words = word_list(
            texts,
            **options.for_scoring(),
        )
    kept = words.limited(cutoff=cutoff or 1, size=size)
    if not kept.types:
        raise DataError(f"no word is seen {cutoff} times or more.", "Use a lower --cutoff.")
    outputs.write_output(target, table_of(kept))
    rendering.narrate(options.quiet, kept_in_words(kept, words))


def table_of(words: "WordList") -> "Table":
    """The words with their counts; alone where there are no counts."""
    from lmkit.engine.columns import as_texts
    from lmkit.engine.table_files import Table
    from lmkit.text.vocabulary import FIRST_WORD

    texts = as_texts(words.vocabulary.to_arrow()[FIRST_WORD:])
    if words.counts is None:
        return Table(("word",), [[texts]])
    return Table(("word", "count"), [[texts, words.counts[FIRST_WORD:]]])


def kept_in_words(kept: "WordList", words: "WordList") -> str:
    """One line on how much of a text the words of a list cover."""
    from lmkit.text.vocabulary import FIRST_WORD

    counts = [] if kept.counts is None else kept.counts[FIRST_WORD:].tolist()
    seen, tokens, rarest = sum(counts), words.tokens or 1, counts[-1]
    return (
        f"{kept.types:,} of {words.types:,} words, the rarest of them seen {rarest:,} times; "
        f"they cover {seen:,} of {tokens:,} running words ({100 * seen / tokens:.4g} %)"
    )
