"""What each form does to the session. Knows nothing of HTTP: both parts call the same functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ..session import Session

# WebOb puts bodies of more than 10 kB in temporary files.
MAX_FORM_OCTETS = 8 * 1024
MAX_NAME_CHARACTERS = 40
# The field of each form that holds its CSRF token.
CSRF_FIELD = "csrf_token"


def parse_form(body: bytes) -> dict[str, str]:
    """The fields of a form sent as application/x-www-form-urlencoded; of several with one name, the last."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def submit_form(session: Session[Any], fields: Mapping[str, str], *, form: str, part: str) -> bool:
    """Does what ``form``, one of FORMS, is for. False, with nothing done, for a CSRF token that is not this session's.

    ``part`` names the part that was asked, for the flash message.
    """
    if not session.check_csrf_token(fields.get(CSRF_FIELD, ""), form=form):
        return False
    FORMS[form](session, fields, part)
    return True


def sign_in(session: Session[Any], fields: Mapping[str, str], part: str) -> None:
    """Signs in whoever gives a name; a real application would ask for more."""
    name = fields.get("name", "").strip()
    if not name or len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        session.flash.add("error", f"Please give a name of 1 to {MAX_NAME_CHARACTERS} characters.")
        return
    # A new sid, so that a session which somebody else planted or copied before is not the one signed in.
    session.regenerate()
    session["user"] = name
    session.flash.add("notice", f"Signed in as {name} through the {part}.")


def count_up(session: Session[Any], fields: Mapping[str, str], part: str) -> None:
    """Counts, and notes which part did: a change inside a nested value is saved too."""
    counts = session.setdefault("counts", {})
    counts[part] = counts.get(part, 0) + 1


def sign_out(session: Session[Any], fields: Mapping[str, str], part: str) -> None:
    """Ends the session; the message is the first thing in the new one."""
    session.discard()
    session.flash.add("notice", f"Signed out through the {part}.")


FORMS = {"sign-in": sign_in, "count": count_up, "sign-out": sign_out}
