"""lmkit onehot"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output import files as outputs
from lmkit.cli.output.progress_bar import progress

if TYPE_CHECKING:
    from lmkit.text.ids.stored import EncodedText


@command(short="Encode running words as one-hot.", after="entropy", topic="Text", known_as=("one-hot",))
def onehot(
    options: shared.Counting,
    files: shared.Files = None,
    json: shared.JsonOption = False,
    as_: As = None,
    output: shared.MatrixOutput = None,
) -> None:
    """Encode each running word as one-hot: `token TAB index`, or a words × vocabulary matrix with -o.

    \b
    lmkit onehot corpus.txt | head
    lmkit onehot corpus.txt -o onehot.npz       # opens with scipy.sparse.load_npz

    Columns 0, 1 and 2 are </s>, <s> and <unk>; words follow by first occurrence. Unknown words are in column 2.

    Memory: the distinct words; with -o also 9 bytes a running word.
    """
    from lmkit.engine.files.table_files import Table
    from lmkit.text.ids.stored import encode_text

    form = form_of(as_, json=json)
    target = None if output is None else outputs.check_output(output, "matrix", "table")
    outputs.refuse_with_output(target, {}, json=json, asked=as_)
    texts = options.texts(files)
    with progress(options.quiet, texts):
        text = encode_text(texts, **options.for_counting())
    if target is not None and target.kind == "matrix":
        from lmkit.vectors.onehot import one_hot
        from lmkit.vectors.word_matrix import WordMatrix

        outputs.write_output(target, WordMatrix(one_hot(text), text.vocabulary, "one-hot", text.details()))
        return
    outputs.write_listing(Table(("token", "index"), rows_of(text)), target, form, header=True)


def rows_of(text: "EncodedText") -> "Iterator[list[Any]]":
    """The running words and their columns, in pieces."""
    import pyarrow as pa

    from lmkit.engine.arrow import to_arrow
    from lmkit.engine.columns import as_texts
    from lmkit.text.vocabulary import UNK

    words = as_texts(text.all_words.arrow_words())
    for tokens in text.unlimited_blocks():
        running = tokens[tokens >= UNK]
        yield [pa.DictionaryArray.from_arrays(to_arrow(running), words), text.new_ids[running]]
