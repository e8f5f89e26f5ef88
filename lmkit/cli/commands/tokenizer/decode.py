"""lmkit tokenizer decode"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering
from lmkit.cli.output.standard import while_read


@command(short="Put subwords together to text.", after="encode")
def decode(
    tokenizer: shared.Tokenizer,
    files: shared.Unformatted = None,
    ids: Annotated[bool, Option("--ids", help="The lines are numbers of tokens.")] = False,
) -> None:
    """Put subwords together to text again, line by line.

    \b
    lmkit tokenizer encode fr.json novel.txt | lmkit tokenizer decode fr.json

    Bytes that make no character become U+FFFD.

    Memory: some 100 MB, whatever the length of the text.
    """
    from lmkit.text.lines.subwords import decoded_lines
    from lmkit.text.tokens.subwords.tokenizer import read_tokenizer

    shared.refuse_shared_stdin(tokenizer, files)
    texts = shared.Formatting().texts(files)
    for line in while_read(decoded_lines(read_tokenizer(tokenizer), texts, ids=ids)):
        rendering.write_line(line)
