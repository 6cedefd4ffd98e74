"""Django's tests of its sessions, messages, sign-in, test client, CSRF, admin login and page caches."""

from __future__ import annotations

from peer import Peer

SESSIONS = "sessions_tests.tests.SessionMiddlewareTests"
CLIENT = "test_client.tests.ClientTest"
NO_STORE = "looks the session up in a database table; a cookie has none"
TEXT = "expects Django's own text of a deletion; ours has Max-Age=0 and the attributes of the cookie, but no Expires"
OTHER_ENGINE = "sets another SESSION_ENGINE, whose sessions our middleware does not read"
# Django 5.2 does not have this test.
RENEWS = {
    f"{SESSIONS}.test_save_every_request_with_non_empty_session_renews_session_cookie": (
        "puts the session_key of a request into the cookie; ours is the log id, the cookie's value is secret"
    ),
}

PEER = Peer(
    name="django",
    versions={"6.1.3": 2015, "5.2.19": 1942, "5.2": 1933},
    folder="tests",
    command=("-m", "django_suite_run", "--settings=django_suite_settings", "--parallel=1"),
    tests=(
        "sessions_tests",
        "messages_tests",
        "auth_tests",
        "test_client",
        "test_client_regress",
        "csrf_tests",
        "admin_views.tests.AdminViewPermissionsTest",
        "admin_views.tests.AdminViewLogoutTests",
        "cache.tests.CacheMiddlewareTest",
    ),
    deselected={
        f"{SESSIONS}.test_empty_session_saved": NO_STORE,
        f"{SESSIONS}.test_session_update_error_redirect": NO_STORE,
        f"{SESSIONS}.test_session_delete_on_end": TEXT,
        f"{SESSIONS}.test_session_delete_on_end_with_custom_domain_and_path": TEXT,
        f"{CLIENT}.test_sessions_app_is_not_installed": OTHER_ENGINE,
        f"{CLIENT}.test_view_with_login_when_sessions_app_is_not_installed": OTHER_ENGINE,
        "test_client_regress.tests.SessionEngineTests.test_login": OTHER_ENGINE,
        "auth_tests.test_views.LoginTest.test_session_key_flushed_on_login_after_password_change": (
            "expects that two saves of one session in the test client have one key; ours is the token, sealed anew"
        ),
        "sessions_tests.tests.CookieSessionTests.test_actual_expiry": (
            "is expected to fail with Django's signed cookies, which keep no end of their own; ours do, so it passes"
        ),
    },
    deselected_in={
        "5.2.19": RENEWS,
        "6.1.3": {
            **RENEWS,
            "auth_tests.test_middleware.TestLoginRequiredMiddleware.test_protected_view_logged_in_performance": (
                "counts two queries, for session and user; ours needs none for the session"
            ),
        },
    },
)


def put_in_place() -> None:
    """Put our middleware and our SessionStore where Django's tests import Django's own."""
    from django.contrib.sessions import middleware
    from django.contrib.sessions.backends import signed_cookies

    from cookiejar_session.integrations.django import SessionMiddleware, SessionStore

    middleware.SessionMiddleware = SessionMiddleware  # type: ignore[misc]
    signed_cookies.SessionStore = SessionStore  # type: ignore[assignment, misc]
