"""Plots: a table's estimates with their intervals as horizontal bars, in SVG. Knows nothing of measuring.

Each file is legible on a light and on a dark page: the background is transparent, and the text colour follows the
reader's colour scheme.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring  # parses no XML

import pygal
from pygal.style import Style

from .estimates import Estimate
from .tables import Cell, Table

LIGHT_INK, DARK_INK = "#24292f", "#e6edf3"
# From Okabe and Ito: distinct on both backgrounds, and for readers who cannot see all colours.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8c8c8c")
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground=LIGHT_INK,
    foreground_strong=LIGHT_INK,
    foreground_subtle="#8c8c8c",
    opacity="1",
    guide_stroke_color="#8c8c8c",
    guide_stroke_dasharray="1,5",
    major_guide_stroke_color="#8c8c8c",
    major_guide_stroke_dasharray="1,5",
    colors=COLOURS,
    font_family="system-ui, sans-serif",
    title_font_size=18,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
    value_font_size=12,
)
_DARK = (
    "inline:@media (prefers-color-scheme: dark) {"
    f".pygal-chart text, .pygal-chart .title {{ fill: {DARK_INK} !important }}"
    f".pygal-chart .ci {{ stroke: {DARK_INK} !important }}"
    "}"
)


def render_plot(table: Table, *, columns: tuple[str, ...], note: str) -> str:
    """Return the SVG of these columns of ``table``, in the order of its rows, with ``note`` below."""
    indexes = [table.columns.index(column) for column in columns]
    # pygal draws the first row at the bottom.
    names = list(table.rows)[::-1]
    chart = pygal.HorizontalBar(
        style=_STYLE,
        js=(),
        css=["file://style.css", "file://graph.css", _DARK],
        title=f"{table.title} ({table.unit})" if table.unit else table.title,
        x_title=note,
        height=140 + (18 * len(columns) + 14) * len(names),
        width=900,
        # The axis must reach the end of the longest interval. pygal looks at the medians only.
        range=(0, 1.02 * max(_find_end(cells[index]) for cells in table.rows.values() for index in indexes)),
        show_legend=len(columns) > 1,
        legend_at_bottom=True,
        truncate_label=-1,
        truncate_legend=-1,
    )
    chart.x_labels = names
    for column, index in zip(columns, indexes, strict=True):
        chart.add(column, [_make_bar(table.rows[name][index]) for name in names])
    # The default is a random id, which would change the file in every run.
    chart.uuid = table.name
    root = chart.render_tree()
    # The scripts make tooltips, which do not work in an image.
    for parent in list(root.iter()):
        for script in parent.findall("script"):
            parent.remove(script)
    return tostring(root, encoding="unicode")


def write_plot(table: Table, folder: Path, *, columns: tuple[str, ...], note: str) -> None:
    """Write the SVG into ``folder``, under the name of the table."""
    (folder / f"{table.name}.svg").write_text(render_plot(table, columns=columns, note=note) + "\n")


def _find_end(cell: Cell) -> float:
    return 0 if isinstance(cell, str) else cell.high if isinstance(cell, Estimate) else cell


def _make_bar(cell: Cell) -> dict[str, Any] | None:
    if isinstance(cell, str):
        return None
    if not isinstance(cell, Estimate):
        return {"value": cell}
    return {"value": cell.median, "ci": {"low": cell.low, "high": cell.high}}
