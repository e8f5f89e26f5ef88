"""KenLM's binary files as models: those that list their n-grams and words, and those that keep hashes of them."""

from functools import partial

from lmkit.binary.hashed import HashedModel
from lmkit.binary.header import read_header
from lmkit.binary.listing import listed_model
from lmkit.binary.probing import ProbingTables, read_probing
from lmkit.binary.scoring import ProbingScorer
from lmkit.binary.trie import read_trie
from lmkit.engine.files.mapped import Buffer
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.scoring.protocol import Scorer


def read_kenlm(data: Buffer, name: str) -> NgramModel | HashedModel:
    """The model in the bytes of a binary file of KenLM. Hash tables stay in the buffer; a trie is read whole.

    DataError for files of other versions, machines and kinds, and for those that are damaged or cut short.
    """
    header = read_header(data, name)
    if not header.kind.is_trie:
        tables = read_probing(data, header, name)
        return HashedModel(
            header, tables.words.vocabulary, tables.words.can_end, tables, partial(probing_scorer, tables=tables)
        )
    words, levels = read_trie(data, header, name)
    model = listed_model(header, words, levels, name)
    if header.has_words:
        return model
    return HashedModel(header, words.vocabulary, words.can_end, model, lambda _: model.scorer())


def probing_scorer(model: HashedModel, tables: ProbingTables) -> Scorer:
    """One for texts."""
    return ProbingScorer(model, tables)
