"""Times and durations formatted for people."""

import pytest

from cookiejar_session.demo.moments import describe_distance, describe_duration, render_moment


def test_moment_is_there_for_people_exactly_and_for_programs() -> None:
    assert render_moment(1767225605, now=1767225600) == (
        '<time datetime="2026-01-01T00:00:05Z">in 5 seconds <span class="note">(1 Jan 2026, 00:00:05 UTC)</span></time>'
    )


@pytest.mark.parametrize("time", [(1 << 48) - 1, 253402300800])
def test_moment_after_the_year_9999_has_no_exact_time(time: int) -> None:
    assert render_moment(time, now=time - 86400) == "in 1 day (after the year 9999)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (3599, "60 minutes"),
        (89, "1 minute"),
        (90, "2 minutes"),
        (3600, "1 hour"),
        (86399, "24 hours"),
        (86400, "1 day"),
        (90 * 86400, "90 days"),
        (1000 * 86400, "1,000 days"),
    ],
)
def test_duration_is_given_in_its_largest_unit(seconds: int, text: str) -> None:
    assert describe_duration(seconds) == text


@pytest.mark.parametrize(("time", "text"), [(100, "now"), (160, "in 1 minute"), (98, "2 seconds ago")])
def test_distance_says_on_which_side_of_now(time: int, text: str) -> None:
    assert describe_distance(time, now=100) == text
