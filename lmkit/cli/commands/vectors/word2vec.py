"""lmkit vectors word2vec"""

import re
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import ToVectors
from lmkit.cli.options.printed_form import As, Form, form_of, option_given
from lmkit.cli.options.resuming import resumable
from lmkit.cli.options.vectors.word2vec import Word2VecTraining
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.small_tables import write_small_table
from lmkit.errors import UsageError
from lmkit.locales import said

if TYPE_CHECKING:
    from lmkit.vectors.word2vec.settings import Word2VecSettings

LOSS = re.compile(r"(?<=∂)loss\b|(?<=^  )loss(?= =)")  # as formulas name it


@command(short="Train vectors with Word2Vec.", after="glove", known_as=("w2v", "sgns"))
@resumable("vectors word2vec", "files", alone={"explain": "--explain"}, also=("workers",))
def word2vec(
    options: Word2VecTraining,
    files: shared.Files = None,
    output: shared.Output = None,
    to: ToVectors = None,
    explain: Annotated[
        bool,
        Option(
            "--explain", help="Train a small text slowly, in the open: each step in formulas with the numbers in them."
        ),
    ] = False,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Train vectors with Word2Vec: skip-gram or CBOW, with negative sampling or hierarchical softmax.

    \b
    lmkit vectors word2vec --cutoff 5 novels.txt.gz -o w2v.safetensors
    lmkit vectors word2vec --explain toy.tok                # the formulas, step by step
    lmkit vectors word2vec --explain --softmax toy.tok

    gensim trains (pip install 'lmkit[word2vec]'; Python 3.13 or earlier), on all that lmkit reads. By one worker, the default, the same seed
    gives the same vectors on the same machine; --workers N is faster, and no run can be repeated.

    Windows end with sentences; unknown words are removed before; windows have 1 to W words by chance. Noise words are drawn by count to the power 0.75.

    --explain: skip-gram in NumPy, pair by pair, up to 20,000 words, 1,000 distinct; defaults: -d 3, --negative 2, --window 2, --epochs 100,
    --learning-rate 0.1, no word passed over. Vectors are written only with -o.

    Memory: for each distinct word about 1 KB, and 8 bytes for each coordinate; the text is on disk (4 bytes a word).
    """
    form = form_of(as_, json=json)
    settings = options.settings_of_training(explain=explain)
    if explain:
        train_in_the_open(options, settings, files, output, to, form)
        return
    if printed := option_given(as_, json=json):
        raise UsageError(f"{printed}: vectors are no list.", "Add --explain, or write a file with -o.")
    from lmkit.text.ids.stored import encode_text
    from lmkit.vectors.word2vec.library import import_gensim
    from lmkit.vectors.word2vec.training import word2vec as train

    target = outputs.check_output(output, "vectors", to=to)
    texts = options.texts(files)
    import_gensim()  # or say that it is missing, before any work is done
    workers = options.workers or 1
    with progress(options.quiet, texts):
        vectors = train(encode_text(texts, **options.for_counting()), settings, workers=workers)
    outputs.write_output(target, vectors)
    again = "" if workers == 1 else "; threads: another run gives others"
    rendering.narrate(options.quiet, f"{len(vectors):,} vectors of {vectors.dimensions} dimensions{again}")


def train_in_the_open(
    options: Word2VecTraining,
    settings: "Word2VecSettings",
    files: list[str] | None,
    output: str | None,
    to: str | None,
    form: Form,
) -> None:
    """Show how a small text is trained on, and write the vectors if a file is named."""
    from lmkit.text.ids.stored import encode_text
    from lmkit.vectors.word2vec.explaining import told
    from lmkit.vectors.word2vec.in_the_open import skip_gram_in_the_open

    if output == "-":
        raise UsageError("--explain and the vectors would both go to standard output.", "Name a file with -o.")
    target = None if output is None else outputs.check_output(output, "vectors", to=to)
    texts = options.texts(files)
    with progress(options.quiet, texts):
        shown = skip_gram_in_the_open(encode_text(texts, **options.for_counting()), settings)
    if form == "json":
        rendering.write_json(shown.as_dict())
    elif form not in ("plain", "table"):
        steps = [step.as_dict(shown.words) for step in shown.steps]
        write_small_table(list(steps[0]), [list(step.values()) for step in steps], form=form)
    else:
        for line in told(shown, softmax=settings.loss == "softmax"):
            rendering.write_line(LOSS.sub(said("loss"), said(line)))
        rendering.write_figures({"signature": shown.vectors.signature()})
    if target is not None:
        outputs.write_output(target, shown.vectors)
        rendering.narrate(options.quiet, f"{len(shown.vectors):,} vectors of {shown.vectors.dimensions} dimensions")
