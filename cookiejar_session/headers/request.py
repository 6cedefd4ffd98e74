"""Reads facts about a request, other than its cookies, from a WSGI environ or an ASGI scope."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import quote

# Chromium and Firefox accept Secure cookies from these hosts over plain http.
_match_local = re.compile(r"(localhost|[^:]*\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d*)?", re.IGNORECASE).fullmatch
# A proxy in front of the server sets one of these. Its value, which may be "http", is not examined: a request that has
# one counts as received over https, so that no warning is wrong.
_FORWARDED = ("forwarded", "x-forwarded-proto", "x-forwarded-ssl", "x-forwarded-scheme")
_VARIABLES = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in ("host", *_FORWARDED)}
_OCTETS = {name.encode(): name for name in _VARIABLES}


def is_insecure(carrier: Mapping[str, Any]) -> bool:
    """Whether a request came over plain http, and neither to a local host nor through a proxy."""
    scheme = carrier.get("wsgi.url_scheme") or carrier.get("scheme", "http")
    if scheme in ("https", "wss"):
        return False
    fields = _read_fields(carrier)
    return not any(map(fields.get, _FORWARDED)) and not _match_local(fields.get("host", "localhost"))


def name_request(carrier: Mapping[str, Any] | None) -> str:
    """Return the method and path of a request for the end of a log line; "" if there is no carrier.

    The visitor chooses both, so they are quoted and cut. The query is left out, since it may hold secrets.
    """
    if carrier is None:
        return ""
    if "type" in carrier:
        # A websocket has no method.
        method, path = carrier.get("method", carrier["type"]), carrier.get("path", "")
    else:
        method = carrier.get("REQUEST_METHOD", "")
        path = carrier.get("SCRIPT_NAME", "") + carrier.get("PATH_INFO", "")
    return f" (request {quote(f'{method} {path}')})"


def _read_fields(carrier: Mapping[str, Any]) -> dict[str, str]:
    """Return the first values of the header fields that is_insecure() needs."""
    # Every ASGI scope has the key "type"; no WSGI environ has it.
    if "type" not in carrier:
        return {name: str(carrier[variable]) for name, variable in _VARIABLES.items() if variable in carrier}
    fields: dict[str, str] = {}
    for octets, value in carrier.get("headers", ()):
        name = _OCTETS.get(octets.lower())
        if name is not None:
            fields.setdefault(name, value.decode("latin-1"))
    return fields
