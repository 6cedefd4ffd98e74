"""The default size limits of servers, proxies and browsers, and the setting that increases each limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..headers.set_cookie import MAX_AGE_LIMIT
from ..settings import Settings
from .findings import Finding, warning

# An estimate of the size of all other header fields. It is added where one limit applies to all fields together.
OTHER_FIELDS_OCTETS = 1024


class SizeLimit(NamedTuple):
    """The size limit that a program has by default, and the size that the largest session needs there, in octets."""

    program: str
    limits: str
    limit: int
    needed: int
    raised_by: str


def list_limits(settings: Settings) -> list[SizeLimit]:
    """Return each limit with the size that the longest token needs there."""
    cookie, longest = settings.cookie, settings.max_token_characters
    pair = len(cookie.name) + 1 + longest
    # A browser sends the cookie under its previous name too, until it is deleted.
    request = len("Cookie: ") + pair + sum(len(f"; {each.attributes.name}=") + longest for each in settings.previous)
    response = len("set-cookie: ") + len(cookie.render("", max_age=MAX_AGE_LIMIT)) + longest
    return [
        # RFC 6265bis 5.6 step 5: name and value.
        SizeLimit("browsers", "name and value", 4096, pair - 1, "nothing"),
        # https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers
        SizeLimit("nginx", "a request field", 8192, request, "large_client_header_buffers 4 16k;"),
        # https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffer_size: the default is one memory page.
        # The message does not suggest the next size, 16k. With it and the default of proxy_buffers, nginx would not
        # start.
        SizeLimit("nginx", "a response's fields", 4096, response + OTHER_FIELDS_OCTETS, "proxy_buffer_size 8k;"),
        # https://docs.gunicorn.org/en/stable/settings.html#limit-request-field-size
        SizeLimit("gunicorn", "a request field", 8190, request, "--limit-request-field_size 16380"),
        # https://uwsgi-docs.readthedocs.io/en/latest/Options.html#buffer-size
        SizeLimit("uWSGI", "a request's fields", 4096, request + OTHER_FIELDS_OCTETS, "buffer-size = 16384"),
        # https://httpd.apache.org/docs/2.4/mod/core.html#limitrequestfieldsize
        SizeLimit("Apache", "a request field", 8190, request, "LimitRequestFieldSize 16380"),
        # https://www.uvicorn.org/settings/: --h11-max-incomplete-event-size
        SizeLimit(
            "uvicorn",
            "a request's fields",
            65536,
            request + OTHER_FIELDS_OCTETS,
            "--h11-max-incomplete-event-size 131072",
        ),
    ]


def check_sizes(limits: list[SizeLimit]) -> Iterator[Finding]:
    """Yield a finding for each limit that the longest token exceeds."""
    for each in limits:
        if each.needed > each.limit:
            yield warning(
                "size",
                f"{each.program} accepts {each.limit} octets for {each.limits} by default, and the largest session "
                f"needs about {each.needed}; {each.raised_by} raises the limit, or lower max_token_characters",
            )
