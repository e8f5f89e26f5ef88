"""Whether the words of each class have all of it together: else the probabilities of a class model do not sum to 1, whatever those of its classes do."""

import numpy as np

from lmkit.classes.model import ClassModel
from lmkit.problems import Problems
from lmkit.text.vocabulary import FIRST_WORD


def check_shares(model: ClassModel, problems: Problems, tolerance: float) -> None:
    """Tell classes without a word, and those whose words have more or less of them than all. tolerance: by which their shares may miss 1 together."""
    names = model.inner.vocabulary.words
    sums = np.bincount(model.members.classes, 10.0**model.members.log10_shares, len(names))
    words = np.bincount(model.members.classes, minlength=len(names))
    words[:FIRST_WORD] = 1  # marks, which sentences may lack
    empty, off = np.flatnonzero(words == 0), np.flatnonzero((words > 0) & ~(np.abs(sums - 1.0) <= tolerance))
    problems.add_each(
        "error", "class", len(empty), lambda place: (None, f"the class {names[empty[place]].decode()} has no word")
    )
    problems.add_each(
        "error",
        "shares",
        len(off),
        lambda place: (None, f"the shares of the words of {names[off[place]].decode()} sum to {sums[off[place]]:.6g}"),
    )
