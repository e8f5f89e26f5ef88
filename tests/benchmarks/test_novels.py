"""The text behind published figures is made anew of novels in TEI."""

from pathlib import Path

from benchmarks import novels

NOVEL = """<TEI><text><front><p>Not this.</p></front><body>
<div><head>CHAPTER I.</head>
<p>Mr. <hi>Brown</hi> came at last,<pb n="2"/>and sat down. "Who is <note n="1">A note. It is lost.</note>there?" he asked. "I," said J. Smith. Nobody else&#8212;nobody!</p>
<quote><l>Roses are red,</l> <l>violets are blue.</l></quote><p>* * *</p>
<p>He wellâ€”knew _it_, and mis\xadspelt.</p></div></body></text></TEI>"""
LINES = [
    "CHAPTER I.",
    "Mr. Brown came at last, and sat down.",
    '"Who is there?" he asked.',
    '"I," said J. Smith.',
    "Nobody else—nobody!",
    "Roses are red,",
    "violets are blue.",
    "He well—knew it , and misspelt.",
]


def test_a_novel_becomes_its_sentences_without_notes_and_marks(tmp_path: Path) -> None:
    (tmp_path / "level1").mkdir()
    (tmp_path / "level1" / "ENG1.xml").write_text(NOVEL, encoding="utf-8")
    assert [*novels.lines_of(tmp_path)] == LINES
    assert novels.tokenised("L'été, d'Anne-Marie\n") == "l'été , d'anne-marie\n"
