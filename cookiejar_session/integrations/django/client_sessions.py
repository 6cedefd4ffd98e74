"""The sessions that tests save through ``client.session`` of Django's test client.

Such a test changes the session and calls ``save()``, then expects that the server finds the change. The client does not
read its cookie again after ``save()``, so it still sends the old token. In a test run, and only there, this module
remembers the new token.
"""

from __future__ import annotations

from django.core import mail

# For each old token, the token that replaced it. The pairs are in the order of the saves.
_replacements = dict[str, str]()


def remember_saved(before: str, after: str) -> None:
    """Remember that a test saved a session: its token was ``before`` and is now ``after``."""
    # setup_test_environment() of Django, which every test runner calls, sets this attribute.
    if hasattr(mail, "outbox") and before != after:
        _replacements[before] = after


def replace_saved(text: str) -> str:
    """Replace each old token in ``text``, a Cookie field value or a token, by the one that a test saved last."""
    # A session that was saved twice has two entries. The second replaces the token that the first one put in.
    for before, after in _replacements.items():
        text = text.replace(before, after)
    return text
