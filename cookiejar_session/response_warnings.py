"""Warnings about a response that conflicts with its session, such as one that sets a cookie of the same name."""

from __future__ import annotations

from collections.abc import Sequence

from .headers.request import is_insecure
from .headers.response import ResponseFields
from .headers.set_cookie import is_deletion, is_signed_session
from .session.cookie_choice import Reading
from .settings import Settings
from .telemetry import Carrier


def warn_about_response(settings: Settings, fields: ResponseFields, removed: Sequence[str], carrier: Carrier) -> None:
    """Warn if a response that sets our cookie allows shared caches to keep it, or is sent over plain http.

    ``removed`` are the names of the fields for shared caches that were removed (SPEC 13.10).
    """
    is_shared = fields.cache_control and fields.is_shared_cacheable
    shared = ["cache-control: public or s-maxage"] if is_shared else []
    if shared or removed:
        settings.telemetry.warn_made_private([*shared, *removed], carrier)
    if settings.cookie.secure and carrier is not None and is_insecure(carrier):
        settings.telemetry.warn_plain_http(carrier)


def warn_about_other_cookies(settings: Settings, fields: ResponseFields, carrier: Carrier, *, is_set: bool) -> None:
    """Warn about cookies of the application that conflict with the session.

    ``is_set`` says that this response also sets or deletes our cookie.
    """
    telemetry, name = settings.telemetry, settings.cookie.name
    own = [value for value in fields.set_cookies if value.startswith(f"{name}=")]
    # A deletion that is equal to ours may come from a wrapper inside this one, so it is not reported.
    if any(is_deletion(value) and value != settings.cookie.render_deletion() for value in own):
        telemetry.warn_deleted_by_application(carrier)
    elif own and is_set:
        telemetry.warn_set_twice(carrier)
    if any(map(is_signed_session, fields.set_cookies)):
        telemetry.warn_signed_session(carrier)


def warn_about_logout(settings: Settings, reading: Reading, carrier: Carrier) -> None:
    """Warn if a logout leaves a valid cookie in the browser. A deletion removes only one of several cookies."""
    if reading.accepted is None:
        return
    name = reading.accepted.cookie.name
    deleted = [settings.cookie, *(each.attributes for each in settings.previous)]
    if reading.valid_count > sum(each.name == name for each in deleted):
        settings.telemetry.warn_still_signed_in(reading.valid_count, carrier=carrier)
