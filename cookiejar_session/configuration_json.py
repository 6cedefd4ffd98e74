"""Writes the configuration of a CookieSessions object as JSON, which ports in other languages read. It holds no key."""

from __future__ import annotations

import json
import math

from .headers.set_cookie import CookieAttributes
from .settings import Settings
from .wire.envelope import MAX_IDLE, MAX_TIME
from .wire.time_rules import TimeRules

Fields = dict[str, str | int | bool | None]


def render_configuration(settings: Settings) -> str:
    """Return one line of ASCII: a JSON object whose fields conformance/README.md describes."""
    return json.dumps(
        {
            "cookie": _list_attributes(settings.cookie),
            "purpose": settings.purpose,
            "policy": _list_time_rules(settings.rules),
            "max_token_characters": settings.max_token_characters,
            "previous": [
                {"cookie": _list_attributes(each.attributes), "purpose": each.purpose} for each in settings.previous
            ],
        }
    )


def _list_attributes(cookie: CookieAttributes) -> Fields:
    return {
        "name": cookie.name,
        "path": cookie.path,
        "domain": cookie.domain,
        "secure": cookie.secure,
        "httponly": cookie.httponly,
        "samesite": cookie.samesite,
        "partitioned": cookie.partitioned,
    }


def _list_time_rules(rules: TimeRules) -> Fields:
    ceilings = rules.ceilings
    return {
        "idle_timeout": rules.idle,
        "absolute_lifetime": rules.absolute,
        "persistent": rules.persistent,
        "renew_after": _or_none(rules.renew_after, MAX_TIME),
        # A policy may have a higher limit than MAX_IDLE. No idle timeout exceeds MAX_IDLE. Therefore the higher limit
        # has no effect.
        "longest_idle": _or_none(min(ceilings.longest_idle, MAX_IDLE), MAX_IDLE),
        "longest_lifetime": _or_none(ceilings.longest_lifetime, MAX_TIME),
        # The creation time of a session is in whole seconds. So ``not_before``, rounded up, refuses the same sessions
        # as the exact time.
        "not_before": _or_none(max(0, math.ceil(ceilings.not_before)), 0),
    }


def _or_none(number: int, without_effect: int) -> int | None:
    return None if number == without_effect else number
