"""cli/cookie_findings.py: attributes, hosts and lifetimes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieAttributes, Policy
from cookiejar_session.cli.cookie_findings import check_attributes, check_hosts, check_lifetimes
from cookiejar_session.wire.time_rules import TimeRules

DAYS = timedelta(days=1)
ATTRIBUTES: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "default": ({}, []),
    "not-secure": ({"name": "s", "secure": False}, [("error", "not-secure")]),
    "scripts-read-it": ({"httponly": False}, [("warning", "not-httponly")]),
    "no-samesite": ({"samesite": None}, [("note", "no-samesite")]),
    "cross-site": ({"samesite": "None"}, [("warning", "cross-site")]),
    "partitioned": ({"partitioned": True}, [("warning", "partitioned")]),
    "partitioned-cross-site": ({"partitioned": True, "samesite": "None"}, [("warning", "cross-site")]),
    "path": ({"name": "s", "path": "/app"}, [("warning", "path"), ("note", "no-prefix")]),
    "no-prefix": ({"name": "s"}, [("note", "no-prefix")]),
    "domain": ({"name": "s", "domain": "example.com"}, [("note", "domain")]),
    "dotted-domain": ({"name": "s", "domain": ".example.com"}, [("note", "domain")]),
    "localhost": ({"name": "s", "domain": "localhost"}, [("error", "domain")]),
    "top-level": ({"name": "s", "domain": ".com"}, [("error", "domain")]),
    "address": ({"name": "s", "domain": "127.0.0.1"}, [("error", "domain")]),
}


@pytest.mark.parametrize(("attributes", "found"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_attributes_are_checked(attributes: dict[str, Any], found: list[tuple[str, str]]) -> None:
    findings = check_attributes(CookieAttributes(**attributes))
    assert [(each.level, each.code) for each in findings] == found


@pytest.mark.parametrize(
    ("domain", "hosts", "count"),
    [
        (None, [], 0),
        (None, ["a.example.com"], 0),
        (None, ["a.example.com", "a.example.com"], 0),
        (None, ["a.example.com", "b.example.com"], 1),
        ("example.com", ["example.com", "A.Example.com"], 0),
        (".Example.com", ["a.example.com"], 0),
        ("example.com", ["badexample.com", "example.org", "a.example.com"], 2),
    ],
)
def test_hosts_that_do_not_see_the_cookie_are_errors(domain: str | None, hosts: list[str], count: int) -> None:
    cookie = CookieAttributes() if domain is None else CookieAttributes.for_subdomains(domain)
    assert [(each.level, each.code) for each in check_hosts(cookie, hosts)] == [("error", "hosts")] * count


POLICIES: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "default": ({}, []),
    "400-days": ({"idle_timeout": 400 * DAYS, "absolute_lifetime": 400 * DAYS}, []),
    "401-days": ({"idle_timeout": 401 * DAYS, "absolute_lifetime": 401 * DAYS}, [("warning", "lifetime")]),
    "long-but-renewed": ({"absolute_lifetime": 1000 * DAYS}, []),
    "idle-longer-than-absolute": ({"idle_timeout": 91 * DAYS}, [("warning", "lifetime")]),
    "longest-idle": ({"longest_idle": 13 * DAYS}, [("warning", "lifetime")]),
    "longest-lifetime": ({"longest_lifetime": 89 * DAYS}, [("warning", "lifetime")]),
    "not-before": ({"not_before": datetime.fromtimestamp(NOW + 1, UTC)}, [("error", "not-before")]),
    "not-before-now": ({"not_before": datetime.fromtimestamp(NOW, UTC)}, []),
}


@pytest.mark.parametrize(("policy", "found"), POLICIES.values(), ids=POLICIES)
def test_lifetimes_are_checked(policy: dict[str, Any], found: list[tuple[str, str]]) -> None:
    findings = list(check_lifetimes(TimeRules(Policy(**policy)), now=NOW))
    assert all("; use a shorter " in each.message for each in findings if each.code == "lifetime")
    assert [(each.level, each.code) for each in findings] == found
