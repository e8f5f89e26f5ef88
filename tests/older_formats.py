"""Files as earlier versions of lmkit wrote them."""

import re


def in_format(data: bytes, version: int) -> bytes:
    """A file of lmkit's as an earlier format has it, without traits; the length stays."""
    (traits,) = re.findall(rb', \\?"traits\\?": {[^}]*}', data) or [b""]
    current = rb'(format_version\\": )\d'
    return re.sub(current, rb"\g<1>%d" % version, data.replace(traits, b" " * len(traits)) if traits else data)
