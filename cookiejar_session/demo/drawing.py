"""Drawings to scale, as inline SVG that the style sheet colours. Knows nothing of what it draws."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

# Units of the drawing; the page stretches it to the width that there is.
WIDTH = 1000
HEIGHT = 40


class Slice(NamedTuple):
    """Part of a bar, from its end of the one before: ``kind`` is its class in the style sheet."""

    kind: str
    size: float


class Mark(NamedTuple):
    """A line across a bar."""

    kind: str
    position: float


def render_bar(slices: Iterable[Slice], *, total: float, label: str, marks: Iterable[Mark] = ()) -> str:
    """A bar as wide as ``total``, with slices and marks to the same scale. ``label`` says in words what it shows."""
    drawn: list[str] = []
    start = 0.0
    for kind, size in slices:
        width = _scale(start + size, total) - _scale(start, total)
        drawn.append(f'<rect class="{kind}" x="{_scale(start, total):g}" width="{width:g}" height="{HEIGHT}"/>')
        start += size
    for kind, position in marks:
        x = _scale(position, total)
        drawn.append(f'<line class="{kind}" x1="{x:g}" x2="{x:g}" y2="{HEIGHT}"/>')
    return (
        f'<svg class="bar" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">{"".join(drawn)}</svg>'
    )


def _scale(position: float, total: float) -> float:
    return round(min(max(position / total, 0), 1) * WIDTH, 2)
