"""What is in class counts or a class model, as figures."""

from typing import Any

import numpy as np

from lmkit.classes.members import CLASSES
from lmkit.classes.model import ClassCounts, ClassModel
from lmkit.classes.model_files import COUNTS, MODEL
from lmkit.ngrams.description import describe
from lmkit.signature import stated
from lmkit.text.vocabulary import FIRST_WORD


def describe_class_model(value: ClassModel) -> dict[str, Any]:
    """What there is to say of class counts or a class model: of the words, and of the n-grams of classes. JSON values only.

    Words that are classes of their own are counted apart.
    """
    members, types = value.members, len(value.inner.vocabulary)
    sizes = np.bincount(members.classes[FIRST_WORD:], minlength=types)
    classes = stated(members.details, CLASSES)
    figures = {
        "kind": COUNTS if isinstance(value, ClassCounts) else MODEL,
        "vocabulary": len(value.vocabulary) - FIRST_WORD,
        "classes": classes,
        "largest_class": int(sizes.max(initial=0)),
        "words_alone": types - FIRST_WORD - classes,
    }
    return (
        figures
        | {name: figure for name, figure in describe(value.inner).items() if name not in figures}
        | {"signature": value.signature()}
    )
