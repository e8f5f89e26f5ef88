"""lmkit classes train"""

from typing import TYPE_CHECKING, Annotated

from lmkit.classes.exchange.choices import ENOUGH, PASSES, SEED, Objective
from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.engine.wording import numbered
from lmkit.locales import to_say

if TYPE_CHECKING:
    from lmkit.classes.exchange.settings import ExchangePass
    from lmkit.classes.word_classes import WordClasses


Number = Annotated[int, Option("-k", "--number", metavar="K", help="How many classes.", min=2)]
Likely = Annotated[Objective, Option(help="What becomes likely: classes after words, or classes after classes.")]
Passes = Annotated[
    int | None,
    Option(
        metavar="N",
        help=f"Passes through all words, at most [default: {PASSES}, or until one gains less than {100 * ENOUGH:g} % of the bits].",
        min=1,
    ),
]
Starts = Annotated[
    int, Option(metavar="N", help="Train so many times from other first classes, and keep the best.", min=1)
]
Seed = Annotated[int, Option(metavar="S", help="The same seed gives the same classes.", min=0)]
Hierarchy = Annotated[
    bool, Option("--hierarchy", help="Merge the classes two by two: their names become bits, written as Brown's paths.")
]


@command(short="Find classes of words in text.", known_as=("brown", "mkcls"))
def train(
    options: shared.Counting,
    number: Number,
    files: shared.Files = None,
    objective: Likely = "predictive",
    passes: Passes = None,
    starts: Starts = 1,
    seed: Seed = SEED,
    hierarchy: Hierarchy = False,
    output: shared.Output = None,
) -> None:
    """Find classes of words by exchange: each word in turn goes to the class in which the text is most likely, until none gains by it.

    \b
    lmkit classes train novels.txt -k 300 -o classes.tsv
    lmkit classes train novels.txt -k 300 --objective two-sided --cutoff 3 -o classes.tsv
    lmkit classes train novels.txt -k 1000 --hierarchy -o novels.paths
    lmkit classes show classes.tsv

    predictive: p(class | word before) p(word | class); two-sided: p(class | class before) p(word | class). The bits of a
    token, which are told after each pass, become no more. Marks and <unk> are in no class.

    A line is `word TAB class TAB count`, after a header; with --hierarchy and no other suffix `bits TAB word TAB count`. The same text and
    options give the same classes, whatever the threads.

    Memory: about 50 bytes for each distinct bigram; with --objective predictive also 8 for each word and class.
    """
    from lmkit.classes.exchange.training import train_classes
    from lmkit.ngrams.counting.count import count_ngrams

    target = outputs.check_output(output, *(("paths of classes",) if hierarchy else ()), "word classes")
    texts = options.texts(files)
    with progress(options.quiet, texts, "counting bigrams"):
        counts = count_ngrams(texts, 2, **options.for_counting())
        rendering.narrate(options.quiet, rendering.counts_in_words(counts))
        classes = train_classes(
            counts,
            number,
            objective=objective,
            passes=passes,
            starts=starts,
            seed=seed,
            hierarchy=hierarchy,
            watch=lambda made: rendering.narrate(options.quiet, in_words(made, starts)),
            resources=options.resources(),
        )
    outputs.write_output(target, classes)
    rendering.narrate(options.quiet, classes_in_words(classes))
    if unseen := len(counts.vocabulary) - len(classes.vocabulary):
        rendering.narrate(
            options.quiet, f"{numbered(unseen, 'word')} of {options.vocabulary} never seen, and in no class"
        )


def in_words(made: "ExchangePass", starts: int) -> str:
    """A pass and what it reached."""
    reached = f"{made.bits:.6f} bits a token, perplexity {made.perplexity:.2f}"
    told = f"first classes: {reached}"
    if made.number:
        told = f"pass {made.number}: {numbered(made.moved, 'word')} moved, {reached}"
    return to_say(f"start {made.start}, {told}") if starts > 1 else told


def classes_in_words(classes: "WordClasses") -> str:
    """What was made."""
    sizes = [len(members) for members in classes.members]
    return f"{len(classes):,} classes of {classes.words:,} words, {min(sizes):,} to {max(sizes):,} in each"
