"""lmkit neural import"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument
from lmkit.cli.options import groups as shared
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering


@command(short="Make a model of a folder of GPT-2's shape.", after="export")
def import_(
    folder: Annotated[
        str,
        Argument(metavar="FOLDER", help="A folder with config.json, model.safetensors (32 bits) and tokenizer.json."),
    ],
    output: shared.Output = None,
    quiet: shared.Quiet = False,
) -> None:
    """Make a model of a folder of GPT-2's shape, as `lmkit neural export`, or save_pretrained of `transformers`, writes it.

    \b
    lmkit neural import gpt2-fr -o m.safetensors

    A folder that lmkit wrote gives the model that it was made of. In others, the token that ends a text (eos_token_id) becomes </s>, and
    that which begins one <s>; often one is both. All other tokens keep their text. Where no token stands for unknown words, <unk> has a
    probability of nothing. Activation gelu_new, tied embeddings and GPT-2's other defaults are needed.

    Memory: three times the parameters.
    """
    from lmkit.neural.exchange.importing import import_gpt2

    target = outputs.check_output(output, "neural model")
    model = import_gpt2(folder)
    outputs.write_output(target, model)
    rendering.narrate(quiet, f"{len(model.parameters):,} parameters, {len(model.vocabulary):,} types")
    rendering.narrate(quiet, f"signature {model.signature()}")
