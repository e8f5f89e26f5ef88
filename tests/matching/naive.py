"""Matches by definition: every stretch of the training text is looked at for every token of the test text."""

from collections import Counter

Stretch = list[str]


def naive_matches(train: list[Stretch], test: list[Stretch]) -> list[tuple[int, int, int]]:
    """For each token of the test text: length of the longest match that ends there, how often it occurs, and the place among all
    training tokens where it first begins, or -1.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    firsts: dict[tuple[str, ...], int] = {}
    place = 0
    for stretch in train:
        for end in range(len(stretch)):
            for start in range(end + 1):
                words = tuple(stretch[start : end + 1])
                counts[words] += 1
                firsts.setdefault(words, place + start)
        place += len(stretch)
    found = []
    for stretch in test:
        for end in range(len(stretch)):
            known = (tuple(stretch[start : end + 1]) for start in range(end + 1))
            longest = next((words for words in known if words in counts), ())
            found.append((len(longest), counts[longest], firsts.get(longest, -1)))
    return found
