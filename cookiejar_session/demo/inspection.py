"""Render the session cookie for the page: its text, its contents, the keys and what each response did with it.

It never shows a sid or a key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, cast

from ..events import COMMITTED, DISCARDED, REFUSED, RENEWED, RESEALED, Event
from ..session.session import Session
from .anatomy import RETIRED, Anatomy, Piece
from .controls import render_section
from .moments import describe_duration, render_moment
from .stage import View

# Longer texts in the session are shortened on the page.
MAX_SHOWN_CHARACTERS = 48
# A longer sealed text is cut on the page. With keys from the environment, the cookie may be that of a real login. Then
# the page never shows a whole token, so that nobody can use a screenshot of the page to sign in as the visitor. The
# sealed text of a token has at least 85 characters.
MAX_SEALED_CHARACTERS = 277
MAX_SEALED_CHARACTERS_OF_REAL_KEYS = 64

PIECES = {
    "prefix": "the version of the format",
    "key id": "which key opens the cookie; logs write it as <code>{key_id}</code>",
    "nonce": "a “number used once”, random and new in each cookie: equal sessions look different",
    "sealed text": "your session, encrypted: without the key nobody can read it or change it",
}
STATES = {
    "primary": "seals new cookies and opens existing ones",
    "retired": "only opens existing cookies",
    "pending": "opens cookies, and will seal new ones later",
    "ended": "is past its end time and does neither",
}
# For each kind of event: what the response did, and why.
OUTCOMES = {
    COMMITTED: ("new cookie", "the session changed"),
    RESEALED: ("new cookie", "resealed, since a retired key had sealed the old one"),
    RENEWED: ("new cookie", "renewed, since a tenth of the idle time had passed"),
    DISCARDED: ("cookie deleted", "there is no session to keep"),
}
UNCHANGED = ("no cookie", "the session did not change")


def render_cookie(view: View) -> str:
    """Render the cookie's text with its pieces coloured, and an explanation of each piece."""
    anatomy = view.anatomy
    pieces = anatomy.list_pieces()
    limit = MAX_SEALED_CHARACTERS if view.can_rotate else MAX_SEALED_CHARACTERS_OF_REAL_KEYS
    token = "".join(_render_piece(piece, limit) for piece in pieces)
    legend = "\n".join(
        f'<li class="{_name_class(name)}"><b>{name}</b> <span class="note">{len(text):,} characters: '
        f"{PIECES[name].format(key_id=anatomy.key.key_id)}</span></li>"
        for name, text in pieces
    )
    origin = "Your browser sent this cookie:"
    if anatomy.is_sample:
        origin = "Your browser sent no valid session cookie. This response sets one like this:"
    return render_section(
        "cookie",
        "Your cookie",
        f"""<p>{origin} <code>{anatomy.cookie_name}</code>, <b>{len(anatomy.token):,} characters</b>.</p>
<p class="token"><code>{token}</code></p>
<ol class="pieces" role="list" aria-label="Pieces of the cookie">
{legend}
</ol>""",
    )


def render_inspection(session: Session[Any], view: View) -> str:
    """Render the sections about the contents of the cookie, the responses and the keyring.

    Call it after the rest of the page is rendered. Its section "responses" says what this response does, and rendering
    messages and forms can change the session.
    """
    anatomy = view.anatomy
    return f"""{render_section("envelope", "Inside the sealed text", _render_envelope(anatomy, log_id=session.log_id))}
<div>
{render_section("responses", "What each response did", _render_responses(session, view))}
{render_section("ring", "Keyring", _render_ring(anatomy))}
</div>"""


def _render_piece(piece: Piece, limit: int) -> str:
    text, rest = piece.text[:limit], len(piece.text) - limit
    cut = f"<i>… and {rest:,} more characters</i>" if rest > 0 else ""
    return f'<span class="{_name_class(piece.name)}">{escape(text)}{cut}</span>'


def _render_responses(session: Session[Any], view: View) -> str:
    rows = [("This response", *_predict_outcome(session, view.anatomy), "")]
    rows += [(f"<code>{escape(record.request)}</code>", *_summarize_events(record.events)) for record in view.records]
    lines = "\n".join(
        f'<li><span class="request">{request}</span> <b class="outcome">{outcome}</b> '
        f'<span class="note">{reason}{size}</span></li>'
        for request, outcome, reason, size in rows
    )
    return f"""<ol class="responses" role="list" aria-label="Responses, the newest first">
{lines}
</ol>"""


