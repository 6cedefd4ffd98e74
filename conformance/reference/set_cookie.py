"""Set-Cookie field text (SPEC 12.3 to 12.5): so that the refusals of 12.2 are seen at work. Knows nothing of tokens."""

from __future__ import annotations

from .attributes import Attributes


def render(cookie: Attributes, value: str, max_age: int | None) -> str:
    parts = [f"{cookie.name}={value}", f"Path={cookie.path}"]
    if cookie.domain is not None:
        domain = cookie.domain.removeprefix(".")  # SPEC 12.3
        parts.append(f"Domain={domain}")  # SPEC 12.3
    if cookie.secure:
        parts.append("Secure")  # SPEC 12.3
    if cookie.httponly:
        parts.append("HttpOnly")  # SPEC 12.3
    if cookie.samesite is not None:
        parts.append(f"SameSite={cookie.samesite}")  # SPEC 12.3
    if cookie.partitioned:
        parts.append("Partitioned")  # SPEC 12.3
    if max_age is not None:
        parts.append(f"Max-Age={max(0, min(max_age, 34_560_000))}")  # SPEC 12.4
    return "; ".join(parts)
