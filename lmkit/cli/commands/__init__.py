"""One file a command, one folder a group of commands."""

from lmkit.cli.command import group

group(
    __name__,
    "Classical language modelling: count, train, smooth, measure.",
    short="Classical language modelling: count, train, smooth, measure.",
)
