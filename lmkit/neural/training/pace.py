"""How many steps a training has: as many as were asked for, as so many epochs have, or as so many minutes have room for."""

import time

from lmkit.neural.training.running import Run

LEFT_OUT = 2  # first steps, in which memory is new
LEAST = 5  # steps that are measured
VALIDATING = 0.1  # of the time, for validations of which nothing is said
SHARE = 0.02  # of the time, which measuring may take beyond that


def steps_within(seconds: float, run: Run) -> int:
    """The steps, with their validations, that this time has room for; measuring them, on the run, which is to begin anew, is part of it.

    They are fixed then: the run is the same as one that was asked to have so many.
    """
    began = time.monotonic()
    for _ in range(LEFT_OUT):
        run.learn()
    times: list[float] = []
    while len(times) < LEAST or (sum(times) < SHARE * seconds):
        since = time.monotonic()
        run.learn()
        times.append(time.monotonic() - since)
    step = sum(times) / len(times)
    validation = run.time_of_validation()
    every = run.settings.evaluate_every
    left = seconds - (time.monotonic() - began)
    if every is None:
        return max(int((left - max(validation, VALIDATING * left)) / step), 1)
    if every < 1:
        return max(int((left - validation * round(1 / every)) / step), 1)
    return max(int(left / (step + validation / every)), 1)
