"""lmkit attention"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options.neural.tabulating import Tabulating
from lmkit.errors import UsageError


@command(short="Show which words attend to which.", after="positions", topic="Look")
def attention(
    options: Tabulating,
    model: Annotated[str | None, Argument(metavar="[MODEL]", help="A model with attention.")] = None,
    text: Annotated[str | None, Argument(metavar="[SENTENCE]", help="A sentence, in quotes.")] = None,
    query: Annotated[
        list[str] | None, Option(metavar="VECTOR", help="A query, as '1 0' or 1,0; once for each.")
    ] = None,
    key: Annotated[list[str] | None, Option(metavar="VECTOR", help="A key; once for each.")] = None,
    value: Annotated[
        list[str] | None,
        Option(metavar="VECTOR", help="The value of a key, in the same order; then their mixture is shown."),
    ] = None,
    unscaled: Annotated[
        bool, Option("--unscaled", help="Do not divide the products by the root of the dimensions.")
    ] = False,
    causal: Annotated[
        bool, Option("--causal", help="The second query sees two keys, the third three, and so on.")
    ] = False,
    layer: Annotated[int | None, Option(metavar="N", help="Of a model: this layer alone, from 1.", min=1)] = None,
    head: Annotated[int | None, Option(metavar="N", help="Of a model: this head alone, from 1.", min=1)] = None,
) -> None:
    """Show attention at work: where the tokens of a sentence look, for each layer and head of a transformer; or which weight each query that
    is typed in gives to each key, softmax(q·k / √d).

    \b
    lmkit attention transformer.safetensors "l' eau de la rivière est claire"
    lmkit attention transformer.safetensors "l' eau est claire" --layer 2 -o attention.html
    lmkit attention --query "1 0" --key "1 0" --key "0 1" --unscaled          # 0.731 0.269
    lmkit attention --query "1 0" --key "1 0" --key "0 1" --value "10 0" --value "0 10"

    A score is the product of query and key, divided by √d unless --unscaled says otherwise; weights are the softmax of a query's scores. With
    --value, `weighted` is the weight times the value, and the last row of each query their sum: what attention gives.

    Memory: the table.
    """
    from lmkit.cli.commands.attention.given import attend, show
    from lmkit.cli.commands.attention.of_model import show_attention

    if model is not None:
        typed = {"--query": query, "--key": key, "--value": value, "--unscaled": unscaled, "--causal": causal}
        if given := [name for name, wanted in typed.items() if wanted]:
            raise UsageError(
                f"{given[0]} is for vectors that are typed in, and {model} was given, too.", "Leave one of them out."
            )
        if text is None:
            raise UsageError(
                f"the attention of {model} is that of a sentence, and there is none.", "Give it after MODEL, in quotes."
            )
        show_attention(model, text, options, options.target("attention page", "attention picture"), layer, head)
        return
    if layer is not None or head is not None:
        raise UsageError("--layer and --head are for a MODEL, and there is none.", "Leave them out.")
    target = options.target("heat map picture")
    if not query or not key:
        raise UsageError("attention needs a --query and at least one --key.", "Give them as '1 0', once for each.")
    show(attend(query, key, value or [], scaled=not unscaled, causal=causal), options, target)
