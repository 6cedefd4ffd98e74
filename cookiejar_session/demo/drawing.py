"""Render bars to scale as inline SVG. The style sheet sets the colours by class."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

# SVG units. The browser stretches the bar to the width of the page.
WIDTH = 1000
HEIGHT = 40


class Slice(NamedTuple):
    """A coloured part of a bar. It begins where the previous slice ends. ``kind`` is its CSS class."""

    kind: str
    size: float


class Mark(NamedTuple):
    """A vertical line across a bar. ``kind`` is its CSS class."""

    kind: str
    position: float


def render_bar(slices: Iterable[Slice], *, total: float, label: str, marks: Iterable[Mark] = ()) -> str:
    """Render a bar from 0 to ``total`` with its slices and marks. ``label`` is the text for screen readers.

    Whatever lies outside of the bar is drawn at its nearest end.
    """
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
