"""Small pictures as SVG: bars, curves, tables of squares, boxes with arrows. On white, so that they can be read on any page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 40  # what axes and titles need
COLORS = ("#1f5fa8", "#c2410c", "#15803d", "#7e22ce")  # 4.5 : 1 on white, at least
INK, FAINT = "#1f2937", "#9ca3af"
FONT = "font-family='DejaVu Sans, Noto Sans, Arial, sans-serif' font-size='13'"

Point = tuple[float, float]


def page(parts: Sequence[str], title: str = "", height: int = HEIGHT) -> str:
    """A picture made of its parts."""
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}' {FONT}>"
    ground = f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>"
    above = [text(WIDTH / 2, 22, title, "middle", weight="bold")] if title else []
    return "\n".join([head, ground, *above, *parts, "</svg>\n"])


def text(x: float, y: float, words: str, anchor: str = "start", color: str = INK, weight: str = "normal") -> str:
    """Words; anchor: which end of them stands at x."""
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='{color}' font-weight='{weight}'>{escape(words)}</text>"


def line(start: Point, end: Point, color: str = INK, width: float = 1.5) -> str:
    """A straight line."""
    return (
        f"<line x1='{start[0]:.1f}' y1='{start[1]:.1f}' x2='{end[0]:.1f}' y2='{end[1]:.1f}' stroke='{color}' "
        f"stroke-width='{width}'/>"
    )


def square(place: Point, size: Point, color: str, opacity: float = 1.0, edge: str = "none") -> str:
    """A filled rectangle."""
    return (
        f"<rect x='{place[0]:.1f}' y='{place[1]:.1f}' width='{size[0]:.1f}' height='{size[1]:.1f}' fill='{color}' "
        f"fill-opacity='{opacity:.2f}' stroke='{edge}'/>"
    )


def arrow(start: Point, end: Point, color: str = INK, width: float = 1.5) -> str:
    """A line with a head at its end."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    ux, uy = dx / length, dy / length
    base = end[0] - 9 * ux, end[1] - 9 * uy
    corners = (end, (base[0] - 4.5 * uy, base[1] + 4.5 * ux), (base[0] + 4.5 * uy, base[1] - 4.5 * ux))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return line(start, base, color, width) + f"<polygon points='{points}' fill='{color}'/>"


