"""Files as earlier versions of lmkit wrote them."""

import re

from lmkit.engine.files.own_files import DIGESTS, OF_HEADER, SUMS


def in_format(data: bytes, version: int) -> bytes:
    """A file of lmkit's as an earlier format has it, without checksums and traits; the length stays."""
    (traits,) = re.findall(rb', \\?"traits\\?": {[^}]*}', data) or [b""]
    current = rb'(format_version\\": )\d'
    older = re.sub(current, rb"\g<1>%d" % version, data.replace(traits, b" " * len(traits)) if traits else data)
    for name in (OF_HEADER, SUMS, DIGESTS):
        older = re.sub(
            rb'"%s": "(?:[^"\\]|\\.)*", ' % name.encode(), lambda found: b" " * len(found[0]), older, count=1
        )
    return older
