"""lmkit tokenize"""

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.standard import while_read


@command(short="Print text as tokens.", after="sentences", topic="Text", known_as=("tok", "words"))
def tokenize(options: shared.Threaded, files: shared.Files = None) -> None:
    """Print text as the tokens that lmkit makes of it: line by line, a space between two.

    \b
    lmkit tokenize --tokenizer words --lowercase novel.txt > novel.tok
    cat raw.txt | lmkit tokenize --tokenizer words | lmkit ngram train -n 3 -o counts.safetensors

    Every line stays one, empty ones too, so that parallel texts stay parallel. Tokenizing the result again changes nothing.

    Memory: some 100 MB, whatever the length of the text.
    """
    from lmkit.engine.columns import as_lines
    from lmkit.text.lines.words import tokenized_lines

    texts = options.texts(files)
    with progress(options.quiet, texts, "tokenizing"):
        blocks = tokenized_lines(texts, **options.for_scoring())
        for lines in while_read(blocks):
            if len(lines):
                rendering.write_text(as_lines([lines]))
