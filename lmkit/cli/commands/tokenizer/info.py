"""lmkit tokenizer info"""

from dataclasses import asdict
from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument
from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering


@command(short="Say how a tokenizer cuts texts.", after="decode")
def info(
    tokenizer: shared.Tokenizer,
    files: Annotated[
        list[str] | None, Argument(metavar="[FILE]...", help="Texts to measure it on, plain or compressed.")
    ] = None,
    json: shared.JsonOption = False,
    workers: shared.Workers = None,
) -> None:
    """Say what a tokenizer is, and how it cuts texts: tokens a word, characters and bytes a token, coverage.

    \b
    lmkit tokenizer info fr.json
    lmkit tokenizer info fr.json french.txt english.txt ewe.txt

    Words are what stands between white space. Covered is what needs no unknown token and no part of a character: `token_coverage` is the
    share of such tokens, `word_coverage` the share of words made of them alone.

    Memory: some 450 MB, whatever the length of the texts.
    """
    from lmkit.text.lines.subwords import subword_figures
    from lmkit.text.tokens.subwords.tokenizer import read_tokenizer

    if files:
        shared.refuse_shared_stdin(tokenizer, files)
    found = read_tokenizer(tokenizer)
    resources = shared.resources(workers)
    figures = [asdict(subword_figures(found, file, resources=resources)) for file in files or []]
    if json or not files:
        rendering.write_record(json, found.about | {"files": figures}, found.about)
    else:
        rendering.write_header(["tokenizer", *figures[0]])
        for row in figures:
            rendering.write_line("\t".join([found.name, *map(rendering.figure_as_text, row.values())]))
