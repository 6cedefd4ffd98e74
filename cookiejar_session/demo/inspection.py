"""The part of a page that shows the visitor's cookie. Knows nothing of forms; shows neither sid nor key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, cast

from ..events import COMMITTED, DISCARDED, REFUSED, RENEWED, RESEALED, Event
from ..session.session import Session
from .anatomy import PRIMARY, Anatomy
from .controls import render_section
from .drawing import Mark, Slice, render_bar
from .moments import describe_distance, describe_duration, render_time
from .stage import View

# What is longer is cut short in the decoded envelope.
MAX_SHOWN_CHARACTERS = 48

PIECES = {
    "prefix": "the version, in clear",
    "key id": "which key of the ring opens it",
    "nonce": "random, another for each token",
    "tag": "proves that nobody changed it",
    "ciphertext": "the envelope, padded",
}
STATES = {
    "primary": "seals and opens",
    "retired": "opens only",
    "pending": "opens, will seal later",
    "ended": "does nothing any more",
}
MOMENTS = {
    "created": "the session began",
    "issued": "this cookie was sealed",
    "now": "you look at it",
    "renews": "from here on any visit seals a later one",
    "expires": "the end, unless it is renewed before",
    "until": "the end of the session, however often it is renewed",
}
OUTCOMES = {
    COMMITTED: ("set", "the session was written"),
    RESEALED: ("resealed", "the key that sealed it was retired"),
    RENEWED: ("renewed", "a tenth of the idle timeout had passed"),
    DISCARDED: ("discarded", "nothing in it was of use any more"),
}
NOTHING = ("nothing", "the session was as it came")


def render_token(anatomy: Anatomy) -> str:
    """The token drawn to scale, with what can be said of it in one line."""
    pieces = anatomy.list_pieces()
    label = ", ".join(f"{piece.name} {piece.octets} octets" for piece in pieces)
    bar = render_bar(
        (Slice(_name_class(piece.name), piece.characters) for piece in pieces),
        total=anatomy.characters,
        label=f"The cookie to scale: {label}",
    )
    legend = "\n".join(
        f'<li><span class="swatch {_name_class(piece.name)}"></span><b>{piece.name}</b> '
        f'<span class="octets">{piece.octets:,}</span> <span class="note">{PIECES[piece.name]}</span></li>'
        for piece in pieces
    )
    came = "This response sets your first cookie, one like this" if anatomy.is_sample else "The cookie you sent"
    expires = describe_distance(anatomy.expires, now=anatomy.now)
    return f"""<p class="summary">{came}: <b>{anatomy.characters:,} characters</b>, sealed by
{anatomy.key.state} key <code>{anatomy.key.key_id}</code>, expires {expires}.</p>
{bar}
<ul class="legend" aria-label="Pieces, in octets">
{legend}
</ul>"""


def render_inspection(session: Session[Any], view: View) -> str:
    """All sections on the cookie. Comes last on a page: it says what the page did to the session."""
    anatomy = view.anatomy
    return "\n".join(
        (
            render_section("envelope", "Inside", _render_envelope(anatomy, log_id=session.log_id)),
            render_section("responses", "What the responses did", _render_responses(session, view)),
            render_section("ring", "Keyring", _render_ring(anatomy)),
            render_section("time", "Time", _render_time_line(anatomy)),
            render_section("size", "Room", _render_size(anatomy)),
        )
    )


def _render_responses(session: Session[Any], view: View) -> str:
    rows = [("This one", *_foresee(session, view.anatomy), "")]
    rows += [(f"<code>{escape(record.request)}</code>", *_conclude(record.events)) for record in view.records]
    lines = "\n".join(
        f'<li><span class="request">{request}</span> <b class="outcome {outcome}">{outcome}</b> '
        f'<span class="note">{reason}{size}</span></li>'
        for request, outcome, reason, size in rows
    )
    return f'<ol class="responses" aria-label="Latest first">\n{lines}\n</ol>'


def _foresee(session: Session[Any], anatomy: Anatomy) -> tuple[str, str]:
    """What the response that is being made does with the cookie, and why."""
    if anatomy.is_sample:
        return "set", "your first cookie: the forms need one"
    if session.is_modified:
        return "set", "the message above was read out of it"
    if anatomy.reseals:
        return OUTCOMES[RESEALED]
    return OUTCOMES[RENEWED] if anatomy.now >= anatomy.renews else NOTHING


def _conclude(events: Iterable[Event]) -> tuple[str, str, str]:
    """What a response did with the cookie, why, and how long it is now."""
    outcome, reason, size, refused = *NOTHING, "", ""
    for event in events:
        if event.kind == REFUSED:
            refused = "; the cookie that came was refused"
        if event.kind in OUTCOMES:
            outcome, reason = OUTCOMES[event.kind]
            size = "" if event.characters is None else f", {event.characters:,} characters"
    return outcome, reason, size + refused


def _render_size(anatomy: Anatomy) -> str:
    parts = {"sid, times": anatomy.frame_octets}
    for key, octets in sorted(anatomy.octets_by_key.items(), key=lambda item: -item[1]):
        parts["flash messages" if key is None else _shorten(key)] = octets
    left = max(anatomy.limit - anatomy.used, 0)
    lines = "\n".join(
        f"<li><span>{escape(name)}</span> <span>{octets:,}</span>"
        f"{render_bar([Slice('used', octets)], total=anatomy.limit, label=f'{octets} octets')}</li>"
        for name, octets in parts.items()
    )
    return f"""<p><b>{anatomy.used:,}</b> of {anatomy.limit:,} octets used, <b>{left:,}</b> left.
