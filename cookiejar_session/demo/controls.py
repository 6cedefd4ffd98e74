"""Render what a visitor can do: the steps of "Try this", and the sections with the other forms."""

from __future__ import annotations

from html import escape
from typing import Any

from ..session.session import Session
from .anatomy import RETIRED, Anatomy
from .content import ITEMS, has_filler, read_cart, read_counts, read_origin, read_user
from .documentation import KEYS, PAGES, render_link
from .forms import CSRF_FIELD, MAX_NAME_CHARACTERS
from .stage import View
from .two_apps import DemoApp, find_other

RING_FULL = "The keyring holds {count} keys: ring full. Restart the demonstration to begin with one key."


def render_steps(session: Session[Any], view: View, *, app: DemoApp) -> str:
    """Render the steps that show the library at work. The step that the visitor should take next is marked."""
    steps = {
        "Sign in here": _render_sign_in(session, app),
        "Open the other app": _render_visit(session, app),
        "Rotate the key": _render_rotate(session, view, app),
        "Sign out": _render_sign_out(session, app),
    }
    next_step = _find_next_step(session, view.anatomy, app)
    lines = "\n".join(
        f"<li{' aria-current=step' if name == next_step else ''}><h3>{name}</h3>\n{content}</li>"
        for name, content in steps.items()
    )
    return render_section("try", "Try this", f'<ol class="steps" role="list">\n{lines}\n</ol>')


def render_controls(session: Session[Any], anatomy: Anatomy, *, app: DemoApp) -> str:
    """Render the sections with the other forms."""
    return "\n".join(
        (
            _render_counter(session, app),
            _render_cart(session, app),
            _render_id(session, app),
            _render_size(session, anatomy, app),
        )
    )


def render_section(name: str, heading: str, content: str) -> str:
    """Render a section with a heading, and a link to the page that explains it. ``name`` is its HTML id."""
    return f"""<section id="{name}" aria-labelledby="{name}-heading">
<h2 id="{name}-heading">{heading}</h2>
{content}
<p class="note">In the documentation: {render_link(PAGES[name])}</p>
</section>"""


def _find_next_step(session: Session[Any], anatomy: Anatomy, app: DemoApp) -> str:
    if read_user(session) is None:
        return "Sign in here"
    if read_origin(session) == app.name:
        return "Open the other app"
    return "Sign out" if anatomy.key.state == RETIRED else "Rotate the key"


def _render_sign_in(session: Session[Any], app: DemoApp) -> str:
    user, origin = read_user(session), read_origin(session)
    if user is not None:
        through = "" if origin is None else f", signed in through the {escape(origin)}"
        return f'<p class="user">You are <strong>{escape(user)}</strong>{through}.</p>'
    fields = f"""<label for="name">Name</label>
<input id="name" name="name" required maxlength="{MAX_NAME_CHARACTERS}" autocomplete="nickname">
<span class="choice"><input type="checkbox" id="remember" name="remember">
<label for="remember">Remember me for 60 days</label></span>
"""
    return f"<p>Any name works. There is no password.</p>\n{_render_form(session, app, 'sign-in', 'Sign in', fields)}"


def _render_visit(session: Session[Any], app: DemoApp) -> str:
    other = find_other(app).name
    text = f"The {other} is another application that has the same key. You will be signed in there, too."
    if read_user(session) is not None and read_origin(session) == other:
        text = f"You are in the {app.name} now, and it knows you: no second login, no database."
    return f'<p>{text}</p>\n<p><a class="button" href="{find_other(app).path}">Open the {other}</a></p>'


def _render_rotate(session: Session[Any], view: View, app: DemoApp) -> str:
    if not view.can_rotate:
        return (
            "<p>The keys come from the environment, so this page cannot rotate them. Rotate them where they are set "
            f"({render_link(KEYS)}). Nobody is signed out.</p>"
        )
    text = "A new key encrypts (“seals”) all new cookies. The old key still opens yours, so you stay signed in."
    if view.anatomy.is_ring_full:
        text = RING_FULL.format(count=len(view.anatomy.keys))
    return f"<p>{text}</p>\n{_render_form(session, app, 'rotate', 'Rotate the key')}"


def _render_sign_out(session: Session[Any], app: DemoApp) -> str:
    text = "<p>Both apps share one session, so one sign-out ends it in both.</p>"
    return text if read_user(session) is None else f"{text}\n{_render_form(session, app, 'sign-out', 'Sign out')}"


def _render_counter(session: Session[Any], app: DemoApp) -> str:
    counts = read_counts(session)
    shares = ", ".join(f"{count:,} by the {escape(name)}" for name, count in counts.items())
    return render_section(
        "counter",
        "Counter",
        f"""<p>Both apps count here.</p>
<p class="value"><strong class="count">{sum(counts.values()):,}</strong> {shares}</p>
{_render_form(session, app, "count", "Count up")}""",
    )


def _render_cart(session: Session[Any], app: DemoApp) -> str:
    cart = read_cart(session)
    lines = "".join(f"<li>{quantity:,} &times; {escape(item)}</li>" for item, quantity in cart)
    content = f"<p>A list inside a dict: changes inside it are saved, too.{'' if cart else ' It is empty.'}</p>\n"
    content += f'<ul class="cart">{lines}</ul>' if cart else ""
    buttons = "".join(f'<button name="item" value="{item}">{item}</button>\n' for item in ITEMS)
    content += f"\n{_render_form(session, app, 'add-to-cart', buttons)}"
    if cart:
        content += f"\n{_render_form(session, app, 'empty-cart', 'Empty the cart', is_quiet=True)}"
    return render_section("cart", "Cart", content)


def _render_id(session: Session[Any], app: DemoApp) -> str:
    return render_section(
        "session-id",
        "Session id",
        f"""<p>At a login, an app gives the session a new id and keeps its data. A session that an attacker planted in
your browser before (“session fixation”) is then worthless.</p>
{_render_form(session, app, "regenerate", "Change the id", is_quiet=True)}""",
    )


def _render_size(session: Session[Any], anatomy: Anatomy, app: DemoApp) -> str:
    used, limit = anatomy.used_octets, anatomy.limit_octets
    unfill = f"\n{_render_form(session, app, 'unfill', 'Remove filler', is_quiet=True)}" if has_filler(session) else ""
    return render_section(
        "size",
        "Size limit",
        f"""<p>Browsers drop cookies above 4 kB. Before that, the library raises <code>SessionTooLargeError</code>.</p>
<meter min="0" max="{limit}" value="{used}" aria-label="Used bytes"></meter>
<p><b>{used:,}</b> of {limit:,} bytes are used, <b>{max(limit - used, 0):,}</b> are left.</p>
{_render_form(session, app, "fill", "Fill the session")}
{_render_form(session, app, "overfill", "Write too much", is_quiet=True)}{unfill}""",
    )


def _render_form(
    session: Session[Any], app: DemoApp, form: str, button: str, fields: str = "", *, is_quiet: bool = False
) -> str:
    """Render a form. ``button`` is the text of its button, or the HTML of several buttons."""
    if not button.startswith("<"):
        button = f"<button{' class=quiet' if is_quiet else ''}>{button}</button>"
    return f"""<form method="post" action="{app.path}{form}">
<input type="hidden" name="{CSRF_FIELD}" value="{session.csrf_token(form)}">
{fields}{button}
</form>"""
