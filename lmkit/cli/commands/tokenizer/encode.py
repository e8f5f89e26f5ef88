"""lmkit tokenizer encode"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.standard import while_read


@command(short="Print text as subwords.", after="train")
def encode(
    tokenizer: shared.Tokenizer,
    files: shared.Unformatted = None,
    ids: Annotated[bool, Option("--ids", help="Print the numbers of the tokens.")] = False,
    workers: shared.Workers = None,
    quiet: shared.Quiet = False,
) -> None:
    """Print text as subwords, line by line, a space between two.

    \b
    lmkit tokenizer encode fr.json novel.txt > novel.tok
    echo "L'eau dort." | lmkit tokenizer encode fr.json --ids

    Every line stays one, and its white space is kept, where the tokenizer keeps it. Composed letters first (NFC); SentencePiece
    normalizes text by itself.

    Memory: some 450 MB, whatever the length of the text.
    """
    from lmkit.engine.columns import as_lines
    from lmkit.text.lines.subwords import encoded_lines
    from lmkit.text.tokens.subwords.tokenizer import read_tokenizer

    shared.refuse_shared_stdin(tokenizer, files)
    texts = shared.Formatting().texts(files)
    found = read_tokenizer(tokenizer)
    with progress(quiet, texts, "tokenizing"):
        blocks = encoded_lines(found, texts, ids=ids, resources=shared.resources(workers))
        for lines in while_read(blocks):
            if len(lines):
                rendering.write_text(as_lines([lines]))
