"""cli/size_findings.py: where the largest session breaks."""

from __future__ import annotations

from cookiejar_session import CookieAttributes, CookieSessions, Keyring
from cookiejar_session.cli.size_findings import check_sizes, list_limits


def make(**options: object) -> list[str]:
    settings = CookieSessions(Keyring.generate(), **options).settings  # type: ignore[call-overload]
    return [each.message.partition(" accepts")[0] for each in check_sizes(list_limits(settings))]


def test_default_session_fits_everywhere() -> None:
    assert make() == []


def test_longest_session_breaks_where_a_limit_is_4096() -> None:
    assert make(max_token_characters=3972) == ["nginx", "uWSGI"]


def test_previous_cookie_is_sent_too() -> None:
    previous = [CookieAttributes(name=name) for name in ("a", "b")]
    assert make(max_token_characters=2660, previous=previous) == ["uWSGI"]
    assert make(max_token_characters=3972, previous=previous) == ["nginx", "nginx", "gunicorn", "uWSGI", "Apache"]


def test_finding_has_the_line_that_raises_the_limit() -> None:
    settings = CookieSessions(Keyring.generate(), max_token_characters=3972).settings
    (first, _) = check_sizes(list_limits(settings))
    assert "needs about 5081; proxy_buffer_size 8k; raises the limit" in first.message
