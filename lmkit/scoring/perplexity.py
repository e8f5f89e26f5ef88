"""Perplexity of texts under a model, by corpus, file, sentence or token (definitions: see `lmkit.scoring.figures`)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import tokens
from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError, UsageError
from lmkit.scoring.figures import Perplexity, ScoreTotals
from lmkit.scoring.protocol import Model, StagedScorer, TokenScores, block_scores, refuse_name
from lmkit.text.ids.encoding import EncodedBlock, NumberedBlock, encode_blocks, number_blocks
from lmkit.text.limits import no_sentence
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import Reserved, TextSettings, has_marks
from lmkit.text.size import text_size
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.sources.names import Texts, source_name, sources
from lmkit.text.vocabulary import EOS, MARKS, UNK, WordNumbering

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class ScoredBlock:
    """A block of text with its scores."""

    block: EncodedBlock
    scores: TokenScores
    text: Block  # its lines


def effective_settings(model: Model, settings: TextSettings | None) -> TextSettings:
    """How a text is read for a model: as asked, else as its training text was, else by default."""
    refuse_name(model)
    return settings or model.settings or TextSettings()


def score_text(model: Model, texts: Texts, **how: Any) -> Iterator[ScoredBlock]:
    """The texts, block by block, with the score of every token (how: see `map_scores`)."""
    yield from map_scores(model, texts, lambda scored: scored, **how)


def map_scores(
    model: Model,
    texts: Texts,
    use: Callable[[ScoredBlock], Result],
    *,
    settings: TextSettings | None = None,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> Iterator[Result]:
    """What `use` makes of each scored block of the texts, in order; it is called in threads.

    settings: what their tokens are (default: as in the training text of the model).
    """
    settings = effective_settings(model, settings)
    blocks = read_sentences(texts, settings, reading)
    yield from map_block_scores(model, blocks, use, settings=settings, workers=resources.workers)


def map_block_scores(
    model: Model,
    blocks: Iterable[Block],
    use: Callable[[ScoredBlock], Result],
    *,
    settings: TextSettings | None = None,
    workers: int | None = None,
) -> Iterator[Result]:
    """The same of blocks that have been read."""
    scorer = model.scorer()

    def score(block: EncodedBlock, text: Block) -> Result:
        return use(ScoredBlock(block, block_scores(scorer, block), text))

    def begin(block: EncodedBlock, text: Block) -> tuple[EncodedBlock, Block, Any]:
        return block, text, scorer.begin(block) if isinstance(scorer, StagedScorer) else None

    how: dict[str, Any] = {"settings": settings, "workers": workers}
    if scorer.independent_blocks:
        yield from map_encoded(model, blocks, score, **how)
        return
    for block, text, begun in map_encoded(model, blocks, begin, **how):
        finished = scorer.finish(block, begun) if isinstance(scorer, StagedScorer) else block_scores(scorer, block)
        yield use(ScoredBlock(block, finished, text))


def map_encoded(
    model: Model,
    blocks: Iterable[Block],
    work: Callable[[EncodedBlock, Block], Result],
    *,
    settings: TextSettings | None,
    workers: int | None,
) -> Iterator[Result]:
    """What `work` makes of each block, as the model reads it, in order; it is called in threads."""
    numbering = WordNumbering(model.vocabulary)
    numbered = number_blocks(blocks, effective_settings(model, settings), numbering, workers)

    def encode(block: NumberedBlock) -> Result:
        encoded = block.encode()
        tokens(len(encoded.tokens))
        return work(encoded, block.block)

    yield from map_in_order(encode, numbered, workers)


def perplexity(model: Model, texts: Texts, *, settings: TextSettings | None = None, **how: Any) -> Perplexity:
    """The perplexity of the texts taken together (settings, how: see `map_scores`).

    DataError when there is no sentence in them.
    """
    settings = effective_settings(model, settings)
    totals = ScoreTotals(model.order)

    def sums(scored: ScoredBlock) -> ScoreTotals:
        block_totals = ScoreTotals(model.order)
        block_totals.add(scored.scores, text_size(scored.text.text))
        return block_totals

    for block_totals in map_scores(model, texts, sums, settings=settings, **how):
        totals.join(block_totals)
    if not totals.sentences:
        raise no_sentence(texts)
    return totals.figures(model.signature(settings))


def perplexity_by_file(model: Model, texts: Texts, **options: Any) -> Iterator[tuple[str, Perplexity]]:
    """The name and the perplexity of each text, in order (options: see `perplexity`).

    DataError when there is no sentence in one of them.
    """
    for text in sources(texts):
        yield source_name(text), perplexity(model, text, **options)


def encode_sentence(model: Model, sentence: str, reserved: Reserved | None = None) -> EncodedBlock:
    """One sentence as the model reads it, be it empty (reserved: in place of the model's setting).

    DataError for what is no text, and for reserved words, unless they are allowed.
    """
    settings = effective_settings(model, None)
    if settings.sentence_marks:
        settings = replace(settings, blank_lines="sentence")
    if reserved is not None:
        settings = replace(settings, reserved=reserved)
    try:
        data = sentence.replace("\n", " ").encode() + b"\n"
    except UnicodeEncodeError:  # an argument of the command line in another encoding holds lone surrogates
        raise DataError(f"{sentence!a} is not valid UTF-8.", "Check the encoding of the terminal or script.") from None
    block = checked(Block(data, "<sentence>", 1, 0), None)
    (encoded,) = encode_blocks([block], settings, WordNumbering(model.vocabulary))
    return encoded


def encode_words(model: Model, words: str) -> EncodedBlock:
    """A sentence, or how one begins, that is given by its words, as the model reads it: <unk> is the unknown word.

    UsageError if <s> or </s> is among them; DataError for what is no text.
    """
    settings = effective_settings(model, None)
    for mark in MARKS[:UNK] if settings.unit == "word" else ():
        if mark.decode() in (words.lower() if settings.lowercase else words).split():
            raise UsageError(
                f"{words!r} contains {mark.decode()}.",
                "Give the words alone: lmkit sets the marks of sentences itself.",
            )
    return encode_sentence(model, words, reserved="keep")


def words_to_explain(model: Model, sentence: str) -> tuple[NDArray[np.int32], list[str]]:
    """(tokens,) the ids of a sentence with its marks, and the words to explain as they stand in the text, its </s> among them.

    DataError if there are none, and for what is no text; UsageError if <s> or </s> is among them.
    """
    block = encode_words(model, sentence)
    surface = [block.surface_words[place].decode() for place in block.surface]
    if has_marks(model.settings):
        surface.append(MARKS[EOS].decode())
    elif not surface:
        raise DataError("there is no word in the sentence.", "Put the words of the sentence in quotes.")
    return block.tokens, surface
