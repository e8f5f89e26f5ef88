"""Two models of one word each time, from which posteriors follow by hand.

             x     y     z    <unk>  </s>
    a       0.6   0.2    -     0.1   0.1
    b       0.2    -    0.6    0.1   0.1

Over the words of both, a gives z, and b gives y, half of its p(<unk>): 0.05, and as much is left for <unk>. So

    x      a 0.6 · 0.1 = 0.06          b 0.2 · 0.1 = 0.02           P(a) 3/4, P(b) 1/4
    x z    a 0.6 · 0.05 · 0.1 = 0.003  b 0.2 · 0.6 · 0.1 = 0.012    P(a) 1/5, P(b) 4/5
    w      a 0.05 · 0.1                b 0.05 · 0.1                 equal
"""

import math
from pathlib import Path

MODELS = {"a": {"x": 0.6, "y": 0.2}, "b": {"x": 0.2, "z": 0.6}}


def unigrams(probs: dict[str, float], *, closed: bool = False) -> str:
    """An ARPA file of these words, </s> and, unless it is closed, <unk>; those left over of 1 go to </s>."""
    known = {} if closed else {"<unk>": 0.1}
    listed = probs | known | {"</s>": 0.1 + (0.1 if closed else 0.0)}
    lines = [f"{math.log10(prob):.9f}\t{word}" for word, prob in listed.items()]
    rows = "\n".join([*lines, "-99\t<s>"])
    return f"\\data\\\nngram 1={len(listed) + 1}\n\n\\1-grams:\n{rows}\n\n\\end\\\n"


def write_models(folder: Path, *, closed: bool = False) -> list[Path]:
    """Both models, as files."""
    paths = [folder / f"{name}.arpa" for name in MODELS]
    for path, probs in zip(paths, MODELS.values(), strict=True):
        path.write_text(unigrams(probs, closed=closed), encoding="utf-8")
    return paths
