"""The middleware table: what each adds to a bare application in four cases. Knows nothing of the libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import asgi_stacks
from .asgi_stacks import AsgiStack, answer_untouched, ignore, make_scope, run_request
from .contents import TYPICAL, Content
from .timing import Action

NO_COOKIE, UNTOUCHED, READ, CHANGED = "no cookie, untouched", "cookie, untouched", "read", "changed"
CASES = (NO_COOKIE, UNTOUCHED, READ, CHANGED)
CHANGED_CONTENT: Content = {**TYPICAL, "theme": "light"}
BARE = "bare"


def make_stacks(makers: Mapping[str, Callable[[], Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """The stacks that can be had, and why each other cannot, by name."""
    made: dict[str, Any] = {}
    absent: dict[str, str] = {}
    for name, make in makers.items():
        try:
            made[name] = make()
        except Exception as exc:  # whatever a peer's import or construction raises is told in the table
            absent[name] = f"{type(exc).__name__}: {exc}"
    return made, absent


def make_asgi_actions(stacks: Mapping[str, AsgiStack], case: str) -> dict[str, Action]:
    """One request of ``case`` for each stack, and for the bare application."""
    actions = {name: make_asgi_action(stack, case) for name, stack in stacks.items()}
    return {BARE: _make_bare_action(case), **actions}


def make_asgi_action(stack: AsgiStack, case: str) -> Action:
    """One request of ``case``, checked to do its work before it is handed out."""
    cookie = store_content(stack, TYPICAL)
    if list_content(stack, cookie) != TYPICAL:
        raise AssertionError("what was stored is not what is read")
    if case == NO_COOKIE:
        return _repeat_request(stack.wrap(answer_untouched), make_scope(stack))
    scope = make_scope(stack, cookie=cookie)
    if case == UNTOUCHED:
        return _repeat_request(stack.wrap(answer_untouched), scope)
    if case == READ:
        seen: Content = {}
        action = _repeat_request(stack.wrap_touching(asgi_stacks.make_reader(stack, seen)), scope)
        action()
        if seen != {"user_id": TYPICAL["user_id"]}:
            raise AssertionError("the value was not read")
        return action
    app = stack.wrap_touching(asgi_stacks.make_changer(stack))
    if list_content(stack, take_cookie(app, scope)) != CHANGED_CONTENT:
        raise AssertionError("the change was not stored")
    return _repeat_request(app, scope)


def store_content(stack: AsgiStack, content: Content) -> str:
    """A Cookie field value, as a browser sends it after the stack has stored ``content``."""
    return take_cookie(stack.wrap_touching(asgi_stacks.make_storer(stack, content)), make_scope(stack))


def list_content(stack: AsgiStack, cookie: str) -> Content:
    """What a session holds that comes with this Cookie field value."""
    seen: Content = {}
    app = stack.wrap_touching(asgi_stacks.make_lister(stack, seen))
    run_request(app, make_scope(stack, cookie=cookie), ignore)
    return seen


def take_cookie(app: Any, scope: Mapping[str, Any]) -> str:
    """The one cookie that the application's answer to this request sets."""
    messages: list[Any] = []

    async def keep(message: Any) -> None:
        messages.append(message)

    run_request(app, dict(scope), keep)
    headers = messages[0]["headers"]
    (field,) = (value for name, value in headers if name.lower() == b"set-cookie")
    pair: str = field.decode("latin-1").strip().partition(";")[0]
    return pair


def _make_bare_action(case: str) -> Action:
    bare = AsgiStack(lambda app: app, lambda app: app, lambda scope: {}, {})
    # What the request of this case carries; the bare application looks at none of it.
    cookie = None if case == NO_COOKIE else "session=" + "x" * 292
    return _repeat_request(answer_untouched, make_scope(bare, cookie=cookie))


def _repeat_request(app: Any, scope: asgi_stacks.Scope) -> Action:
    def run() -> None:
        run_request(app, scope, ignore)

    return run
