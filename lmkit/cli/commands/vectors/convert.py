"""lmkit vectors convert"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import ToVectors
from lmkit.cli.options.vectors import Vectors
from lmkit.cli.options.vocabularies import VocabularyFormat, word_file
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.engine.remote.names import shown
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.text.word_lists.names import WordFile
    from lmkit.vectors.word_vectors import WordVectors


@dataclass(repr=False, eq=False)
class Kept:
    """What becomes of the vectors."""

    top: Annotated[int | None, Option(metavar="K", help="Only the first K words; 0: all.", min=0)] = None
    vocabulary: Annotated[
        str | None, Option("--vocabulary", metavar="FILE", help="Only the words of this list, one a line.")
    ] = None
    vocabulary_format: VocabularyFormat = "auto"
    normalize: Annotated[
        bool, Option("--unit-length", formerly=("--normalize",), help="Divide each vector by its length.")
    ] = False
    decimals: Annotated[
        int | None,
        Option(
            metavar="N",
            help="Digits after the point in text [default: the fewest that give back the same 32 bits].",
            min=0,
            max=20,
        ),
    ] = None

    def check(self, target: "Output") -> "WordFile | None":
        """The list of words, if there is one. UsageError for decimals of what is no text."""
        from lmkit.engine.files.output_formats import VECTORS_TEXT

        if self.decimals is not None and target.format.writers[target.kind] != VECTORS_TEXT:
            raise UsageError(
                f"--decimals is for text, and {target.suffix} holds numbers of 32 bits.",
                "Leave it out, or end the name in .txt, .vec or .glove.txt.",
            )
        return word_file(self.vocabulary, self.vocabulary_format)

    def applied(self, vectors: "WordVectors", listed: "WordFile | None") -> "WordVectors":
        """The vectors that are kept."""
        from lmkit.text.settings import TextSettings
        from lmkit.text.word_files import listed_words as words_of_list
        from lmkit.vectors.changing import first_words, listed_words, normalized

        if listed is not None:  # as it stands: so do the words of the vectors
            pieces = words_of_list(listed, TextSettings(normalize="none"))
            vectors = listed_words(vectors, {word for words, _ in pieces for word in words})
        if self.top:
            vectors = first_words(vectors, self.top)
        return normalized(vectors) if self.normalize else vectors


@command(short="Convert word vectors, or keep some.", after="info")
def convert(
    options: Kept,
    vectors: Vectors,
    output: Annotated[
        str,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write: .safetensors (lmkit's own), .txt or .vec (word2vec, fastText), .bin (word2vec), .glove.txt (GloVe); text also .gz.",
        ),
    ],
    to: ToVectors = None,
    encoding_errors: shared.Invalid = "strict",
    quiet: shared.Quiet = False,
) -> None:
    """Convert word vectors between lmkit's own format and those of other tools, by the name of the output; keep the first words, or listed ones.

    \b
    lmkit vectors convert cc.fr.300.vec.gz --top 100000 -o fr.safetensors
    lmkit vectors convert svd.safetensors -o svd.bin
    lmkit vectors convert glove.6B.100d.txt --vocabulary words.txt --unit-length -o small.safetensors

    Words are kept as they are, byte by byte, and in their order, also those of a list. Text has the fewest digits that give back the
    same numbers. Words with blanks in them can stand in text that lmkit reads; not all programs do.

    With --top, --vocabulary or --unit-length, what training would go on from (context vectors, biases) is left out; so it is in all
    formats but lmkit's own.

    Memory: the vectors, 4 bytes for each value, unless they are lmkit's own, which are mapped.
    """
    from lmkit.storage import load_vectors

    target = outputs.check_output(output, "vectors", to=to)
    listed = options.check(target)
    with progress(quiet):
        found = load_vectors(shared.model_source(vectors, "a file of word vectors"), encoding_errors=encoding_errors)
        kept = options.applied(found, listed)
        outputs.write_output(target, kept, **({} if options.decimals is None else {"decimals": options.decimals}))
    if output != "-":
        rendering.narrate(quiet, f"wrote {shown(output)}")
    if len(kept) < len(found):
        rendering.narrate(quiet, f"{len(kept):,} of {len(found):,} words, {kept.dimensions} dimensions")
    else:
        rendering.narrate(quiet, f"{len(kept):,} words, {kept.dimensions} dimensions")
