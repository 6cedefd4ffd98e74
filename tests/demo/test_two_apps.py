"""The two applications of the demonstration."""

import pytest

from cookiejar_session.demo.two_apps import ASGI, WSGI, DemoApp, find_other


@pytest.mark.parametrize("app", [ASGI, WSGI], ids=["asgi", "wsgi"])
def test_path_of_an_app_is_a_folder(app: DemoApp) -> None:
    assert app.path.startswith("/")
    assert app.path.endswith("/")


def test_apps_differ_in_all_they_have() -> None:
    assert all(mine != theirs for mine, theirs in zip(ASGI, WSGI, strict=True))


def test_each_app_is_the_other_of_the_other() -> None:
    assert (find_other(ASGI), find_other(WSGI)) == (WSGI, ASGI)
