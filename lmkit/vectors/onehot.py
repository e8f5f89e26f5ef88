"""One-hot encoding: each running word as a row with a single 1 in the column of its word."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from lmkit.engine.arrays import index_dtype
from lmkit.text.ids.stored import EncodedText
from lmkit.text.vocabulary import UNK


def one_hot(text: EncodedText) -> Any:
    """The running words × vocabulary CSR matrix X; OOV words are in the column of <unk>.

    int8 ones; rows are words in text order, sentence marks left out. X.sum(axis=0) are the word counts. Takes 9 bytes a word.
    """
    words = [tokens[tokens >= UNK] for tokens in text.blocks()]
    columns = np.concatenate(words) if words else np.zeros(0, np.int32)
    indptr = np.arange(len(columns) + 1, dtype=index_dtype(len(columns)))
    return csr_array((np.ones(len(columns), np.int8), columns, indptr), shape=(len(columns), len(text.vocabulary)))
