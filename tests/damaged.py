"""A small ARPA file whose probabilities sum to 1, and what can happen to such files."""

from collections.abc import Sequence

# p(</s>) = 1/4, p(<unk>) = p(b) = 1/8, p(a) = 1/2: 1.
# After <s>: a 3/4, backoff (1 − 3/4)/(1 − 1/2) = 1/2. After a: b 1/2, </s> 1/4, backoff (1/4)/(1 − 1/8 − 1/4) = 2/5.
# After b: </s> 1/2, backoff (1/2)/(1 − 1/4) = 2/3. After <s> a: b 3/5, backoff (2/5)/(1 − 1/2) = 4/5.
# After a b: </s> 3/4, backoff (1/4)/(1 − 1/2) = 1/2.
GOOD = """\
\\data\\
ngram 1=5
ngram 2=4
ngram 3=2

\\1-grams:
-99	<s>	-0.30103
-0.60206	</s>
-0.90309	<unk>
-0.30103	a	-0.39794
-0.90309	b	-0.1760913

\\2-grams:
-0.1249387	<s> a	-0.09691
-0.30103	a b	-0.30103
-0.60206	a </s>
-0.30103	b </s>

\\3-grams:
-0.2218487	<s> a b
-0.1249387	a b </s>

\\end\\
"""


def changed(*changes: tuple[str, str]) -> str:
    """The good file after replacements, each of which must find its text."""
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def mutated(lines: Sequence[bytes], operations: Sequence[tuple[int, int, int, bytes]]) -> bytes:
    """Lines after operations (which, place, other place, text), joined again."""
    lines = list(lines)
    for which, one, other, text in operations:
        if not lines:
            break
        place, second = one % len(lines), other % len(lines)
        line = lines[place]
        at = other % (len(line) + 1)
        if which == 0:
            del lines[place]
        elif which == 1:
            lines.insert(place, lines[second])
        elif which == 2:
            lines[place], lines[second] = lines[second], line
        elif which == 3:
            lines[place] = line[:at] + text + line[at + 1 :]
        elif which == 4:
            lines[place] = b"\t".join([text, *line.split(b"\t")[1:]])
        elif which == 5:
            lines[place] = b"\t".join([*line.split(b"\t")[:-1], text])
        elif which == 6:
            lines.insert(place, text)
        else:
            del lines[place : place + other % 6]
    return b"\n".join(lines)
