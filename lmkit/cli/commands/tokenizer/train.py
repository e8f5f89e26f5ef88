"""lmkit tokenizer train"""

from typing import Annotated, Literal

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.resuming import resumable
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress


@command(short="Train a subword tokenizer.", known_as=("bpe", "unigram"))
@resumable("tokenizer train", "files")
def train(
    options: shared.Training,
    output: Annotated[
        str, Option("--output", "-o", metavar="FILE", help="Where to write (.json); - is standard output.")
    ],
    files: shared.Unformatted = None,
    model: Annotated[
        Literal["bpe", "wordpiece", "unigram"],
        Option(
            "--algorithm",
            formerly=("--model",),
            help="Byte-level BPE; WordPiece; Unigram with bytes for rare characters.",
        ),
    ] = "bpe",
    vocabulary_size: Annotated[
        int,
        Option("--vocabulary-size", metavar="N", help="How many tokens, bytes and characters included.", min=1),
    ] = 8000,
) -> None:
    """Train a subword tokenizer: a JSON file, as the tokenizers library of Hugging Face has it.

    \b
    lmkit tokenizer train --vocabulary-size 8000 novels.txt.gz -o fr.json
    lmkit ngram train -n 5 --kneser-ney --tokenizer fr.json novels.txt.gz -o model.safetensors

    The text is raw: not tokenized in any way. The file does by itself what the options ask for (lower case, ...).
    The same text gives the same file. With bpe and unigram nothing is unknown, and tokens can be put together to the text again;
    with wordpiece, characters that the text lacks become [UNK].

    Memory: some 150 MB, and for each distinct word about 300 bytes; for unigram about 2 KB.
    """
    from lmkit.text.tokens.subwords.training import train_tokenizer

    texts = shared.Formatting().texts(files)
    settings, reading = options.settings(), options.reading()
    target = outputs.check_output(output, "tokenizer")
    with progress(options.quiet, texts, "reading"):
        trained = train_tokenizer(texts, model, vocabulary_size, settings=settings, reading=reading)
    outputs.write_output(target, trained.json.encode())
    if len(trained) == vocabulary_size:
        rendering.narrate(options.quiet, trained.name)
    else:
        rendering.narrate(options.quiet, f"{trained.name}: {len(trained):,} tokens, the text does not give more")
