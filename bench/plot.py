"""A line for each way, drawn as SVG: no library is worth having for four lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

Lines = Mapping[str, Sequence[tuple[float, float]]]

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP, LINE = 720, 340, 60, 190, 50, 16, 16
COLOURS = ("#2f81f7", "#d1242f", "#2da44e", "#bf8700", "#8250df", "#57606a")
STYLE = (
    "rect{fill:#fff}text{fill:#24292f}path.rule{stroke:#d0d7de}"
    "@media(prefers-color-scheme:dark)"
    "{rect{fill:#0d1117}text{fill:#e6edf3}path.rule{stroke:#30363d}}"
)
"""A ground of its own keeps the text readable on whatever page the plot stands."""


def plot(file: Path, lines: Lines, *, x: str, y: str) -> None:
    """Write the plot: both axes begin at nought, and each line has its name at its end."""
    points = [point for line in lines.values() for point in line]
    most_x, most_y = (max(each) or 1 for each in zip(*points, strict=True))

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across = LEFT + point[0] / most_x * (WIDTH - LEFT - RIGHT)
        return across, TOP + (1 - point[1] / most_y) * (HEIGHT - BOTTOM - TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="13"><title>{escape(y)} over {escape(x)}</title>'
        f'<style>{STYLE}</style><rect width="{WIDTH}" height="{HEIGHT}"/>'
    ]
    for share in (0.0, 0.5, 1.0):
        (_, up), (across, _) = place((0, most_y * share)), place((most_x * share, 0))
        parts.append(f'<path d="M{LEFT} {up:.0f}H{WIDTH - RIGHT}" class="rule"/>')
        parts.append(_text(LEFT - 8, up + 4, f"{most_y * share:,.0f}", anchor="end"))
        parts.append(_text(across, HEIGHT - 28, f"{most_x * share:,.0f}", anchor="middle"))
    parts.append(_text(LEFT, HEIGHT - 8, f"{x}; up: {y}"))
    label = 0.0
    drawn = [(each, *line) for each, line in zip(COLOURS, lines.items(), strict=False) if line[1]]
    for colour, name, line in sorted(drawn, key=lambda it: -it[2][-1][1]):
        across, up = place(line[-1])
        path = "L".join("{:.1f} {:.1f}".format(*place(point)) for point in line)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        label = max(up, label + LINE)  # names do not cover each other
        parts.append(f'<circle cx="{across + 8:.0f}" cy="{label:.0f}" r="4" fill="{colour}"/>')
        parts.append(_text(across + 16, label + 4, name))
    file.write_text("\n".join([*parts, "</svg>"]) + "\n")


def _text(across: float, up: float, words: str, *, anchor: str = "start") -> str:
    place = f'x="{across:.0f}" y="{up:.0f}" text-anchor="{anchor}"'
    return f"<text {place}>{escape(words)}</text>"
