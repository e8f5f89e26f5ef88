"""Libraries of linear algebra, which would start a thread for each core when they are loaded; this imports none of them."""

import os

ONE_THREAD = {  # in the environment
    f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")
}


def start_none() -> None:
    """Let libraries that are loaded from here on, in this process and those that it starts, have one thread, unless the user says otherwise."""
    for name, number in ONE_THREAD.items():
        os.environ.setdefault(name, number)
