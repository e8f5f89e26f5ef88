"""Where the program begins: until there is something to unwind, signals end it at once."""

import atexit

from lmkit.cli import signals


def main() -> None:
    """Run the command line and exit."""
    signals.on_signals(signals.end_at_once)
    atexit.register(signals.ignore)  # before all others, so that it comes after them
    from lmkit.cli.app import main as run_and_exit

    run_and_exit()
