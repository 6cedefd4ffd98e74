"""The sessions that a test saves through client.session."""

from __future__ import annotations

from typing import Any

from cookiejar_session.integrations.django.client_sessions import remember_saved, replace_saved


def test_a_saved_session_replaces_the_token_that_the_client_sends(test_environment: Any) -> None:
    remember_saved("cj1.first", "cj1.second")
    assert replace_saved("theme=dark; sessionid=cj1.first") == "theme=dark; sessionid=cj1.second"


def test_the_last_of_several_saved_sessions_counts(test_environment: Any) -> None:
    remember_saved("cj1.one", "cj1.two")
    remember_saved("cj1.two", "cj1.three")
    assert replace_saved("cj1.one") == "cj1.three"


def test_a_session_that_was_saved_without_a_change_replaces_nothing(test_environment: Any) -> None:
    remember_saved("cj1.same", "cj1.same")
    assert replace_saved("cj1.same") == "cj1.same"


def test_outside_of_a_test_run_nothing_is_remembered() -> None:
    remember_saved("cj1.before", "cj1.after")
    assert replace_saved("cj1.before") == "cj1.before"
