"""Tables: named rows of estimates, as text and as JSON. Knows nothing of measuring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .estimates import Estimate

Cell = Estimate | int | str


class Table(NamedTuple):
    """The result of one measurement. ``unit`` is the unit of its estimates, ``notes`` are printed below."""

    name: str
    title: str
    unit: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[Cell, ...]]
    notes: tuple[str, ...] = ()

    def render(self) -> str:
        """Return the table as Markdown with aligned columns."""
        lines = [("", *self.columns), *((name, *map(render_cell, cells)) for name, cells in self.rows.items())]
        widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
        rendered = ["| " + " | ".join(_pad(line, widths)) + " |" for line in lines]
        rule = "|" + "|".join("-" * (width + 1) + (":" if index else "-") for index, width in enumerate(widths)) + "|"
        heading = f"### {self.title}" + (f" ({self.unit})" if self.unit else "")
        return "\n".join([heading, "", rendered[0], rule, *rendered[1:], *(f"\n{note}" for note in self.notes), ""])

    def to_json(self) -> dict[str, Any]:
        """Return the table for JSON. An estimate becomes an object with median, low and high."""
        rows = {name: [_to_json(cell) for cell in cells] for name, cells in self.rows.items()}
        return {"title": self.title, "unit": self.unit, "columns": self.columns, "rows": rows, "notes": self.notes}


def render_cell(cell: Cell) -> str:
    """Return the text of a cell: an estimate with its interval, in three significant digits."""
    if isinstance(cell, Estimate):
        return f"{_round(cell.median)} [{_round(cell.low)}, {_round(cell.high)}]"
    return f"{cell:,}" if isinstance(cell, int) else cell


def _round(number: float) -> str:
    # 99.95 and more would round to 1.00e+02.
    if abs(number) >= 99.95:
        return f"{number:,.0f}"
    return f"{number:#.3g}" if abs(number) >= 0.01 else f"{number:.2f}"


def _pad(line: tuple[str, ...], widths: list[int]) -> list[str]:
    return [
        text.rjust(width) if index else text.ljust(width)
        for index, (text, width) in enumerate(zip(line, widths, strict=True))
    ]


def _to_json(cell: Cell) -> Any:
    return cell._asdict() if isinstance(cell, Estimate) else cell
