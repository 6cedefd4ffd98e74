"""Render the HTML pages: the session page, the error pages and the page for a session that is too large."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from ..errors import SessionTooLargeError
from ..session.session import Session
from .anatomy import RETIRED, Anatomy
from .content import read_user
from .controls import render_controls, render_steps
from .inspection import render_cookie, render_inspection
from .stage import View
from .two_apps import ASGI, WSGI, DemoApp, find_other

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
    404: ("Page not found", "Each app of the demonstration has only one page."),
    405: ("Method not allowed", "Use the page and the buttons on it."),
    413: ("The form is too large", "The demonstration accepts only small forms."),
}
NO_COOKIE_TEXT = (
    "Your browser sent no session cookie with the form. Either it blocks all cookies, or it rejects Secure cookies "
    "over plain http. Chromium and Firefox accept them on http://localhost. Safari does not, and no browser does on "
    "another host."
)
# The code that a user of the library writes if a session can become too large. The page for that case shows it.
OVERFLOW_CODE = """\
session = sessions.get(request)
session["cart"] = items
try:
    session.check()
except SessionTooLargeError:
    session.revert()  # undo the changes
    return "the cart is too large", 413
"""


def render_session_page(session: Session[Any], view: View, *, app: DemoApp) -> str:
    """Render the page of one application: messages, what to try, the cookie and its contents, and the other forms.

    It removes the flash messages from the session, since the page shows them.
    """
    messages = "".join(_render_message(category, value) for category, value in session.flash.pop_all())
    steps = render_steps(session, view, app=app)
    controls = render_controls(session, view.anatomy, app=app)
    return _render_document(
        app.name,
        f"""{messages}{_render_rotation(session, view.anatomy)}
<div class="hero">
<h1>One login for all your Python web apps, without a session database</h1>
<p class="lede">cookiejar-session keeps the whole session of a visitor in one encrypted cookie. Every app that has the
key can read it, even if one app runs on FastAPI and another on Flask.</p>
<p class="note">Here are two such apps. You are in the <b>{app.name}</b> ({app.description}). The other is the
{find_other(app).name} ({find_other(app).description}).</p>
</div>
{steps}
{render_cookie(view)}
<div class="inspection">
{render_inspection(session, view)}
</div>
<div class="controls">
{controls}
</div>""",
        app=app,
    )


def render_status_page(status: int, *, app: DemoApp, session: Session[Any] | None = None) -> str:
    """Render the page for status 403, 404, 405 or 413. For 403, ``session`` is the session of the request."""
    title, text = STATUS_TEXTS[status]
    if session is not None and session.is_new:
        text = NO_COOKIE_TEXT
    return _render_notice(title, f"<p>{text}</p>", app)


def render_overflow_page(problem: SessionTooLargeError, *, app: DemoApp) -> str:
    """Render the page for a session that is too large for its cookie."""
    largest = sorted(problem.octets_by_key.items(), key=lambda item: -item[1])
    lines = "".join(
        f"<li><code>{'flash messages' if key is None else escape(key[:48])}</code> {octets:,} bytes</li>"
        for key, octets in largest[:8]
    )
    return _render_notice(
        "The session is too large for the cookie",
        f"""<p>The session would need a cookie of <b>{problem.characters:,} characters</b>. The limit is
<b>{problem.limit:,}</b>. So the server saved nothing, and your cookie did not change.</p>
<p>The size of each value in the session:</p>
<ul>{lines}</ul>
<p>Keep large things on the server, and only their ids in the session. This code answers with a page like this one.
Without it, the library answers with a plain error 500:</p>
<pre><code>{escape(OVERFLOW_CODE)}</code></pre>""",
        app,
    )


def _render_notice(title: str, content: str, app: DemoApp) -> str:
    return _render_document(
        title,
        f"""<div class="hero">
<h1>{title}</h1>
{content}
<p><a class="button" href="{app.path}">Back to the {app.name}</a></p>
</div>""",
        app=app,
    )


def _render_document(title: str, main: str, *, app: DemoApp) -> str:
    links = "\n".join(_render_link(each, is_current=each is app) for each in (ASGI, WSGI))
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
<p class="name">cookiejar-session</p>
<nav aria-label="Apps">
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


def _render_link(app: DemoApp, *, is_current: bool) -> str:
    current = ' aria-current="page"' if is_current else ""
    return f'<li><a href="{app.path}"{current}>{app.name}</a></li>'


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
