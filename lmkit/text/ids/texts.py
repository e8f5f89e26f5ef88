"""The ids of whole texts at once, for what looks at all their tokens several times."""

import numpy as np
from numpy.typing import NDArray

from lmkit.text.ids.encoding import encode_blocks
from lmkit.text.limits import no_sentence
from lmkit.text.reading import WITHOUT_CHOICE
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import Vocabulary, WordNumbering


def ids_of_texts(texts: Texts, settings: TextSettings, vocabulary: Vocabulary) -> NDArray[np.int32]:
    """(tokens,) the ids of all tokens of texts, as whole padded sentences. DataError if there is no sentence in them."""
    blocks = read_sentences(texts, settings, WITHOUT_CHOICE)
    tokens = [block.tokens for block in encode_blocks(blocks, settings, WordNumbering(vocabulary), None)]
    if not tokens:
        raise no_sentence(texts)
    return np.concatenate(tokens)
