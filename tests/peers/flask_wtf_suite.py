"""Flask-WTF's own tests."""

from __future__ import annotations

from peer import Peer

KEYLESS = "expects an error without SECRET_KEY; over our session, Flask-WTF needs none"

PEER = Peer(
    name="Flask-WTF",
    versions={"1.3.0": 82},
    tests=("tests",),
    deselected={"tests/test_csrf_form.py::test_csrf_requires_secret_key": KEYLESS},
)


def put_in_place() -> None:
    from flask_apps import init_every_app

    init_every_app()
