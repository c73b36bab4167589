"""A line for each way, drawn as SVG: no library is worth having for four lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 320, 60, 40, 20
COLOURS = ("#2f81f7", "#e5534b", "#57ab5a", "#c69026", "#986ee2")
"""Each is readable on white and on black."""
STYLE = "text{fill:#444}path.line{stroke:#8884}@media(prefers-color-scheme:dark){text{fill:#bbb}}"


def plot(file: Path, lines: Mapping[str, Sequence[tuple[float, float]]], *, x: str, y: str) -> None:
    """Write the plot: both axes begin at nought, and each line has its name at its end."""
    points = [point for line in lines.values() for point in line]
    most_x, most_y = (max(each) or 1 for each in zip(*points, strict=True))

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across = LEFT + point[0] / most_x * (WIDTH - LEFT - 130)
        return across, TOP + (1 - point[1] / most_y) * (HEIGHT - BOTTOM - TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="12"><title>{escape(y)} over {escape(x)}</title>'
        f"<style>{STYLE}</style>"
    ]
    for share in (0.0, 0.5, 1.0):
        (_, up), (across, _) = place((0, most_y * share)), place((most_x * share, 0))
        parts.append(f'<path d="M{LEFT} {up:.0f}H{WIDTH - 130}" class="line"/>')
        parts.append(f'<text x="4" y="{up + 4:.0f}">{most_y * share:,.0f}</text>')
        parts.append(f'<text x="{across:.0f}" y="{HEIGHT - 22}">{most_x * share:,.0f}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 4}">{escape(x)}; up: {escape(y)}</text>')
    for colour, (name, line) in zip(COLOURS, lines.items(), strict=False):
        places = [place(point) for point in line]
        path = "L".join(f"{across:.1f} {up:.1f}" for across, up in places)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        across, up = places[-1]
        parts.append(
            f'<text x="{across + 6:.0f}" y="{up + 4:.0f}" style="fill:{colour}">'
            f"{escape(name)}</text>"
        )
    file.write_text("\n".join([*parts, "</svg>"]) + "\n")
