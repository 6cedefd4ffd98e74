"""Render the forms of the page, in sections: sign in, count, cart, keys and size limit."""

from __future__ import annotations

from html import escape
from typing import Any

from ..session.session import Session
from .content import ITEMS, has_filler, read_cart, read_counts, read_user
from .forms import CSRF_FIELD, MAX_NAME_CHARACTERS
from .parts import Part


def render_controls(session: Session[Any], *, part: Part, can_rotate: bool) -> str:
    """Render all sections with forms."""
    return "\n".join(
        (
            _render_visitor(session, part),
            _render_counter(session, part),
            _render_cart(session, part),
            _render_key(session, part, can_rotate=can_rotate),
            _render_limit(session, part),
        )
    )


def render_section(name: str, heading: str, content: str) -> str:
    """Render a section with a heading. ``name`` is its HTML id."""
    return f"""<section id="{name}" aria-labelledby="{name}-heading">
<h2 id="{name}-heading">{heading}</h2>
{content}
</section>"""


def _render_visitor(session: Session[Any], part: Part) -> str:
    user = read_user(session)
    if user is not None:
        form = _render_form(session, part, "sign-out", "Sign out")
        return render_section("visitor", "You are", f'<p class="value"><strong>{escape(user)}</strong></p>\n{form}')
    fields = f"""<label for="name">Name</label>
<input id="name" name="name" required maxlength="{MAX_NAME_CHARACTERS}" autocomplete="nickname">
<span class="choice"><input type="checkbox" id="remember" name="remember">
<label for="remember">Remember me for 60 days</label></span>
"""
    content = (
        f"<p>Any name works. There is no password.</p>\n{_render_form(session, part, 'sign-in', 'Sign in', fields)}"
    )
    return render_section("visitor", "Who are you?", content)


def _render_counter(session: Session[Any], part: Part) -> str:
    counts = read_counts(session)
    shares = ", ".join(f"{count:,} by the {escape(name)}" for name, count in counts.items())
    return render_section(
        "counter",
        "Counter",
        f"""<p>Both parts count here. The session keeps the numbers.</p>
<p class="value"><strong class="count">{sum(counts.values()):,}</strong> {shares}</p>
{_render_form(session, part, "count", "Count up")}""",
    )


def _render_cart(session: Session[Any], part: Part) -> str:
    cart = read_cart(session)
    lines = "".join(f"<li>{quantity:,} &times; {escape(item)}</li>" for item, quantity in cart)
    content = "<p>The cart is a list inside a dict. The library also saves changes inside such values.</p>\n"
    content += f'<ul class="cart">{lines}</ul>' if cart else "<p>The cart is empty.</p>"
    buttons = "".join(f'<button name="item" value="{item}">{item}</button>\n' for item in ITEMS)
    content += f"\n{_render_form(session, part, 'add-to-cart', buttons)}"
    if cart:
        content += f"\n{_render_form(session, part, 'empty-cart', 'Empty the cart', is_quiet=True)}"
    return render_section("cart", "Cart", content)


def _render_key(session: Session[Any], part: Part, *, can_rotate: bool) -> str:
    if can_rotate:
        rotate = f"""<p>A rotation adds a new key for new cookies. The older keys still open existing cookies, so nobody
is signed out.</p>
{_render_form(session, part, "rotate", "Rotate the key")}"""
    else:
        rotate = (
            "<p>The keys come from the environment, so this page cannot rotate them. Rotate them where they are set: "
            "README.md explains how. Nobody is signed out.</p>"
        )
    return render_section(
        "keys",
        "Key and session id",
        f"""{rotate}
<p>After a login, an application gives the session a new id and keeps its data. This prevents
<abbr title="An attacker plants their own session in your browser and waits until you sign in to it.">session
fixation</abbr>.</p>
{_render_form(session, part, "regenerate", "Change the id", is_quiet=True)}""",
    )


def _render_limit(session: Session[Any], part: Part) -> str:
    unfill = f"\n{_render_form(session, part, 'unfill', 'Remove filler', is_quiet=True)}" if has_filler(session) else ""
    return render_section(
        "limit",
        "Size limit",
        f"""<p>Browsers accept only small cookies, of about 4 kB. If the session becomes too large, the library raises
<code>SessionTooLargeError</code>, and the cookie does not change.</p>
{_render_form(session, part, "fill", "Fill the session")}
{_render_form(session, part, "overfill", "Write too much", is_quiet=True)}{unfill}""",
    )


def _render_form(
    session: Session[Any], part: Part, form: str, button: str, fields: str = "", *, is_quiet: bool = False
) -> str:
    """Render a form. ``button`` is the text of its button, or the HTML of several buttons."""
    if not button.startswith("<"):
        button = f"<button{' class=quiet' if is_quiet else ''}>{button}</button>"
    return f"""<form method="post" action="{part.path}{form}">
<input type="hidden" name="{CSRF_FIELD}" value="{session.csrf_token(form)}">
{fields}{button}
</form>"""
