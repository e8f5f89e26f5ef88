"""A step whose module starts a thread when it is loaded."""

import threading
from collections.abc import Iterator, Sequence

from lmkit.engine.runners.protocol import Message
from tests.laws.steps import Tell

threading.Thread(target=threading.Event().wait, daemon=True).start()


def tell(target: int, messages: Sequence[Message]) -> Iterator[Message]:
    """See `Tell`."""
    yield from Tell()(target, messages)
