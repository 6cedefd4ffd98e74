"""The pages, as HTML made on the server. Knows nothing of requests and of how a page is sent."""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from ..session import Session
from .forms import CSRF_FIELD, MAX_NAME_CHARACTERS


class Part(NamedTuple):
    """One of the two applications that share the session. ``path`` is where it is mounted."""

    name: str
    path: str
    maker: str


ASGI = Part("ASGI part", "/", "a plain ASGI application")
WSGI = Part("WSGI part", "/wsgi/", "a WebOb WSGI application that asgiref mounts in the ASGI one")

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


def render_session_page(session: Session[Any], *, part: Part) -> str:
    """The page of one part: messages, who is signed in, the counter and the forms. Reads the flash messages."""
    user, counts = session.get("user"), session.get("counts", {})
    messages = "".join(_render_message(category, text) for category, text in session.flash.pop_all())
    who = _render_sign_in(session, part) if user is None else _render_sign_out(session, part, user)
    return _render_document(
        part.name,
        f"""{messages}
<h1>{part.name}</h1>
<p>This page comes from {part.maker}.
What you do here shows in the other part too: both read and write one encrypted
cookie, and the server stores nothing.</p>
<section aria-labelledby="who">
<h2 id="who">Who is signed in</h2>
{who}
</section>
<section aria-labelledby="counter">
<h2 id="counter">Counter</h2>
<p><strong class="count">{sum(counts.values())}</strong> {_render_counts(counts)}</p>
{_render_form(session, part, "count", "Count up")}
</section>
<section aria-labelledby="session">
<h2 id="session">The session</h2>
{_render_facts(session)}
</section>""",
        part=part,
    )


def render_status_page(status: int, *, part: Part, session: Session[Any] | None = None) -> str:
    """The page for 403, 404, 405 and 413. ``session`` is the one that a refused form came with."""
    title, text = STATUS_TEXTS[status]
    if session is not None and session.is_new:
        text = NO_COOKIE_TEXT
    return _render_document(
        title, f'<h1>{title}</h1>\n<p>{text}</p>\n<p><a href="{part.path}">Back to the {part.name}</a></p>', part=part
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


def _render_message(category: str, text: str) -> str:
    role = "alert" if category == "error" else "status"
    return f'<p class="message {role}" role="{role}">{escape(text)}</p>\n'


def _render_sign_in(session: Session[Any], part: Part) -> str:
    fields = f"""<label for="name">Name</label>
<input id="name" name="name" required maxlength="{MAX_NAME_CHARACTERS}" autocomplete="nickname">
"""
    return f"<p>Nobody. Any name will do.</p>\n{_render_form(session, part, 'sign-in', 'Sign in', fields)}"


def _render_sign_out(session: Session[Any], part: Part, user: str) -> str:
    return f"<p><strong>{escape(user)}</strong></p>\n{_render_form(session, part, 'sign-out', 'Sign out')}"


def _render_form(session: Session[Any], part: Part, form: str, button: str, fields: str = "") -> str:
    return f"""<form method="post" action="{part.path}{form}">
<input type="hidden" name="{CSRF_FIELD}" value="{session.csrf_token(form)}">
{fields}<button>{button}</button>
</form>"""


def _render_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} through the {escape(name)}" for name, count in counts.items())


def _render_facts(session: Session[Any]) -> str:
    size = session.size
    return f"""<dl>
<dt>Id for logs</dt><dd><code>{session.log_id}</code></dd>
<dt>Began</dt><dd>{_render_time(session.created_at)}</dd>
<dt>Ends if unused until</dt><dd>{_render_time(session.expires_at)}</dd>
<dt>Size</dt><dd>{size.used} octets, {size.left} left</dd>
</dl>"""


def _render_time(moment: datetime) -> str:
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment.day} {moment:%B %Y, %H:%M} UTC</time>'
