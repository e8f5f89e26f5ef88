"""lmkit onehot"""

from typing import Annotated

import typer

from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress


@shared.grouped
def onehot(
    options: shared.Limiting,
    files: shared.Files = None,
    json: shared.JsonOption = False,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE.npz", help="Write the matrix instead of lines.")
    ] = None,
) -> None:
    """Encode each running word as one-hot: `token TAB index`, or a words × vocabulary matrix with -o.

    \b
    lmkit onehot corpus.txt | head
    lmkit onehot corpus.txt -o onehot.npz       # opens with scipy.sparse.load_npz

    Columns 0, 1 and 2 are </s>, <s> and <unk>; words follow by first occurrence. Unknown words are in column 2.

    Memory: the distinct words; with -o also 9 bytes a running word.
    """
    from lmkit.text.ids.stored import encode_text

    rendering.refuse_with_output(output, {"--json": json})
    if output is not None:
        rendering.check_output(output)
    texts = options.texts(files)
    with progress(options.quiet, texts) as on_bytes:
        text = encode_text(texts, **options.for_encoding(), on_bytes=on_bytes)
    if output is not None:
        from lmkit.storage import save_matrix
        from lmkit.vectors.onehot import one_hot

        save_matrix(rendering.output_target(output), one_hot(text), text.vocabulary)
        return
    from lmkit.text.vocabulary import UNK

    if not json:
        rendering.write_header(("token", "index"))
    words = [word.decode() for word in text.all_words.words]
    for tokens in text.unlimited_blocks():
        running = tokens[tokens >= UNK]
        columns = [rendering.word_column(words, running, json), rendering.number_column(text.new_ids[running], json)]
        rendering.write_rows(("token", "index"), columns, json)
