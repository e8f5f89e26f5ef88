"""lmkit ngram convert"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import by_class
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import Shards, ToModel
from lmkit.cli.options.printed_form import As, figures_form
from lmkit.cli.options.word_classes import ClassFormatOption
from lmkit.cli.output import change, rendering
from lmkit.cli.output import files as outputs
from lmkit.cli.output.made import write_made
from lmkit.cli.output.progress_bar import progress
from lmkit.engine.remote.names import shown
from lmkit.errors import DataError, UsageError

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.ngrams.values.protocol import Precision
    from lmkit.scoring.protocol import Model
    from lmkit.text.sources.names import TextFile


@dataclass(repr=False, eq=False)
class Smaller(shared.Formatting):
    """What makes files smaller."""

    compact: Annotated[
        bool,
        Option(
            "--compact",
            help="Write a file of the same content, as small as can be, to be published: opening it takes a second per 10 million n-grams.",
        ),
    ] = False
    kenlm: shared.Kenlm = None
    shards: Shards = None
    quantize: Annotated[
        int | None,
        Option(
            metavar="BITS",
            help="Keep probabilities and backoffs as 2^BITS values per order (2 to 16), which changes the model a little.",
        ),
    ] = None
    held_out: Annotated[
        str | None,
        Option(metavar="FILE", help="With --quantize: measure the perplexity of this text before and after."),
    ] = None
    unknown_word: Annotated[
        str | None, Option(metavar="WORD", help="What another tool's ARPA file calls <unk>, as '<OOV>'.")
    ] = None
    classes: by_class.OfModel = None
    class_format: ClassFormatOption = "auto"
    workers: shared.Workers = None

    def check(self, target: "Output") -> None:
        """UsageError for what cannot be, and for options that would do nothing to this file."""
        outputs.check_form(target, compact=self.compact, kenlm=self.kenlm, shards=self.shards)
        if self.quantize is not None:
            from lmkit.ngrams.backoff.quantizing import check_bits

            check_bits(self.quantize)
        if self.workers is not None and self.held_out is None:
            raise UsageError(
                "--workers is for the perplexity of --held-out, and there is none.",
                "Leave it out, or add --held-out FILE.",
            )
        if self.held_out is not None and self.quantize is None:
            raise UsageError(
                "--held-out measures what --quantize changes, and nothing is quantized.",
                "Add --quantize BITS, or leave --held-out out.",
            )

    def loaded(self, model: str, precision: "Precision | None") -> Any:
        """The model. DataError if the word that is to be its <unk> is not, because there is no such word, or an <unk> beside it."""
        from lmkit.ngram_storage import load_ngrams

        value = load_ngrams(model, precision=precision, unknown_word=self.unknown_word)
        if self.unknown_word is not None:
            self.check_unknown_word(model, value)
        return by_class.around(value, self.classes, self.class_format)

    def check_unknown_word(self, model: str, value: "NgramModel | NgramCounts") -> None:
        """DataError if the word that is to be the <unk> of a model is not."""
        assert self.unknown_word is not None, "it is given"  # noqa: S101
        if self.unknown_word.encode() in value.vocabulary.ids:
            raise DataError(f"{model}: {self.unknown_word} is a word beside <unk>.", "Leave --unknown-word out.")
        if value.closed:
            raise DataError(f"{model}: {self.unknown_word} is not among the 1-grams, and <unk> is neither.")

    def quantized(self, value: Any, text: "TextFile | None", quiet: bool) -> "tuple[Model, dict[str, Any]]":
        """The model with few distinct values; tells what that costs on the text, and returns these figures by name."""
        from lmkit.ngrams.backoff.quantizing import quantize

        after: Model = quantize(value, cast(int, self.quantize))
        if text is None:
            return after, {}
        return after, change.narrate_perplexities(quiet, value, after, text, shared.resources(self.workers))


@command(short="Convert to or from ARPA; for KenLM.", after="check", known_as=("arpa", "build-binary", "build_binary"))
def convert(
    options: Smaller,
    model: shared.CountsOrModel,
    output: Annotated[
        str,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write: .arpa, .arpa.gz (ARPA), .binary, .bin, .mmap, .klm (KenLM's), .safetensors (lmkit's own format), .lmkit (the same in shards).",
        ),
    ],
    to: ToModel = None,
    precision: Annotated[
        Literal["single", "double"] | None,
        Option(help="Store log10 values in 32 or 64 bits [default: as they are; counts, and other tools' ARPA: 32]."),
    ] = None,
    quiet: shared.Quiet = False,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Convert a model between lmkit's own format and those of other tools, by the name of the output; make its file smaller.

    \b
    lmkit ngram convert kn5.safetensors -o kn5.arpa.gz
    lmkit ngram convert kn5.safetensors --kenlm trie -o kn5.binary
    lmkit ngram convert kn5.safetensors --compact -o published.safetensors
    lmkit ngram convert kenlm.trie.bin -o kenlm.arpa.gz
    lmkit ngram convert srilm.arpa.gz --quantize 8 --held-out dev.txt -o srilm.safetensors
    lmkit ngram convert classes.arpa.gz --classes srilm.classes -o class5.safetensors

    Counts become their maximum-likelihood model in ARPA and KenLM's files, where -99 stands for a probability of 0.

    --quantize is for models that hold probabilities: those of other tools, pruned ones, mixed ones. Interpolated models
    hold counts, of which a compact file is smaller, and nothing is lost.

    Memory: about 60 bytes an n-gram to read ARPA or KenLM's trie, 20 to write ARPA or a compact file, 35 to 50 to write KenLM's.
    """
    target = outputs.check_output(output, "model", to=to)
    printed = figures_form(as_, json=json, on_stdout=target.path != "-")
    options.check(target)
    figures: dict[str, Any] = {}
    text = options.text_read_twice("--held-out", options.held_out)
    before = change.size_of(model)  # it may be written over
    with progress(quiet, parts=2):
        value = options.loaded(shared.model_source(model), precision)
        outputs.check_content(target, value)
        if options.quantize is not None:
            value, figures = options.quantized(value, text, quiet)
        form = {"compact": options.compact, "kenlm": options.kenlm, "shards": options.shards}
        outputs.write_result(value, target, precision or "single", **form)
    if output != "-":
        rendering.narrate(quiet, f"wrote {shown(output)}")
    if options.compact or options.quantize is not None:
        figures |= change.narrate_sizes(quiet, before, output)
    write_made(printed, value, on_stdout=target.path != "-", **figures)
