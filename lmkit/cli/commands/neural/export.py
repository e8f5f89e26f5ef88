"""lmkit neural export"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument
from lmkit.cli.options import groups as shared
from lmkit.cli.options.neural.models import NeuralModel
from lmkit.cli.output import rendering


@command(short="Write a transformer as a folder that transformers opens.", after="embeddings")
def export(
    model: NeuralModel,
    folder: Annotated[
        str, Argument(metavar="FOLDER", help="Where to write: a folder that is not there yet, or one written before.")
    ],
    quiet: shared.Quiet = False,
) -> None:
    """Write a transformer as a folder of GPT-2's shape, which AutoModelForCausalLM and AutoTokenizer of `transformers` open.

    \b
    lmkit neural export m.safetensors gpt2-fr
    python -c 'from transformers import pipeline; print(pipeline("text-generation", "gpt2-fr")("Il était"))'

    The tokenizer gives the same ids, with <s> in front. Logits are the same; lmkit's softmax leaves <s> out, which is never predicted,
    and that of other programs does not: the folder tells `generate` so. What tokenizer.json cannot hold is told, or refused.

    `lmkit neural import` makes the model of the folder again.

    Memory: the model is mapped from disk.
    """
    from lmkit.neural.exchange.exporting import export_gpt2
    from lmkit.storage import load_neural

    found = load_neural(shared.model_source(model))
    export_gpt2(found, folder)
    rendering.narrate(quiet, f"wrote {folder}: {len(found.parameters):,} parameters, {len(found.vocabulary):,} types")
