"""Flask-Login's own tests, with its remember-me cookie, since its applications have a SECRET_KEY."""

from __future__ import annotations

from peer import Peer

PEER = Peer(
    name="Flask-Login",
    versions={"0.6.3": 114},
    tests=("tests",),
    # Flask-Login 0.6.3 calls datetime.utcnow(), which is deprecated; its own configuration makes that an error.
    command=(*Peer.command, "-W", "ignore:datetime.datetime.utcnow:DeprecationWarning"),
)


def put_in_place() -> None:
    from flask_apps import init_every_app

    init_every_app()
