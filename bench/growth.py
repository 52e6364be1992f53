"""Captures of growing size in; time and memory against size, as an SVG, out."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import NamedTuple

from bench.measuring import made, measure
from bench.works import analyze, cat, tshark

SIZES = (0.1, 0.3, 1.0, 3.0)
TSHARK_UP_TO = 0.3
"""In GB: it keeps three times the size of the capture in memory, and takes minutes."""
WIDTH, HEIGHT, LEFT, TOP = 420, 300, 60, 40


class Curve(NamedTuple):
    """One tool: its colour and (size in GB, value) points."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]


def draw(directory: Path, limit: float) -> str:
    """Measure each size once and draw two panels: processor seconds, and peak memory in MB; both axes logarithmic."""
    tools = {"dicomsniff": (analyze, "#0b6e4f"), "tshark -Y dicom": (tshark, "#b3541e"), "cat": (cat, "#777777")}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in tools}
    memory: dict[str, list[tuple[float, float]]] = {name: [] for name in tools}
    for size in SIZES:
        path = made(directory, f"growth_{size:g}")
        for name, (command, _) in tools.items():
            if command is not tshark or size <= TSHARK_UP_TO:
                run = measure(command(path, directory), limit)
                seconds[name].append((size, run.cpu))
                memory[name].append((size, run.megabytes))
    panels = (("processor seconds", seconds), ("peak memory, MB", memory))
    return picture([(title, [Curve(name, tools[name][1], values[name]) for name in tools]) for title, values in panels])


def picture(panels: Sequence[tuple[str, Sequence[Curve]]]) -> str:
    """An SVG of panels side by side."""
    drawn = [_panel(title, curves, number * WIDTH) for number, (title, curves) in enumerate(panels)]
    size = f'width="{WIDTH * len(panels)}" height="{HEIGHT}" font-family="sans-serif" font-size="12"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', *drawn, "</svg>", ""])


def _panel(title: str, curves: Sequence[Curve], shift: int) -> str:
    values = [value for curve in curves for _, value in curve.points]
    sizes = [size for curve in curves for size, _ in curve.points]
    low, high = log10(min(values)), log10(max(values))
    first, last = log10(min(sizes)), log10(max(sizes))

    def place(size: float, value: float) -> tuple[float, float]:
        across = (log10(size) - first) / (last - first or 1)
        up = (log10(value) - low) / (high - low or 1)
        return LEFT + across * (WIDTH - LEFT - 120), HEIGHT - TOP - up * (HEIGHT - 2 * TOP)

    parts = [f'<text x="{LEFT}" y="20" font-weight="bold">{title} against size</text>']
    for size in sorted(set(sizes)):
        parts.append(f'<text x="{place(size, 10**low)[0]:.0f}" y="{HEIGHT - 15}">{size:g} GB</text>')
    for curve in curves:
        spots = [place(*point) for point in curve.points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{curve.colour}" stroke-width="2"/>')
        for (x, y), (_, value) in zip(spots, curve.points, strict=True):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{curve.colour}"/>')
            parts.append(f'<text x="{x + 5:.1f}" y="{y - 5:.1f}" fill="{curve.colour}">{value:.3g}</text>')
        x, y = spots[-1]
        parts.append(f'<text x="{x + 12:.1f}" y="{y + 14:.1f}" fill="{curve.colour}">{curve.name}</text>')
    return f'<g transform="translate({shift},0)">' + "".join(parts) + "</g>"
