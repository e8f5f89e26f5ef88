"""White space, as code points and as bytes of UTF-8: what separates words, and what ends lines."""

TAB, NEWLINE, RETURN = 9, 10, 13
SPACE = 32  # the highest separator: TAB LF VT FF CR SPACE are all at or below it, other control bytes were refused
WIDE_POINTS = (0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)  # all beyond ASCII
WIDE_SPACES = tuple(chr(point).encode() for point in WIDE_POINTS)
WIDE_LEADS = sorted({space[0] for space in WIDE_SPACES})  # the bytes that they begin with
