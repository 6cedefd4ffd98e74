"""Render the contents of the session cookie for the page. It never shows a sid or a key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, cast

from ..events import COMMITTED, DISCARDED, REFUSED, RENEWED, RESEALED, Event
from ..session.session import Session
from .anatomy import RETIRED, Anatomy
from .controls import render_section
from .drawing import Mark, Slice, render_bar
from .moments import describe_distance, describe_duration, render_time
from .stage import View

# Longer texts in the session are shortened on the page.
MAX_SHOWN_CHARACTERS = 48

PIECES = {
    "prefix": "version of the token format, not encrypted",
    "key id": "names the key that opens the cookie",
    "nonce": "random number for the encryption, new in each cookie",
    "tag": "lets the server detect any change to the cookie",
    "ciphertext": "the encrypted session, with padding",
}
STATES = {
    "primary": "seals new cookies and opens existing ones",
    "retired": "only opens existing cookies",
    "pending": "opens cookies, and will seal new ones later",
    "ended": "is past its end time and does neither",
}
MOMENTS = {
    "created": "the session began",
    "issued": "the server made this cookie",
    "now": "the server made this page",
    "renews": "the first visit from this time on renews the session, so that it expires later",
    "expires": "the session ends here if you do not visit before",
    "until": "the session ends here at the latest, however often it is renewed",
}
OUTCOMES = {
    COMMITTED: ("set", "the session changed"),
    RESEALED: ("resealed", "a retired key had sealed the old cookie"),
    RENEWED: ("renewed", "a tenth of the idle timeout had passed"),
    DISCARDED: ("discarded", "there is no session to keep, so the browser deletes the cookie"),
}
UNCHANGED = ("unchanged", "the session did not change")


def render_token(anatomy: Anatomy) -> str:
    """Render the token as a bar with a summary and a legend."""
    pieces = anatomy.list_pieces()
    label = ", ".join(f"{piece.name} {piece.octets} bytes" for piece in pieces)
    bar = render_bar(
        (Slice(_name_class(piece.name), piece.characters) for piece in pieces),
        total=anatomy.characters,
        label=f"The pieces of the cookie, to scale: {label}",
    )
    legend = "\n".join(
        f'<li><span class="swatch {_name_class(piece.name)}"></span><b>{piece.name}</b> '
        f'<span class="octets">{piece.octets:,} bytes</span> <span class="note">{PIECES[piece.name]}</span></li>'
        for piece in pieces
    )
    origin = "Your browser sent this cookie:"
    if anatomy.is_sample:
        origin = "Your browser sent no valid session cookie. This response sets one like this:"
    expires = describe_distance(anatomy.expires, now=anatomy.now)
    return f"""<p class="summary">{origin} <b>{anatomy.characters:,} characters</b>, sealed by
{anatomy.key.state} key <code>{anatomy.key.key_id}</code>. It expires {expires}.</p>
<p class="note">Sealed means encrypted and authenticated: without the key, nobody can read or change the session.
The number after “key” is the key id. It is public and only names the key.</p>
{bar}
<ul class="legend" aria-label="Pieces of the cookie">
{legend}
</ul>"""


def render_inspection(session: Session[Any], view: View) -> str:
    """Render all sections about the cookie.

    Call it after the rest of the page is rendered. Its section "responses" says what this response does, and rendering
    messages and forms can change the session.
    """
    anatomy = view.anatomy
    return "\n".join(
        (
            render_section("envelope", "Inside the cookie", _render_envelope(anatomy, log_id=session.log_id)),
            render_section("responses", "What each response did with the cookie", _render_responses(session, view)),
            render_section("ring", "Keyring", _render_ring(anatomy)),
            render_section("time", "Lifetime", _render_time_line(anatomy)),
            render_section("size", "Size", _render_size(anatomy)),
        )
    )


def _render_responses(session: Session[Any], view: View) -> str:
    rows = [("This response", *_predict_outcome(session, view.anatomy), "")]
    rows += [(f"<code>{escape(record.request)}</code>", *_summarize_events(record.events)) for record in view.records]
    lines = "\n".join(
        f'<li><span class="request">{request}</span> <b class="outcome {outcome}">{outcome}</b> '
        f'<span class="note">{reason}{size}</span></li>'
        for request, outcome, reason, size in rows
    )
    return f"""<p>The newest response is first. “Set”, “resealed” and “renewed” mean that it sent a new cookie.</p>