@dataclass(frozen=True)
class Frame:
    """A field with axes: from numbers to places on the picture."""

    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> Point:
        """Where a pair of numbers lies."""
        right = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return LEFT + right * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    def axes(self, x_marks: Sequence[float], y_marks: Sequence[float], x_name: str = "", y_name: str = "") -> list[str]:
        """Axes with marks and names."""
        left, bottom = self.at(self.x[0], self.y[0])
        parts = [line((left, bottom), (WIDTH - RIGHT, bottom)), line((left, bottom), (left, TOP))]
        for mark in x_marks:
            x, _ = self.at(mark, self.y[0])
            parts += [line((x, bottom), (x, bottom + 5)), text(x, bottom + 19, f"{mark:g}", "middle")]
        for mark in y_marks:
            _, y = self.at(self.x[0], mark)
            parts += [line((left - 5, y), (left, y)), text(left - 8, y + 4, f"{mark:g}", "end")]
        return [*parts, text(WIDTH - RIGHT, bottom + 34, x_name, "end"), text(left + 6, TOP - 4, y_name)]

    def curve(self, points: Sequence[Point], color: str, *, dots: bool = False) -> str:
        """A line through points; dots: each of them is marked."""
        places = [self.at(*point) for point in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        drawn = f"<polyline points='{path}' fill='none' stroke='{color}' stroke-width='2'/>"
        marks = [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{color}'/>" for x, y in places] if dots else []
        return drawn + "".join(marks)


def curves(
    title: str,
    series: Mapping[str, Sequence[Point]],
    frame: Frame,
    axes: Sequence[str],
    *,
    dots: bool = False,
    legend: Point = (WIDTH - RIGHT - 4, TOP + 12),
) -> str:
    """Curves by name in a frame with its axes. legend: where their names end, and how far down they begin."""
    parts = list(axes)
    for place, (name, points) in enumerate(series.items()):
        color = COLORS[place % len(COLORS)]
        parts.append(frame.curve(points, color, dots=dots))
        if len(series) > 1:
            parts.append(text(legend[0], legend[1] + 18 * place, name, "end", color, "bold"))
    return page(parts, title)


def bars(title: str, groups: Mapping[str, Sequence[float]], names: Sequence[str] = (), places: int = 3) -> str:
    """Groups of bars that stand side by side; names: of the bars of each group."""
    highest = max(max(values) for values in groups.values())
    step = (WIDTH - LEFT) / len(groups)
    parts = [line((LEFT / 2, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM))]
    for place, (name, values) in enumerate(groups.items()):
        left, width = LEFT / 2 + 10 + place * step, min((step - 12) / len(values), 60)
        for number, value in enumerate(values):
            tall = value / highest * (HEIGHT - TOP - BOTTOM - 34)
            x, y = left + number * width, HEIGHT - BOTTOM - tall
            parts.append(square((x, y), (width - 3, tall), COLORS[number]))
            parts.append(text(x + width / 2 - 1, y - 4, f"{value:.{places}g}", "middle"))
        parts.append(text(left + width * len(values) / 2, HEIGHT - BOTTOM + 18, name, "middle"))
    for number, name in enumerate(names):
        parts.append(text(WIDTH - RIGHT, TOP + 8 + 18 * number, name, "end", COLORS[number], "bold"))
    return page(parts, title)


def table(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    numbers: int = 0,
) -> str:
    """Squares, the darker the larger their value (from 0 to 1); None: no square. numbers: decimals of the values written into them, if any."""
    down = max(len(name) for name in rows) * 8 + 16
    size = min((WIDTH - down - RIGHT) / len(columns), 230 / len(rows))
    wide = min((WIDTH - down - RIGHT) / len(columns), 2.6 * size)
    parts = [text(down + (place + 0.5) * wide, TOP + 8, name, "middle") for place, name in enumerate(columns)]
    for row, name in enumerate(rows):
        y = TOP + 14 + row * size
        parts.append(text(down - 8, y + size / 2 + 4, name, "end"))
        for column, value in enumerate(values[row]):
            if value is None:
                continue
            x = down + column * wide
            parts.append(square((x, y), (wide - 1, size - 1), COLORS[0], min(max(value, 0.0), 1.0), FAINT))
            if numbers:
                color = "#ffffff" if value > 0.55 else INK
                parts.append(text(x + wide / 2, y + size / 2 + 4, f"{value:.{numbers}f}", "middle", color))
    return page(parts, title, int(TOP + 14 + len(rows) * size + 12))


@dataclass(frozen=True)
class Box:
    """Words in a box, at the middle of which it stands."""

    x: float
    y: float
    words: str
    color: str = COLORS[0]

    @property
    def wide(self) -> float:
        """How wide it is."""
        return 8.2 * len(self.words) + 18

    def drawn(self) -> str:
        """The box."""
        frame = square((self.x - self.wide / 2, self.y - 15), (self.wide, 30), self.color, 0.12, self.color)
        return frame + text(self.x, self.y + 5, self.words, "middle")


def boxes(title: str, placed: Sequence[Box], arrows: Sequence[tuple[int, int, str]], height: int = HEIGHT) -> str:
    """Boxes with arrows from one to another, and words at the arrows."""
    parts = []
    for start, end, words in arrows:
        one, other = placed[start], placed[end]
        if abs(one.y - other.y) < 1:
            sign = 1 if other.x > one.x else -1
            ends = (one.x + sign * one.wide / 2, one.y), (other.x - sign * other.wide / 2, other.y)
        else:
            sign = 1 if other.y > one.y else -1
            ends = (one.x, one.y + sign * 15), (other.x, other.y - sign * 15)
        parts.append(arrow(*ends))
        parts.append(text((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2 - 6, words, "middle", COLORS[1]))
    return page([*parts, *(box.drawn() for box in placed)], title, height)
