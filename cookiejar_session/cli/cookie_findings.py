"""What is wrong or risky with the cookie's attributes, the hosts that share it, and the lifetimes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..demo.moments import describe_duration
from ..errors import quote
from ..headers.set_cookie import MAX_AGE_LIMIT, CookieAttributes
from ..keys.rotation import render_time
from ..wire.time_rules import TimeRules
from .findings import Finding, error, note, warning


def check_attributes(cookie: CookieAttributes) -> Iterator[Finding]:
    """Yield a finding for each attribute that is risky, or with which the cookie may not work as expected.

    The constructor of CookieAttributes has already raised ConfigError for invalid attributes.
    """
    if not cookie.secure:
        yield error(
            "not-secure", "the cookie is sent without Secure: anybody on the network can take it; set secure=True"
        )
    if not cookie.httponly:
        yield warning("not-httponly", "scripts of the page can read the cookie; set httponly=True")
    if cookie.samesite is None:
        yield note("no-samesite", 'without SameSite, browsers differ; set samesite="Lax"')
    if cookie.samesite == "None":
        yield warning(
            "cross-site",
            'other sites\' pages send the cookie along (SameSite=None): check CSRF tokens, or set samesite="Lax"',
        )
    if cookie.partitioned and cookie.samesite != "None":
        yield warning("partitioned", 'Partitioned is for frames in other sites, which also need samesite="None"')
    if cookie.path != "/":
        yield warning("path", f'requests outside of {quote(cookie.path)} have no session; set path="/"')
    if cookie.domain is not None:
        yield from _check_domain(cookie.domain.removeprefix("."))
    elif not cookie.name.lower().startswith("__host-") and cookie.secure:
        yield note("no-prefix", f"another subdomain can set {cookie.name}; a name with __Host- keeps it out")


def _check_domain(domain: str) -> Iterator[Finding]:
    if "." not in domain or re.fullmatch("[0-9.]+", domain):
        yield error("domain", f"browsers refuse the cookie: {quote(domain)} is no domain with a dot; leave domain out")
    else:
        yield note("domain", f"every subdomain of {domain} can read and set it; browsers refuse a public suffix")


def check_hosts(cookie: CookieAttributes, hosts: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding if the ``hosts`` do not share the cookie, or for each host that cannot set it."""
    if cookie.domain is None:
        if len(set(hosts)) > 1:
            yield error(
                "hosts",
                f"the cookie has no Domain, so {' and '.join(sorted(set(hosts)))} have sessions of their own; use "
                "CookieAttributes.for_subdomains with the domain that they share",
            )
        return
    domain = cookie.domain.removeprefix(".").lower()
    for host in hosts:
        if host.lower() != domain and not host.lower().endswith(f".{domain}"):
            yield error("hosts", f"browsers refuse the cookie from {quote(host)}, which is not in {domain}")


def check_lifetimes(rules: TimeRules, *, now: int) -> Iterator[Finding]:
    """Yield a finding for each lifetime that has no effect, or another effect than its value suggests."""
    unused = min(rules.idle, rules.absolute)
    if unused > MAX_AGE_LIMIT:
        yield warning(
            "lifetime",
            f"an unused session is to live {describe_duration(unused)}, and browsers drop its cookie after 400 days; "
            "use a shorter idle_timeout or absolute_lifetime",
        )
    if rules.idle > rules.absolute:
        yield warning(
            "lifetime",
            "idle_timeout is longer than absolute_lifetime, so it never ends a session; use a shorter idle_timeout",
        )
    if rules.ceilings.longest_idle < rules.idle:
        yield warning(
            "lifetime",
            "longest_idle is shorter than idle_timeout, so new sessions end at longest_idle; use a shorter "
            "idle_timeout or a longer longest_idle",
        )
    if rules.ceilings.longest_lifetime < rules.absolute:
        yield warning(
            "lifetime",
            "longest_lifetime is shorter than absolute_lifetime, so new sessions end at longest_lifetime; use a "
            "shorter absolute_lifetime or a longer longest_lifetime",
        )
    if rules.ceilings.not_before > now:
        yield error(
            "not-before", f"every session is refused until not_before, {render_time(int(rules.ceilings.not_before))}"
        )
