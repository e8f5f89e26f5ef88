"""Prints, for each command line that is given, the modules that it loads: each in a fork of a process that has loaded where they begin,
the modules that are named, and no more.

python -m tests.loaded FOLDER MODULES LINE...
"""

import os
import sys
from importlib import import_module

import lmkit.cli.app


def main(folder: str, modules: str, *lines: str) -> None:
    """Print a line for what is loaded before; then one for each: its exit code, then the modules that it adds."""
    for name in modules.split():
        import_module(name)
    before = set(sys.modules)
    sys.stdout.write(f"0 {' '.join(sorted(before))}\n")
    sys.stdout.flush()
    os.chdir(folder)
    for line in lines:
        receiver, sender = os.pipe()
        if not os.fork():
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number in range(3):
                os.dup2(nowhere, number)
            code = lmkit.cli.app.run(line.split())
            os.write(sender, f"{code} {' '.join(sorted(sys.modules.keys() - before))}\n".encode())
            os._exit(0)
        os.close(sender)
        with os.fdopen(receiver) as told:
            sys.stdout.write(told.read())
        os.wait()
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
