"""keys/durations.py: durations as an operator writes them."""

import pytest

from cookiejar_session import ConfigError
from cookiejar_session.keys.durations import parse_duration, render_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("90d", 7776000), ("1h", 3600), ("2m", 120), ("45s", 45), ("0s", 0), ("90m", 5400)]
)
def test_duration_is_read_and_written(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds
    assert render_duration(seconds) == text


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "1.5h", "1h30m", "1 h", "1H", "١h", "1h\n", "1000000d"])
def test_other_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a duration; write a number and d, h, m or s, such as 90d or 1h"):
        parse_duration(text)
