"""Render the HTML pages: the session page, the error pages and the page for a session that is too large."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from ..errors import SessionTooLargeError
from ..session.session import Session
from .anatomy import RETIRED, Anatomy
from .content import read_user
from .controls import render_controls
from .drawing import Mark, Slice, render_bar
from .inspection import render_inspection, render_token
from .parts import ASGI, WSGI, Part
from .stage import View

STYLE_SHEET = Path(__file__).with_name("style.css").read_bytes()
ICON = Path(__file__).with_name("icon.svg").read_bytes()

# No scripts, no frames, no files from other hosts. Forms may be sent only to this server.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

STATUS_TEXTS = {
    403: (
        "The form was refused",
        "Its CSRF token is missing or belongs to another session. The token protects you against forms that other "
        "websites send in your name. Go back to the page and try again.",
    ),
    404: ("Page not found", "Each part of the demonstration has only one page."),
    405: ("Method not allowed", "Use the page and the buttons on it."),
    413: ("The form is too large", "The demonstration accepts only small forms."),
}
NO_COOKIE_TEXT = (
    "Your browser sent no session cookie with the form. Either it blocks all cookies, or it rejects Secure cookies "
    "over plain http. Chromium and Firefox accept them on http://localhost. Safari does not, and no browser does on "
    "another host."
)


def render_session_page(session: Session[Any], view: View, *, part: Part) -> str:
    """Render the page of one part: messages, cookie, forms, and the contents of the cookie.

    It removes the flash messages from the session, since the page shows them.
    """
    messages = "".join(_render_message(category, value) for category, value in session.flash.pop_all())
    other = WSGI if part is ASGI else ASGI
    controls = render_controls(session, part=part, can_rotate=view.can_rotate)
    return _render_document(
        part.name,
        f"""{messages}{_render_rotation(session, view.anatomy)}
<div class="hero">
<h1>Your whole session in one encrypted cookie</h1>
<p class="lede">This page demonstrates cookiejar-session, a Python library for web sessions. Your browser keeps the
whole session in one encrypted cookie. So the server needs no session database, and several applications can share one
login.</p>
<p class="lede">You are in the <b>{part.name}</b>, {part.description}.
The {other.name} reads and writes the same cookie. You can switch at the top of the page. ASGI and WSGI are the two
interfaces between Python web servers and applications: FastAPI uses ASGI, Flask uses WSGI.</p>
{render_token(view.anatomy)}
</div>
<div class="controls">
{controls}
</div>
<div class="inspection">
{render_inspection(session, view)}
</div>""",
        part=part,
    )


def render_status_page(status: int, *, part: Part, session: Session[Any] | None = None) -> str:
    """Render the page for status 403, 404, 405 or 413. For 403, ``session`` is the session of the request."""
    title, text = STATUS_TEXTS[status]
    if session is not None and session.is_new:
        text = NO_COOKIE_TEXT
    return _render_notice(title, f"<p>{text}</p>", part)


def render_overflow_page(problem: SessionTooLargeError, *, part: Part) -> str:
    """Render the page for a session that is too large for its cookie."""
    bar = render_bar(
        [Slice("used", problem.limit), Slice("too-much", problem.characters - problem.limit)],
        total=problem.characters,
        label=f"{problem.limit} characters are allowed, {problem.characters - problem.limit} are too many, to scale",
        marks=[Mark("limit", problem.limit)],
    )
    largest = sorted(problem.octets_by_key.items(), key=lambda item: -item[1])
    lines = "".join(
        f"<li><code>{'flash messages' if key is None else escape(key[:48])}</code> {octets:,} bytes</li>"
        for key, octets in largest[:8]
    )
    return _render_notice(
        "The session is too large for the cookie",
        f"""<p>The session would need a cookie of <b>{problem.characters:,} characters</b>. The limit is
<b>{problem.limit:,}</b>. So the server saved nothing, and your cookie did not change.</p>
{bar}
<p>The size of each value in the session:</p>
<ul>{lines}</ul>""",
        part,
    )


def _render_notice(title: str, content: str, part: Part) -> str:
    return _render_document(
        title,
        f"""<div class="hero">
<h1>{title}</h1>
{content}
<p><a href="{part.path}">Back to the {part.name}</a></p>
</div>""",
        part=part,
    )


def _render_document(title: str, main: str, *, part: Part) -> str:
    links = "\n".join(_render_link(each, is_current=each is part) for each in (ASGI, WSGI))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · cookiejar-session demonstration</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<p class="name">cookiejar-session demonstration</p>
<nav aria-label="Parts of the demonstration">
<ul>
{links}
</ul>
</nav>
</header>
<main>
{main}
</main>
</body>
</html>
"""


def _render_link(part: Part, *, is_current: bool) -> str:
    current = ' aria-current="page"' if is_current else ""
    return f'<li><a href="{part.path}"{current}>{part.name}</a></li>'


def _render_message(category: str, value: object) -> str:
    role = "alert" if category == "error" else "status"
    return f'<p class="message {role}" role="{role}">{escape(str(value))}</p>\n'


def _render_rotation(session: Session[Any], anatomy: Anatomy) -> str:
    """Explain the key rotation to a visitor whose cookie was sealed by a retired key."""
    if anatomy.key.state != RETIRED:
        return ""
    still = "" if read_user(session) is None else ", and you are still signed in"
    return (
        '<p class="message status" role="status">The key was rotated. The retired key '
        f"<code>{anatomy.key.key_id}</code> opened your cookie{still}. "
        f"When the session changes, the new primary key <code>{anatomy.primary_key_id}</code> seals it.</p>\n"
    )
