"""The steps of `lmkit demo`: commands, with what is said of each."""

import shlex
from dataclasses import dataclass, field

from lmkit.cli.demo_texts import ENGLISH, FRENCH


@dataclass(frozen=True)
class Step:
    """One line of the demonstration."""

    title: str
    pipeline: list[list[str]]  # lmkit commands, each reading what the one before writes
    explained: dict[str, str] = field(default_factory=dict)  # figure -> what it says


def steps(language: str) -> list[Step]:
    """The steps in a language, fr or en."""
    texts = FRENCH if language == "fr" else ENGLISH
    return [
        Step(texts[name][0], [shlex.split(line.replace("L.", f"{language}.")) for line in pipeline], texts[name][1])
        for name, pipeline in COMMANDS.items()
    ]


# L. stands for the language of the texts.
COMMANDS: dict[str, list[str]] = {
    "words": ["count --top 5 L.train.tok"],
    "bigrams": ["count -n 2 --no-markers --top 5 L.train.tok"],
    "entropy": ["entropy -n 2 L.train.tok"],
    "train": ["ngram train -n 3 L.train.tok -o counts.safetensors"],
    "maximum-likelihood": ["perplexity counts.safetensors L.test.tok"],
    "laplace": ["smooth --laplace counts.safetensors -o laplace.safetensors"],
    "laplace-perplexity": ["perplexity laplace.safetensors L.test.tok"],
    "kneser-ney": ["smooth --kneser-ney counts.safetensors -o kneser-ney.safetensors"],
    "kneser-ney-perplexity": ["perplexity kneser-ney.safetensors L.test.tok"],
    "tokens": ["perplexity kneser-ney.safetensors --by token sentence.tok"],
    "divergence": ["entropy --model kneser-ney.safetensors L.test.tok"],
    "onehot": ["onehot toy.test.tok"],
    "cooc": ["cooc --top 5 L.train.tok"],
    "ppmi": ["cooc --ppmi --cutoff 10 --top 5 L.train.tok"],
    "cosine": ["vectors similarity --vector 1,2 --vector 2,3 --explain"],
    "svd": ["vectors svd --cutoff 2 -d 20 L.train.tok -o vectors.safetensors"],
    "neighbours": ["vectors neighbours --top 3 vectors.safetensors football"],
    "softmax": ["functions softmax 2 1 0"],
    "attention": ["attention --query '1 0' --key '1 0' --key '0 1' --unscaled"],
    "network": [
        "neural train --architecture feed-forward -n 3 --cutoff 2 --dimensions 16 --hidden 32 --batch 64 --steps 200 --learning-rate 0.02 L.train.tok -o network.safetensors"
    ],
    "pipe": ["ngram train -n 5 --quiet L.train.tok", "smooth --kneser-ney --quiet", "perplexity - L.test.tok --json"],
}
