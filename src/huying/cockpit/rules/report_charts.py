"""Charts of round-ups as SVG pictures: the same numbers give the same text, byte for byte.

Lines differ by colour, dash and mark, bars by colour and pattern of their edge, so that a copy in black and white can be
read. Every value of a bar is written at its end; a missing value is a gap, never a zero. Presentation attributes only: no
style, no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any
from xml.sax.saxutils import escape, quoteattr

WIDTH, FONT = 640, "Noto Sans SC, Noto Sans CJK SC, sans-serif"
COLOURS = ("#0f6b57", "#b4471f", "#2f5b8c", "#8a6a00", "#8c2f5b", "#4d4d4d", "#3c7a1f", "#6b3fa0")
DASHES = ("none", "8 4", "2 3", "10 3 2 3", "5 5", "1 3", "12 4", "6 2 2 2")
INK, GRID = "#333333", "#d9d9d9"
MOST_TICKS = 5
NAME = 12
"""Letters of a name that are shown; the table beside a chart has it in full."""


def drawn(block: dict[str, Any]) -> str:
    """The picture of a ``line`` or ``bar`` block of a document."""
    made = (
        lines(block["labels"], block["series"]) if block["kind"] == "line" else bars(block["labels"], block["series"])
    )
    return framed(*made, title=block["title"])


def framed(body: list[str], height: int, *, title: str) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-label={quoteattr(title)} font-family={quoteattr(FONT)} font-size="13" fill="{INK}">'
    )
    return "".join([head, f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', *body, "</svg>"])


def ticks(largest: float) -> list[float]:
    """From 0 up to at least ``largest``, in whole steps of 1, 2 or 5 times a power of ten."""
    if largest <= 0:
        return [0, 1]
    power: float = 10 ** floor(log10(largest / MOST_TICKS)) if largest > MOST_TICKS else 1
    step = next(size * power for size in (1, 2, 5, 10) if ceil(largest / (size * power)) <= MOST_TICKS)
    return [n * step for n in range(ceil(largest / step) + 1)]


def largest_of(series: Sequence[dict[str, Any]]) -> float:
    return max((value for one in series for value in one["values"] if value is not None), default=0)


def shown(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def stroke(x1: float, y1: float, x2: float, y2: float, colour: str, *, dash: str = "none", width: float = 1) -> str:
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {place} stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}"/>'


def legend(series: Sequence[dict[str, Any]], top: int) -> list[str]:
    """Two names a line."""
    found = []
    for n, one in enumerate(series):
        x, y = 60 + n % 2 * 290, top + n // 2 * 20
        found.append(stroke(x, y - 4, x + 34, y - 4, COLOURS[n], dash=DASHES[n], width=2.5))
        found.append(text(x + 40, y, one["name"]))
    return found


def lines(labels: Sequence[str], series: Sequence[dict[str, Any]]) -> tuple[list[str], int]:
    """Values over time, on one scale from zero."""
    marks = ticks(largest_of(series))
    top = 24 + (len(series) + 1) // 2 * 20
    left, right, bottom = 66, WIDTH - 18, top + 200
    step = (right - left) / max(len(labels) - 1, 1)
    body = legend(series, 22)
    for mark in marks:
        y = bottom - 200 * mark / marks[-1]
        body += [stroke(left, y, right, y, GRID), text(left - 8, y + 4, shown(mark), anchor="end")]
    every = max(1, ceil(len(labels) / 8))
    for n, label in enumerate(labels):
        if n % every == 0:
            body.append(text(left + n * step, bottom + 20, label.replace("年", "-").replace("月", ""), anchor="middle"))
    for n, one in enumerate(series):
        at = [
            (left + k * step, None if v is None else bottom - 200 * v / marks[-1]) for k, v in enumerate(one["values"])
        ]
        body += path(at, n)
    return body, bottom + 34


def path(at: Sequence[tuple[float, float | None]], n: int) -> list[str]:
    """One line with a mark at each value, broken where one is missing."""
    runs: list[list[str]] = [[]]
    dots = []
    for x, y in at:
        if y is None:
            runs.append([])
            continue
        runs[-1].append(f"{x:.1f},{y:.1f}")
        dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[n]}"/>')
    line = f'fill="none" stroke="{COLOURS[n]}" stroke-width="2.5" stroke-dasharray="{DASHES[n]}"'
    return [f'<polyline points="{" ".join(run)}" {line}/>' for run in runs if len(run) > 1] + dots


def bars(labels: Sequence[str], series: Sequence[dict[str, Any]]) -> tuple[list[str], int]:
    """One bar a value, lying, so that long names of places can be read."""
    scale = max(largest_of(series), 1)
    top, left, width = 34 + (len(series) + 1) // 2 * 20, 190, WIDTH - 190 - 90
    body, y = legend(series, 22), top
    for k, label in enumerate(labels):
        name = label if len(label) <= NAME else f"{label[: NAME - 1]}…"
        body.append(text(left - 8, y + 9 * len(series) + 3, name, anchor="end"))
        for n, one in enumerate(series):
            value = one["values"][k]
            long = 0 if value is None else width * value / scale
            body.append(
                f'<rect x="{left}" y="{y}" width="{long:.1f}" height="15" fill="{COLOURS[n]}" stroke="{INK}"'
                f' stroke-dasharray="{DASHES[n]}"/>'
            )
            body.append(text(left + long + 6, y + 12, "–" if value is None else shown(value)))
            y += 18
        y += 8
    body.append(stroke(left, top - 6, left, y - 4, INK))
    return body, y + 8
