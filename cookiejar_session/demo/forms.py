"""What each form does to the session. Knows nothing of HTTP: both parts call the same functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from ..errors import SessionTooLargeError
from ..keys.keyring import Keyring
from ..keys.ring import MAX_ENTRIES
from ..session.session import Session
from .content import GOODS, read_cart, read_counts
from .rotation import RotatingKeyring

# WebOb puts bodies of more than 10 kB in temporary files.
MAX_FORM_OCTETS = 8 * 1024
MAX_NAME_CHARACTERS = 40
# MessagePack's largest integer: counting must end somewhere.
MAX_COUNT = 1_000_000
# The field of each form that holds its CSRF token.
CSRF_FIELD = "csrf_token"

REMEMBERED = {"idle_timeout": timedelta(days=60), "absolute_lifetime": timedelta(days=365)}


class Submission(NamedTuple):
    """One form that was sent: its fields, the session it came with, the part that was asked, the ring in use."""

    fields: Mapping[str, str]
    session: Session[Any]
    part: str
    keyring: Keyring


def parse_form(body: bytes) -> dict[str, str]:
    """The fields of a form sent as application/x-www-form-urlencoded; of several with one name, the last."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def submit_form(submission: Submission, *, form: str) -> bool:
    """Does what ``form``, one of FORMS, is for. False, with nothing done, for a CSRF token that is not this session's.

    Raises SessionTooLargeError, with nothing done either, where the session has no room for it.
    """
    session = submission.session
    if not session.check_csrf_token(submission.fields.get(CSRF_FIELD, ""), form=form):
        return False
    content, messages = deepcopy(dict(session)), session.flash.pop_all()
    _add_messages(session, messages)
    try:
        FORMS[form].submit(submission)
        session.check()
    except SessionTooLargeError:
        # With the content as it came nothing is written, and the browser keeps the cookie that it has.
        session.clear()
        session.update(content)
        _add_messages(session, messages)
        raise
    return True


def _add_messages(session: Session[Any], messages: list[tuple[str, Any]]) -> None:
    for category, value in messages:
        session.flash.add(category, value)


def sign_in(submission: Submission) -> None:
    """Signs in whoever gives a name; a real application would ask for more."""
    fields, session, part, _ = submission
    name = fields.get("name", "").strip()
    if not name or len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        session.flash.add("error", f"Please give a name of 1 to {MAX_NAME_CHARACTERS} characters.")
        return
    session["user"] = name
    session.flash.add("notice", f"Signed in as {name} through the {part}.")
    # What does not fit is found before anything is done that cannot be undone.
    session.check()
    # A new sid, so that a session which somebody else planted or copied before is not the one signed in.
    session.regenerate()
    if "remember" in fields:
        session.set_lifetime(**REMEMBERED, persistent=True)
    else:
        session.set_lifetime(persistent=False)


def sign_out(submission: Submission) -> None:
    """Ends the session; the message is the first thing in the new one."""
    submission.session.discard()
    submission.session.flash.add("notice", f"Signed out through the {submission.part}.")


def count_up(submission: Submission) -> None:
    """Counts, and notes which part did."""
    _, session, part, _ = submission
    counts = read_counts(session)
    counts[part] = min(counts.get(part, 0) + 1, MAX_COUNT)
    session["counts"] = counts


def add_to_cart(submission: Submission) -> None:
    """One more of what the button is named after: a change inside nested values is saved too."""
    fields, session, _, _ = submission
    item = fields.get("item")
    if item not in GOODS:
        session.flash.add("error", "That is not on the shelf.")
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
    """Takes everything out of the cart."""
    submission.session.pop("cart", None)


def regenerate(submission: Submission) -> None:
    """The same content under a new sid, as after a login."""
    session = submission.session
    session.flash.add("notice", f"You have a new sid and lost nothing. In logs you were {session.log_id} before.")
    session.check()
    session.regenerate()


def rotate(submission: Submission) -> None:
    """A new primary key for everybody. Writes nothing: the cookie that came opens under a key that is now retired."""
    keyring = submission.keyring
    if not isinstance(keyring, RotatingKeyring):
        submission.session.flash.add("error", "These keys are the operator's: put a new one first where they are from.")
    elif not keyring.rotate():
        submission.session.flash.add(
            "error", f"The ring holds {MAX_ENTRIES} keys, as many as it may. Start the demonstration again for more."
        )


def fill(submission: Submission) -> None:
    """Fills the session to its limit, to the octet."""
    session = submission.session
    session["cargo"] = ""
    # MessagePack says the length of a text of 256 octets and more in two octets more than that of an empty one.
    session["cargo"] = "c" * max(0, session.size.left - 2)


def overfill(submission: Submission) -> None:
    """Writes a quarter more than there is room for."""
    session = submission.session
    session["cargo"] = ""
    session["cargo"] = "c" * (session.size.left * 5 // 4 + 1)


def unfill(submission: Submission) -> None:
    """Makes room again."""
    submission.session.pop("cargo", None)


class Form(NamedTuple):
    """What a form does, and where on the page it leads back to: messages stand at its top."""

    submit: Callable[[Submission], None]
    fragment: str = ""


FORMS = {
    "sign-in": Form(sign_in),
    "sign-out": Form(sign_out),
    "count": Form(count_up, "#counter"),
    "add-to-cart": Form(add_to_cart, "#cart"),
    "empty-cart": Form(empty_cart, "#cart"),
    "regenerate": Form(regenerate),
    "rotate": Form(rotate),
    "fill": Form(fill),
    "overfill": Form(overfill),
    "unfill": Form(unfill),
}
