"""What the session reads of a request besides its cookies, from a WSGI environ or an ASGI scope."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Chromium and Firefox accept Secure cookies from these hosts over plain http.
_match_local = re.compile(r"(localhost|[^:]*\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d*)?", re.IGNORECASE).fullmatch
# A proxy in front of the server sets one of these when it has received the request over https. Their values are not
# examined.
_FORWARDED = ("forwarded", "x-forwarded-proto", "x-forwarded-ssl", "x-forwarded-scheme")


def is_insecure(carrier: Mapping[str, Any]) -> bool:
    """Whether a request came over plain http, except to a local host or through a proxy that received it over https."""
    scheme = carrier.get("wsgi.url_scheme") or carrier.get("scheme", "http")
    if scheme in ("https", "wss") or any(_get_field(carrier, name) for name in _FORWARDED):
        return False
    return not _match_local(_get_field(carrier, "host", missing="localhost"))


def _get_field(carrier: Mapping[str, Any], name: str, *, missing: str = "") -> str:
    """Return the first value of a header field, or ``missing``."""
    # Every ASGI scope has the key "type"; no WSGI environ has it.
    if "type" not in carrier:
        return str(carrier.get(f"HTTP_{name.upper().replace('-', '_')}", missing))
    wanted, headers = name.encode(), carrier.get("headers", ())
    return next((value.decode("latin-1") for key, value in headers if key.lower() == wanted), missing)
