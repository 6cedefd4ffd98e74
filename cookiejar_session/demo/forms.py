"""Handle the forms: check the CSRF token and change the session. Knows nothing of HTTP; both applications use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from ..keys.keyring import Keyring
from ..keys.ring_text import MAX_ENTRIES
from ..session.session import Session
from .content import ITEMS, read_cart, read_counts
from .rotating_keyring import RotatingKeyring

# WebOb writes bodies of more than 10 kB to temporary files.
MAX_FORM_OCTETS = 8 * 1024
MAX_NAME_CHARACTERS = 40
# Integers in a session have at most 64 bits, so counters need some limit.
MAX_COUNT = 1_000_000
# The name of the hidden field with the CSRF token.
CSRF_FIELD = "csrf_token"

# The limits of a session whose visitor ticked "Remember me for 60 days".
REMEMBERED = {"idle_timeout": timedelta(days=60), "absolute_lifetime": timedelta(days=365)}


class Submission(NamedTuple):
    """A form that a visitor sent: its fields, the session, the name of the application, and the keyring."""

    fields: Mapping[str, str]
    session: Session[Any]
    app: str
    keyring: Keyring


def parse_form(body: bytes) -> dict[str, str]:
    """Parse an application/x-www-form-urlencoded body. If a name occurs more than once, the last value counts."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def submit_form(submission: Submission, *, form: str) -> bool:
    """Check the CSRF token, then run ``form``, which is a name in FORMS.

    Returns False and changes nothing if the CSRF token is invalid. Raises SessionTooLargeError if the changed session
    is too large for the cookie; then the caller calls ``session.revert()``.
    """
    session = submission.session
    if not session.check_csrf_token(submission.fields.get(CSRF_FIELD, ""), form=form):
        return False
    FORMS[form].submit(submission)
    session.check()
    return True


def sign_in(submission: Submission) -> None:
    """Sign in under any name. A real application would check a password."""
    fields, session, app, _ = submission
    name = fields.get("name", "").strip()
    if not name or len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        session.flash.add("error", f"Enter a name of 1 to {MAX_NAME_CHARACTERS} printable characters.")
        return
    session["user"], session["signed_in_through"] = name, app
    session.flash.add("notice", f"Signed in as {name} through the {app}.")
    # A new sid prevents session fixation: an attacker may have planted the previous session in this browser.
    session.regenerate()
    if "remember" in fields:
        session.set_lifetime(**REMEMBERED, persistent=True)
    else:
        session.set_lifetime(persistent=False)


def sign_out(submission: Submission) -> None:
    """End the session. The message about the sign-out is stored in a new session."""
    submission.session.discard()
    submission.session.flash.add("notice", f"Signed out through the {submission.app}.")


def count_up(submission: Submission) -> None:
    """Add one to the counter of this application."""
    _, session, app, _ = submission
    counts = read_counts(session)
    counts[app] = min(counts.get(app, 0) + 1, MAX_COUNT)
    session["counts"] = counts


def add_to_cart(submission: Submission) -> None:
    """Add one item to the cart. Shows that a change inside a list or dict is saved, too."""
    fields, session, _, _ = submission
    item = fields.get("item")
    if item not in ITEMS:
        session.flash.add("error", "This shop does not sell that item.")
        return
    if not read_cart(session):
        session["cart"] = {"lines": []}
    lines = session["cart"]["lines"]
    for line in lines:
        if line["item"] == item:
            line["quantity"] = min(line["quantity"] + 1, MAX_COUNT)
            return
    lines.append({"item": item, "quantity": 1})


def empty_cart(submission: Submission) -> None:
    """Remove all items from the cart."""
    submission.session.pop("cart", None)


def regenerate_session(submission: Submission) -> None:
    """Give the session a new sid and keep its data, as an application does after a login."""
    session = submission.session
    session.flash.add("notice", f"Your session has a new id and still has its data. Its log id was {session.log_id}.")
    session.regenerate()


def rotate_key(submission: Submission) -> None:
    """Make a new primary key for all sessions.

    This does not change the session. Its cookie still opens, with a key that is now retired.
    """
    keyring = submission.keyring
    if not isinstance(keyring, RotatingKeyring):
        submission.session.flash.add(
            "error",
            "The keys come from the environment, so this page cannot rotate them. Rotate them where they are set.",
        )
    elif not keyring.rotate():
        submission.session.flash.add(
            "error",
            f"No key was added: ring full. It holds {MAX_ENTRIES} keys. Restart the demonstration to begin with one.",
        )


def fill_session(submission: Submission) -> None:
    """Fill the session exactly to its limit."""
    session = submission.session
    session["filler"] = ""
    # The MessagePack header of a string of 256 to 65,535 bytes is two bytes longer than that of an empty string.
    session["filler"] = "c" * max(0, session.size.left - 2)


def overfill_session(submission: Submission) -> None:
    """Write 25 % more than the free space, to show what happens."""
    session = submission.session
    session["filler"] = ""
    session["filler"] = "c" * (session.size.left * 5 // 4 + 1)


def remove_filler(submission: Submission) -> None:
    """Remove the filler that ``fill_session`` added."""
    submission.session.pop("filler", None)


class Form(NamedTuple):
    """A form: the function that handles it, and the section of the page to show afterwards.

    An empty ``fragment`` shows the top of the page, where the messages are.
    """

    submit: Callable[[Submission], None]
    fragment: str = ""


FORMS = {
    "sign-in": Form(sign_in),
    "sign-out": Form(sign_out),
    "count": Form(count_up, "#counter"),
    "add-to-cart": Form(add_to_cart, "#cart"),
    "empty-cart": Form(empty_cart, "#cart"),
    "regenerate": Form(regenerate_session),
    "rotate": Form(rotate_key),
    "fill": Form(fill_session),
    "overfill": Form(overfill_session),
    "unfill": Form(remove_filler),
}
