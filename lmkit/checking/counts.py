"""Whether counts can be those of a text: what follows an n-gram, and what stands before it, add up to its own count.

In whole padded sentences every n-gram but those that end with </s> is followed by a word, and every one but those that
begin with <s> comes after a word. A cutoff changes nothing about that. Without sentence marks, any n-gram may begin or end a sentence.
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.sparse import row_sums
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.trie.links import stored_links, wrong_links
from lmkit.ngrams.trie.orders import ngram_words
from lmkit.problems import Problems, named
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, UNK


def check_counts_add_up(counts: NgramCounts, problems: Problems) -> None:
    """Tell n-grams whose counts no text can have. The arrays must fit each other (`lmkit.ngrams.files.trust.structure_checks`)."""
    check_marks(counts, problems)
    if not counts.whole and counts.settings.sentence_marks:
        problems.add(
            "note", "lists", "the counts come from lists of n-grams, and need not add up to those of whole sentences"
        )
    for k in range(2, counts.order + 1):
        if not check_links(counts, k, problems):
            return  # the sums would go wrong everywhere
        if counts.whole:
            check_histories(counts, k, problems)
            check_suffixes(counts, k, problems)


def name(counts: NgramCounts, length: int, entry: int) -> str:
    """An n-gram as messages name it."""
    words = counts.vocabulary.words
    return named([words[int(column[0])] for column in ngram_words(counts.orders, length, entry, entry + 1)])


def check_marks(counts: NgramCounts, problems: Problems) -> None:
    """Tell marks that stand where they cannot, and words that should not be there."""
    unigrams = counts.chain.counts[0]
    if unigrams[BOS] != unigrams[EOS] and counts.whole:
        text = f"<s> has a count of {unigrams[BOS]:,}, and </s> of {unigrams[EOS]:,}: each sentence has one of both"
        problems.add("error", "sentences", text)
    limited = (
        counts.cutoff > 1
        or counts.fixed_vocabulary
        or counts.settings.reserved == "keep"
        or counts.settings.unknown_word
    )
    if unigrams[UNK] and not limited:
        problems.add(
            "warning", "unknown", f"<unk> has a count of {unigrams[UNK]:,}, though the vocabulary was not limited"
        )
    unseen = np.flatnonzero(unigrams[FIRST_WORD:] == 0)
    if len(unseen) and not counts.fixed_vocabulary:
        first = name(counts, 1, int(unseen[0]) + FIRST_WORD)
        problems.add("warning", "unseen", f"1-grams with a count of 0: {len(unseen):,}, the first of which is {first}")
    for k in range(2, counts.order + 1):
        order = counts.orders[k - 1]
        inside = np.flatnonzero(order.indices == BOS)
        tell(counts, problems, "bos-inside", k, inside, "{ngram} has <s> after its first place")
        ends = np.flatnonzero((counts.orders[k - 2].indices == EOS) & (np.diff(order.indptr) > 0))
        tell(counts, problems, "eos-inside", k - 1, ends, f"{{ngram}} ends a sentence, and {k}-grams begin with it")


def tell(counts: NgramCounts, problems: Problems, kind: str, length: int, entries: IndexArray, text: str) -> None:
    """Tell an error of each of these n-grams."""
    problems.add_each(
        "error", kind, len(entries), lambda at: (None, text.replace("{ngram}", name(counts, length, int(entries[at]))))
    )


def check_links(counts: NgramCounts, k: int, problems: Problems) -> bool:
    """Whether all suffixes of the k-grams are what is left of them without their first words; tells which are not."""
    wrong = wrong_links(counts.orders, stored_links(counts.chain.suffixes), k, counts.scratch)
    tell(counts, problems, "suffix", k, wrong, "{ngram} has a wrong link to its suffix")
    return not len(wrong)


def check_histories(counts: NgramCounts, k: int, problems: Problems) -> None:
    """Tell (k−1)-grams whose count is not that of the k-grams that begin with them."""
    order, below = counts.orders[k - 1], counts.orders[k - 2]
    own = counts.chain.counts[k - 2].astype(np.int64)
    sums = row_sums(order.indptr, counts.chain.counts[k - 1].astype(np.int64))
    wrong = np.flatnonzero((sums != own) & (below.indices != EOS))
    tell_sums(counts, problems, "history-count", k, (wrong, own, sums), "begin")


def check_suffixes(counts: NgramCounts, k: int, problems: Problems) -> None:
    """Tell (k−1)-grams whose count is not that of the k-grams that end with them."""
    own = counts.chain.counts[k - 2].astype(np.int64)
    above = counts.chain.counts[k - 1]
    sums = np.bincount(counts.chain.suffixes[k - 1], above, len(own)).astype(np.int64)
    wrong = sums != own
    if k == 2:
        wrong[BOS] = False
    else:
        first = counts.orders[1].indptr[BOS : BOS + 2]
        for order in counts.orders[2 : k - 1]:
            first = order.indptr[first]
        wrong[slice(*first.tolist())] = False
    tell_sums(counts, problems, "suffix-count", k, (np.flatnonzero(wrong), own, sums), "end")


def tell_sums(
    counts: NgramCounts,
    problems: Problems,
    kind: str,
    k: int,
    found: tuple[IndexArray, NDArray[np.int64], NDArray[np.int64]],
    verb: str,
) -> None:
    """Tell (k−1)-grams with another count than the k-grams around them. found: which, their counts, those of the k-grams."""
    wrong, own, sums = found

    def describe(number: int) -> tuple[None, str]:
        entry = int(wrong[number])
        ngram = name(counts, k - 1, entry)
        return None, f"{ngram} has a count of {own[entry]:,}, and the {k}-grams that {verb} with it {sums[entry]:,}"

    problems.add_each("error", kind, len(wrong), describe)
