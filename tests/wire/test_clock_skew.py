"""clock_skew.py: a token from a server whose clock is ahead is accepted, if it is not too far ahead."""

from __future__ import annotations

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Keyring, Reason
from cookiejar_session.wire.clock_skew import CLOCK_SKEW


@pytest.mark.parametrize(("ahead", "reason"), [(CLOCK_SKEW, None), (CLOCK_SKEW + 1, Reason.NOT_YET_VALID)])
def test_token_of_a_server_whose_clock_is_ahead_is_accepted_up_to_the_skew(ahead: int, reason: Reason | None) -> None:
    sessions = CookieSessions(Keyring.generate())
    token = sessions.mint({"user": "ada"}, now=NOW + ahead).token
    assert sessions.read(token, now=NOW).reason is reason
