"""lmkit sentences"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.standard import while_read
from lmkit.text.reading import Reading
from lmkit.text.settings import Language, Sentences, TextSettings


@command(short="Print running text one sentence a line.", after="evaluate", topic="Text", known_as=("split",))
def sentences(
    files: shared.Unformatted = None,
    sentences: Annotated[
        Sentences,
        Option(help="What a sentence is: what is found in running text, a whole file, or a line."),
    ] = "split",
    language: Annotated[
        Language, Option(help="Whose abbreviations --sentences split knows; any: of all these.")
    ] = "any",
    encoding_errors: shared.Invalid = "strict",
    quiet: shared.Quiet = False,
) -> None:
    """Print running text one sentence a line.

    \b
    lmkit sentences novel.txt > novel.sentences
    lmkit sentences novel.txt | lmkit tokenize --tokenizer words | lmkit ngram train -n 3 -o counts.safetensors

    A blank line ends a paragraph, and with it a sentence; any other line end is a space. No character is lost but white space.
    Commands that read text do the same with --sentences split.

    Memory: some 100 MB, whatever the length of the text; with --sentences document, some 10 times the longest file.
    """
    from lmkit.text.sentences.splitting import read_sentences

    texts = shared.Formatting().texts(files)
    settings = TextSettings(sentences=sentences, language=language)
    with progress(quiet, texts, "splitting"):
        blocks = read_sentences(texts, settings, Reading(encoding_errors))
        for block in while_read(blocks):
            rendering.write_text(block.data)
