"""Draw all pictures of the course."""

from pathlib import Path

from docs.course.drawing.figures import FIGURES, LANGUAGES

FOLDER = Path(__file__).parents[1] / "figures"

for language in LANGUAGES:
    (FOLDER / language).mkdir(parents=True, exist_ok=True)
    for name, draw in FIGURES.items():
        (FOLDER / language / f"{name}.svg").write_text(draw(language), encoding="utf-8")