In characters, {anatomy.characters:,} of {anatomy.limit_characters:,}.</p>
<ul class="sizes" aria-label="Octets by key">
{lines}
</ul>"""


def _render_envelope(anatomy: Anatomy, *, log_id: str) -> str:
    envelope = anatomy.envelope
    rows = {
        "sid": f"16 octets, never shown. In logs: <code>{log_id}</code>",
        "created": f"<code>{envelope.created}</code>",
        "issued": f"<code>{envelope.issued}</code>",
        "idle": f"<code>{envelope.idle}</code> {describe_duration(envelope.idle)}",
        "until": f"<code>{envelope.until}</code>",
        "persistent": f"<code>{str(envelope.persistent).lower()}</code> "
        + ("it outlives the browser" if envelope.persistent else "it ends with the browser"),
        "data": _render_value(envelope.data),
        "flash": _render_value(envelope.flash),
    }
    return "<dl>\n" + "\n".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows.items()) + "\n</dl>"


def _render_value(value: Any) -> str:
    return f"<pre>{escape(json.dumps(_abridge(value), ensure_ascii=False, indent=1))}</pre>"


def _abridge(value: Any) -> Any:
    if isinstance(value, str):
        return _shorten(value)
    if isinstance(value, bytes):
        return f"({len(value):,} octets)"
    if isinstance(value, dict):
        content = cast("dict[str, Any]", value)
        return {_shorten(key): _abridge(each) for key, each in content.items()}
    if isinstance(value, (list, tuple)):
        return [_abridge(each) for each in cast("Sequence[Any]", value)]
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
        label=f"The line of time to scale, {describe_duration(end - start)} long; the list below has its points",
        marks=[Mark(moment.name, moment.time - start) for moment in moments],
    )
    lines = "\n".join(
        f'<li class="{moment.name}"><b>{moment.name}</b> '
        f"<span>{describe_distance(moment.time, now=anatomy.now)}</span> "
        f'<span class="note">{MOMENTS[moment.name]}, {render_time(moment.time)}</span></li>'
        for moment in moments
    )
    return f'{bar}\n<ol class="moments">\n{lines}\n</ol>'


def _render_ring(anatomy: Anatomy) -> str:
    sealed = "seals" if anatomy.is_sample else "sealed"
    lines = "\n".join(
        f'<li class="{key.state}"><code>{key.key_id}</code> <b>{key.state}</b> <span class="note">{STATES[key.state]}'
        f"{f', <em>{sealed} your cookie</em>' if key.sealed_it else ''}</span></li>"
        for key in anatomy.keys
    )
    moves = ""
    if anatomy.key.state != PRIMARY:
        moves = (
            "<p>Any change moves your cookie to the primary key. Five minutes after it was sealed, any visit does.</p>"
        )
    return f'<ol class="ring">\n{lines}\n</ol>\n{moves}'


def _name_class(piece: str) -> str:
    return piece.replace(" ", "-")
