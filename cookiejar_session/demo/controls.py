"""The part of a page that a visitor uses: one section for each thing to try. Knows nothing of cookies."""

from __future__ import annotations

from html import escape
from typing import Any

from ..session.session import Session
from .content import GOODS, has_cargo, read_cart, read_counts, read_user
from .forms import CSRF_FIELD, MAX_NAME_CHARACTERS
from .parts import Part


def render_controls(session: Session[Any], *, part: Part, can_rotate: bool) -> str:
    """All sections, the most usual things first."""
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
    """A section that is named by its heading; ``name`` is its id."""
    return f"""<section id="{name}" aria-labelledby="{name}-heading">
<h2 id="{name}-heading">{heading}</h2>
{content}
</section>"""


def _render_visitor(session: Session[Any], part: Part) -> str:
    user = read_user(session)
    if user is not None:
        out = _render_form(session, part, "sign-out", "Sign out")
        return render_section("visitor", "You are", f'<p class="value"><strong>{escape(user)}</strong></p>\n{out}')
    fields = f"""<label for="name">Name</label>
<input id="name" name="name" required maxlength="{MAX_NAME_CHARACTERS}" autocomplete="nickname">
<span class="choice"><input type="checkbox" id="remember" name="remember">
<label for="remember">Remember me for 60 days</label></span>
"""
    content = f"<p>Any name will do.</p>\n{_render_form(session, part, 'sign-in', 'Sign in', fields)}"
    return render_section("visitor", "Who are you?", content)


def _render_counter(session: Session[Any], part: Part) -> str:
    counts = read_counts(session)
    shares = ", ".join(f"{count:,} by the {escape(name)}" for name, count in counts.items())
    return render_section(
        "counter",
        "Counter",
        f"""<p class="value"><strong class="count">{sum(counts.values()):,}</strong> {shares}</p>
{_render_form(session, part, "count", "Count up")}""",
    )


def _render_cart(session: Session[Any], part: Part) -> str:
    cart = read_cart(session)
    lines = "".join(f"<li>{quantity:,} &times; {escape(item)}</li>" for item, quantity in cart)
    content = f'<ul class="cart">{lines}</ul>' if cart else "<p>Nothing in it yet.</p>"
    buttons = "".join(f'<button name="item" value="{item}">{item}</button>\n' for item in GOODS)
    content += f"\n{_render_form(session, part, 'add-to-cart', buttons)}"
    if cart:
        content += f"\n{_render_form(session, part, 'empty-cart', 'Empty it', is_quiet=True)}"
    return render_section("cart", "Cart", content)


def _render_key(session: Session[Any], part: Part, *, can_rotate: bool) -> str:
    if can_rotate:
        rotate = f"""<p>A new key seals from now on; those before it still open. Nobody is signed out.</p>
{_render_form(session, part, "rotate", "Rotate the key")}"""
    else:
        rotate = "<p>The keys are the operator's. They are rotated where they come from, and nobody is signed out.</p>"
    return render_section(
        "keys",
        "Key and id",
        f"""{rotate}
<p>After a login, a session gets a new id and keeps its content.</p>
{_render_form(session, part, "regenerate", "Regenerate", is_quiet=True)}""",
    )


def _render_limit(session: Session[Any], part: Part) -> str:
    unfill = f"\n{_render_form(session, part, 'unfill', 'Make room', is_quiet=True)}" if has_cargo(session) else ""
    return render_section(
        "limit",
        "Limit",
        f"""<p>A cookie holds only so much. Past the limit a write is refused, and the cookie stays as it is.</p>
{_render_form(session, part, "fill", "Fill it up")}
{_render_form(session, part, "overfill", "Overfill it", is_quiet=True)}{unfill}""",
    )


def _render_form(
    session: Session[Any], part: Part, form: str, button: str, fields: str = "", *, is_quiet: bool = False
) -> str:
    """A form with one button of this text, or with the buttons that it is."""
    if not button.startswith("<"):
        button = f"<button{' class=quiet' if is_quiet else ''}>{button}</button>"
    return f"""<form method="post" action="{part.path}{form}">
<input type="hidden" name="{CSRF_FIELD}" value="{session.csrf_token(form)}">
{fields}{button}
</form>"""
