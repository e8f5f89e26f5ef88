"""lmkit tokenizer info"""

from dataclasses import asdict
from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output.records import write_record
from lmkit.cli.output.small_tables import write_small_table


@command(short="Say how a tokenizer cuts texts.", after="decode")
def info(
    tokenizer: shared.Tokenizer,
    files: Annotated[
        list[str] | None, Argument(metavar="[FILE]...", help="Texts to measure it on, plain or compressed.")
    ] = None,
    json: shared.JsonOption = False,
    as_: As = None,
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

    form = form_of(as_, json=json)
    if files:
        shared.refuse_shared_stdin(tokenizer, files)
    found = read_tokenizer(tokenizer)
    resources = shared.resources(workers)
    figures = [asdict(subword_figures(found, file, resources=resources)) for file in files or []]
    if form == "json" or not files:
        write_record(form, found.about | {"files": figures}, found.about)
    else:
        write_small_table(["tokenizer", *figures[0]], [[found.name, *row.values()] for row in figures], form=form)
