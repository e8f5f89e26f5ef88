"""`lmkit plot`: pictures."""

from lmkit.cli.command import group

group(
    __name__,
    "Plot texts and models: in the terminal, as pictures, as pages; and write the figures behind them.",
    short="Plot texts and models.",
    after="vocabulary",
    topic="Look",
)