def _predict_outcome(session: Session[Any], anatomy: Anatomy) -> tuple[str, str]:
    """Return what this response does with the cookie, and why."""
    if anatomy.is_sample:
        return "new cookie", "your first one: the forms need a session"
    if session.is_modified:
        return "new cookie", "a message was shown and removed"
    if anatomy.is_resealed:
        return OUTCOMES[RESEALED]
    return OUTCOMES[RENEWED] if anatomy.now >= anatomy.renewable_from else UNCHANGED


def _summarize_events(events: Iterable[Event]) -> tuple[str, str, str]:
    """Return what a response did with the cookie, why, and the size of the new cookie."""
    outcome, reason, size, refused = *UNCHANGED, "", ""
    for event in events:
        if event.kind == REFUSED:
            refused = "; the cookie in the request was invalid"
        if event.kind in OUTCOMES:
            outcome, reason = OUTCOMES[event.kind]
            size = "" if event.characters is None else f", {event.characters:,} characters"
    return outcome, reason, size + refused


def _render_envelope(anatomy: Anatomy, *, log_id: str) -> str:
    envelope, now, octets_by_key = anatomy.envelope, anatomy.now, anatomy.octets_by_key
    persistent = "yes: the browser keeps" if envelope.persistent else "no: the browser deletes"
    sizes = ", ".join(
        f"{escape(_shorten(key))} {octets:,} bytes" for key, octets in octets_by_key.items() if key is not None
    )
    rows = {
        "sid": f"session id, secret and never shown; logs show its log id <code>{log_id}</code> instead",
        "created": f"the session began {render_moment(envelope.created, now=now)}",
        "issued": f"the server made this cookie {render_moment(envelope.issued, now=now)}",
        "idle": f"{describe_duration(envelope.idle)} without a visit: the session expires "
        f"{render_moment(anatomy.expires, now=now)}, unless a visit renews it",
        "until": f"the session ends {render_moment(envelope.until, now=now)} at the latest",
        "persistent": f"{persistent} the cookie when it closes",
        "data": f"what the apps stored: {sizes or 'nothing yet'}{_render_json(envelope.data)}",
        "flash": "messages for the next page: "
        f"{f'{octets_by_key[None]:,} bytes' if envelope.flash else 'none'}{_render_json(envelope.flash)}",
    }
    lines = "\n".join(f"<div><dt>{name}</dt> <dd>{value}</dd></div>" for name, value in rows.items())
    return f"""<p>The server decrypts the sealed text to this. Your browser cannot.</p>
<dl>
{lines}
</dl>"""


def _render_json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(_shorten_values(value), ensure_ascii=False))}</pre>" if value else ""


def _shorten_values(value: Any) -> Any:
    if isinstance(value, str):
        return _shorten(value)
    if isinstance(value, bytes):
        return f"({len(value):,} bytes)"
    if isinstance(value, dict):
        content = cast("dict[str, Any]", value)
        return {_shorten(key): _shorten_values(each) for key, each in content.items()}
    if isinstance(value, (list, tuple)):
        return [_shorten_values(each) for each in cast("Sequence[Any]", value)]
    return value


def _shorten(text: str) -> str:
    if len(text) <= MAX_SHOWN_CHARACTERS:
        return text
    return f"{text[: MAX_SHOWN_CHARACTERS // 2]}… ({len(text):,} characters)"


def _render_ring(anatomy: Anatomy) -> str:
    count = len(anatomy.keys)
    total = f"{count} keys, ring full" if anatomy.is_ring_full else f"{count} {'key' if count == 1 else 'keys'}"
    groups = "\n".join(_render_keys(anatomy, state) for state in STATES)
    reseal = ""
    if anatomy.key.state == RETIRED:
        reseal = (
            "<p>The primary key seals your cookie again when the session changes, or on any visit once the cookie is "
            "five minutes old.</p>"
        )
    return f"""<p><b>{total}</b>. This page shows public key ids, never a key.</p>
{groups}
{reseal}"""


def _render_keys(anatomy: Anatomy, state: str) -> str:
    keys = [key for key in anatomy.keys if key.state == state]
    if not keys:
        return ""
    lines = "\n".join(f"<li{' class=yours' if key.sealed_it else ''}><code>{key.key_id}</code></li>" for key in keys)
    yours = f", <em>{'seals' if anatomy.is_sample else 'sealed'} your cookie</em>" if anatomy.key in keys else ""
    return f"""<p><b>{state}</b>: {STATES[state]}{yours}</p>
<ul class="ring" role="list">
{lines}
</ul>"""


def _name_class(piece: str) -> str:
    return piece.replace(" ", "-")
