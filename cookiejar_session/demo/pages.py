"""The pages, as HTML made on the server. Knows nothing of requests and of how a page is sent."""

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

# No script, nothing from elsewhere, in nobody's frame; forms go to this server alone.
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
    403: ("This form could not be accepted", "It belongs to an earlier session. Go back to the page and try again."),
    404: ("There is no such page", "The demonstration has one page in each part."),
    405: ("This is not how to use this page", "Its forms are sent by their buttons."),
    413: ("This form is too large", "The demonstration takes short names only."),
}
# A form without a session: its cookie never came back.
NO_COOKIE_TEXT = (
    "The browser sent no session with it. Either it keeps no cookies, or it keeps no Secure cookies on plain http: "
    "Chromium and Firefox do on http://localhost, Safari does not, and on any other host none does."
)


def render_session_page(session: Session[Any], view: View, *, part: Part) -> str:
    """The page of one part: messages, the cookie, the forms, and what is in the cookie. Reads the flash messages."""
    messages = "".join(_render_message(category, value) for category, value in session.flash.pop_all())
    controls = render_controls(session, part=part, can_rotate=view.can_rotate)
    return _render_document(
        part.name,
        f"""{messages}{_render_rotation(session, view.anatomy)}
<div class="hero">
<h1>Your session is this cookie</h1>
<p class="lede">The server keeps nothing. You are in the <b>{part.name}</b>, {part.maker};
the other part reads and writes the same cookie.</p>
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
    """The page for 403, 404, 405 and 413. ``session`` is the one that a refused form came with."""
    title, text = STATUS_TEXTS[status]
    if session is not None and session.is_new:
        text = NO_COOKIE_TEXT
    return _render_notice(title, f"<p>{text}</p>", part)


def render_overflow_page(problem: SessionTooLargeError, *, part: Part) -> str:
    """The page for a session that does not fit its cookie."""
    bar = render_bar(
        [Slice("used", problem.limit), Slice("too-much", problem.characters - problem.limit)],
        total=problem.characters,
        label=f"To scale: {problem.limit} characters are allowed, {problem.characters - problem.limit} too many",
        marks=[Mark("limit", problem.limit)],
    )
    largest = sorted(problem.octets_by_key.items(), key=lambda item: -item[1])
    lines = "".join(
        f"<li><code>{'flash messages' if key is None else escape(key[:48])}</code> {octets:,} octets</li>"
        for key, octets in largest[:8]
    )
    return _render_notice(
        "This does not fit in the cookie",
        f"""<p>The session would need a token of <b>{problem.characters:,} characters</b>, the limit is
<b>{problem.limit:,}</b>. So nothing was written, and your cookie is as it was before.</p>
{bar}
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
<title>{title} · cookiejar-session</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<p class="name">cookiejar-session</p>
<nav aria-label="Parts">
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
    """What a rotation comes to for this visitor, as long as the cookie is sealed by a retired key."""
    if anatomy.key.state != RETIRED:
        return ""
    still = "" if read_user(session) is None else ", and you are still signed in"
    return (
        '<p class="message status" role="status">The key was rotated: retired key '
        f"<code>{anatomy.key.key_id}</code> opened your cookie{still}. "
        f"Your next change is sealed by <code>{anatomy.primary_key_id}</code>.</p>\n"
    )
