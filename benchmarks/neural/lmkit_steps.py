"""Steps of training by lmkit: gradients, clipping, Adam."""

import numpy as np

from benchmarks.neural.stepping import Work, serve
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.lanes import Lanes
from lmkit.neural.optimizers.adam import Adam
from lmkit.neural.optimizers.clipping import clip
from lmkit.neural.windows import inputs_of, windows_at


def main(work: Work) -> None:
    """Take steps when told."""
    shape = TransformerShape(work.dimensions, work.layers, work.heads, work.context)
    parameters = shape.initial(work.types, 1)
    inputs = inputs_of(work.text())
    optimizer, generator = Adam(len(parameters)), np.random.default_rng(1)
    with Lanes(lambda: shape.network(parameters), work.threads, work.part) as lanes:

        def step() -> None:
            places = generator.integers(0, len(inputs) - work.context, work.windows)
            _, gradients = lanes.gradients(windows_at(inputs, places, work.context))
            clip(gradients.vector, work.longest)
            optimizer.step(parameters.vector, gradients.vector, work.rate)

        serve(step)


if __name__ == "__main__":
    main(Work.told())
