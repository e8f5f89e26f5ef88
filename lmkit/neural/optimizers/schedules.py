"""Learning rates that change from step to step."""

import math

FINAL = 0.02  # the share of the peak that is left at the end


def warmup_cosine(step: int, steps: int, peak: float, warmup: int, final: float = FINAL) -> float:
    """The rate of a step (the first is 0): up to the peak in a straight line, then down half a cosine to a share of it (Loshchilov & Hutter, 2017).

    steps: all there are. warmup: how many of them go up. final: the share of the peak that is left at the end, and after it.

    >>> [round(warmup_cosine(step, 6, peak=1.0, warmup=2, final=0.0), 3) for step in range(7)]
    [0.5, 1.0, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    done = min((step - warmup) / max(steps - warmup, 1), 1.0)
    return peak * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done)))