<ol class="responses" aria-label="Responses, the newest first">
{lines}
</ol>"""


def _predict_outcome(session: Session[Any], anatomy: Anatomy) -> tuple[str, str]:
    """Return what this response does with the cookie, and why."""
    if anatomy.is_sample:
        return "set", "you have no session yet, and the forms need one"
    if session.is_modified:
        return "set", "a message was shown and removed from the session"
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


def _render_size(anatomy: Anatomy) -> str:
    sizes = {"id and times": anatomy.overhead_octets}
    for key, octets in sorted(anatomy.octets_by_key.items(), key=lambda item: -item[1]):
        sizes["flash messages" if key is None else _shorten(key)] = octets
    left = max(anatomy.limit_octets - anatomy.used_octets, 0)
    lines = "\n".join(
        f"<li><span>{escape(name)}</span> <span>{octets:,} bytes</span>"
        f"{render_bar([Slice('used', octets)], total=anatomy.limit_octets, label=f'{octets} bytes')}</li>"
        for name, octets in sizes.items()
    )
    return f"""<p><b>{anatomy.used_octets:,}</b> of {anatomy.limit_octets:,} bytes are used, <b>{left:,}</b> are left.
The cookie has {anatomy.characters:,} of at most {anatomy.limit_characters:,} characters.</p>
<ul class="sizes" aria-label="Size of each value">
{lines}
</ul>"""


def _render_envelope(anatomy: Anatomy, *, log_id: str) -> str:
    envelope = anatomy.envelope
    created, issued, until = (
        describe_distance(time, now=anatomy.now) for time in (envelope.created, envelope.issued, envelope.until)
    )
    persistent = "the browser keeps the cookie when it closes"
    if not envelope.persistent:
        persistent = "the browser deletes the cookie when it closes"
    rows = {
        "sid": f"the secret session id, never shown. Logs show this log id instead: <code>{log_id}</code>",
        "created": _render_time_field(envelope.created, created, "the session began"),
        "issued": _render_time_field(envelope.issued, issued, "the server made this cookie"),
        "idle": _render_time_field(envelope.idle, describe_duration(envelope.idle), "longest time without a visit"),
        "until": _render_time_field(envelope.until, until, "the latest end of the session"),
        "persistent": f'<code>{str(envelope.persistent).lower()}</code>: <span class="note">{persistent}</span>',
        "data": f'<span class="note">what the applications stored</span>{_render_json(envelope.data)}',
        "flash": f'<span class="note">messages for one page only</span>{_render_json(envelope.flash)}',
    }
    lines = "\n".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows.items())
    return f"""<p>The server decrypts the cookie to this record, the envelope. Its times are seconds since 1970.</p>
<dl>
{lines}
</dl>"""


def _render_time_field(seconds: int, text: str, note: str) -> str:
    return f'<code>{seconds}</code> ({text}): <span class="note">{note}</span>'


def _render_json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(_shorten_values(value), ensure_ascii=False, indent=1))}</pre>"


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


def _render_time_line(anatomy: Anatomy) -> str:
    moments = anatomy.list_moments()
    start, end = moments[0].time, moments[-1].time
    times = {moment.name: moment.time for moment in moments}
    bounds = [start, times["now"], max(times["now"], times["renews"]), times["expires"], end]
    kinds = "past", "fresh", "renewable", "beyond"
    bar = render_bar(
        (Slice(kind, after - before) for kind, before, after in zip(kinds, bounds, bounds[1:], strict=False)),
        total=end - start,
        label=f"Timeline of the session, {describe_duration(end - start)} long; the list below gives its times",
        marks=[Mark(moment.name, moment.time - start) for moment in moments],
    )
    lines = "\n".join(
        f'<li class="{moment.name}"><b>{moment.name}</b> '
        f"<span>{describe_distance(moment.time, now=anatomy.now)}</span> "
        f'<span class="note">{render_time(moment.time)}: {MOMENTS[moment.name]}</span></li>'
        for moment in moments
    )
    return f"""<p>Regular visits extend the session, up to a fixed latest end.</p>
{bar}
<ol class="moments">
{lines}
</ol>"""


def _render_ring(anatomy: Anatomy) -> str:
    sealed = "seals" if anatomy.is_sample else "sealed"
    lines = "\n".join(
        f'<li class="{key.state}"><code>{key.key_id}</code> <b>{key.state}</b> <span class="note">{STATES[key.state]}'
        f"{f', <em>{sealed} your cookie</em>' if key.sealed_it else ''}</span></li>"
        for key in anatomy.keys
    )
    reseal = ""
    if anatomy.key.state == RETIRED:
        reseal = (
            "<p>The primary key seals your cookie again when the session changes, or on any visit once the cookie is "
            "five minutes old.</p>"
        )
    return f"""<p>The keyring holds the keys of the server. This page shows only their key ids, never the keys.</p>
<ol class="ring">
{lines}
</ol>
{reseal}"""


def _name_class(piece: str) -> str:
    return piece.replace(" ", "-")
