"""Draw the pictures of the documentation: each NAME.txt in this folder becomes NAME.svg.

python docs/pictures/draw.py            write the pictures
python docs/pictures/draw.py --check    fail if a picture in git is not what would be written

A text has one thing a line. Lengths are in pixels, from the left and from the top.

    size WIDTH HEIGHT
    about WHAT THE PICTURE SHOWS, for readers who do not see it
    box NAME KIND LEFT TOP WIDTH HEIGHT "first line, in bold" "more lines" ...
    arrow FROM SIDE TO SIDE "a label, which may be empty"
    note LEFT TOP "a line of text that begins at LEFT"

A KIND is a colour: plain, key, wsgi or asgi. A SIDE is left, right, top or bottom, of a box. TOP of a note is where its
letters stand. The picture has a card as
its background, so that it can be read on a light page and on a dark one. A width of at most 420 is readable on a phone.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent
# Each colour on its ground has a contrast of at least 4.5, as WCAG 2.2 asks for (1.4.3).
STYLE = """\
text { font: 15px system-ui, sans-serif; fill: #1b2430; text-anchor: middle }
.first { font-weight: 600 }
.label { font-size: 13px; fill: #445062 }
.left { text-anchor: start }
.card { fill: #f7f9fc }
.plain { fill: #ffffff; stroke: #8592a6 }
.key { fill: #fdf0d0; stroke: #b98a1d }
.wsgi { fill: #dcebfd; stroke: #3c7ac0 }
.asgi { fill: #dcf3e4; stroke: #3a8f5e }
.line { stroke: #5c697c; stroke-width: 1.5; fill: none }
.head { fill: #5c697c }
@media (prefers-color-scheme: dark) {
  text { fill: #e8edf4 }
  .label { fill: #b3bfce }
  .card { fill: #1c222b }
  .plain { fill: #2a323e }
  .key { fill: #4a3a10 }
  .wsgi { fill: #17385e }
  .asgi { fill: #14432a }
  .line { stroke: #9aa8bb }
  .head { fill: #9aa8bb }
}"""
LINE_HEIGHT = 20
HEAD = 8


class Picture:
    """A picture that is read line by line."""

    def __init__(self, text: str) -> None:
        self._boxes: dict[str, tuple[int, int, int, int]] = {}
        self._shapes: list[str] = []
        self._about = ""
        self._size = (0, 0)
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                self._read(line)

    def _read(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "about":
            self._about = rest
        elif word == "size":
            width, height = map(int, rest.split())
            self._size = (width, height)
        elif word == "box":
            name, kind, *numbers_and_lines = shlex.split(rest)
            left, top, width, height = map(int, numbers_and_lines[:4])
            self._boxes[name] = (left, top, width, height)
            self._draw_box(kind, self._boxes[name], numbers_and_lines[4:])
        elif word == "arrow":
            start, start_side, end, end_side, label = shlex.split(rest)
            self._draw_arrow(self._find_side(start, start_side), self._find_side(end, end_side), end_side, label)
        elif word == "note":
            left, top, label = shlex.split(rest)
            self._draw_left(int(left), int(top), label)
        else:
            raise SystemExit(f"{word} is not size, about, box, arrow or note")

    def _draw_box(self, kind: str, box: tuple[int, int, int, int], lines: list[str]) -> None:
        left, top, width, height = box
        self._shapes.append(f'<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{height}" rx="8"/>')
        first = top + height // 2 - (len(lines) - 1) * LINE_HEIGHT // 2 + 5
        for number, line in enumerate(lines):
            css = ' class="first"' if number == 0 else ' class="label"'
            y = first + number * LINE_HEIGHT
            self._shapes.append(f'<text{css} x="{left + width // 2}" y="{y}">{escape(line)}</text>')

    def _find_side(self, name: str, side: str) -> tuple[int, int]:
        left, top, width, height = self._boxes[name]
        x = {"left": left, "right": left + width}.get(side, left + width // 2)
        y = {"top": top, "bottom": top + height}.get(side, top + height // 2)
        return x, y

    def _draw_arrow(self, start: tuple[int, int], end: tuple[int, int], side: str, label: str) -> None:
        """Draw an arrow that reaches the side at a right angle."""
        (x1, y1), (x2, y2) = start, end
        if side in ("left", "right"):
            middle = (x1 + x2) // 2
            path = f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
        else:
            middle = (y1 + y2) // 2
            path = f"M{x1} {y1} C{x1} {middle} {x2} {middle} {x2} {y2}"
        self._shapes.append(f'<path class="line" d="{path}"/>')
        dx, dy = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}[side]
        corners = [
            (x2, y2),
            (x2 + dx * HEAD - dy * HEAD // 2, y2 + dy * HEAD - dx * HEAD // 2),
            (x2 + dx * HEAD + dy * HEAD // 2, y2 + dy * HEAD + dx * HEAD // 2),
        ]
        points = " ".join(f"{x},{y}" for x, y in corners)
        self._shapes.append(f'<polygon class="head" points="{points}"/>')
        if label and x1 == x2:
            # Beside the line, not on it.
            self._draw_left(x1 + 10, (y1 + y2) // 2 + 4, label)
        elif label:
            x, y = (x1 + x2) // 2, (y1 + y2) // 2 - 8
            self._shapes.append(f'<text class="label" x="{x}" y="{y}">{escape(label)}</text>')

    def _draw_left(self, left: int, baseline: int, label: str) -> None:
        self._shapes.append(f'<text class="label left" x="{left}" y="{baseline}">{escape(label)}</text>')

    def render(self) -> str:
        width, height = self._size
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                f'height="{height}" role="img">',
                f"<title>{escape(self._about)}</title>",
                f"<style>\n{STYLE}\n</style>",
                f'<rect class="card" width="{width}" height="{height}" rx="12"/>',
                *self._shapes,
                "</svg>\n",
            ]
        )


def main(arguments: list[str]) -> int:
    pictures = {path.with_suffix(".svg"): Picture(path.read_text()).render() for path in sorted(FOLDER.glob("*.txt"))}
    if arguments == ["--check"]:
        stale = [path.name for path, text in pictures.items() if not path.is_file() or path.read_text() != text]
        for name in stale:
            print(f"{name} is not what docs/pictures/draw.py draws; run it", file=sys.stderr)
        return 1 if stale else 0
    for path, text in pictures.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
