"""Drawings to scale."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiejar_session.demo.drawing import WIDTH, Mark, Slice, render_bar

SIZES = st.lists(st.floats(0, 1e6), min_size=1, max_size=8).filter(lambda sizes: sum(sizes) > 1)


def draw(slices: list[Slice], *, total: float, marks: list[Mark] | None = None) -> ET.Element:
    return ET.fromstring(render_bar(slices, total=total, label="a bar", marks=marks or []))  # noqa: S314


def test_slices_are_to_scale() -> None:
    drawn = draw([Slice("prefix", 1), Slice("nonce", 3)], total=8)
    assert [(rect.get("class"), rect.get("x"), rect.get("width")) for rect in drawn] == [
        ("prefix", "0", "125"),
        ("nonce", "125", "375"),
    ]


def test_mark_is_to_the_same_scale() -> None:
    drawn = draw([Slice("prefix", 8)], total=8, marks=[Mark("now", 2)])
    assert (drawn[1].get("class"), drawn[1].get("x1"), drawn[1].get("x2")) == ("now", "250", "250")


@pytest.mark.parametrize(("position", "x"), [(-1, "0"), (9, "1000")])
def test_what_lies_beyond_the_bar_is_drawn_at_its_end(position: float, x: str) -> None:
    assert draw([], total=8, marks=[Mark("now", position)])[0].get("x1") == x


@settings(max_examples=100, deadline=None)
@given(sizes=SIZES)
def test_slices_leave_no_gap(sizes: list[float]) -> None:
    drawn = list(draw([Slice("nonce", size) for size in sizes], total=sum(sizes)))
    ends = [float(rect.get("x", "")) + float(rect.get("width", "")) for rect in drawn]
    assert ends[-1] == pytest.approx(WIDTH, abs=0.1)
    starts = [float(after.get("x", "")) for _, after in pairwise(drawn)]
    assert starts == pytest.approx(ends[:-1], abs=0.1)


def test_drawing_says_in_words_what_it_shows() -> None:
    assert 'role="img" aria-label="&lt;4 octets&gt;"' in render_bar([], total=1, label="<4 octets>")
