"""docs/how-to/one-user.md: one visitor of Django under gunicorn, FastAPI under uvicorn and Flask under waitress.

Django is the project of django_shop after the change of docs/django.md. The other two are the examples of the page. The
servers have one host, 127.0.0.1, and one key file, which is rotated while they run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

import flask_login.config
import pytest
from django.contrib import auth
from documents import Page
from flask import Flask
from flask.testing import FlaskClient
from server_list import SERVERS
from server_process import DEADLINE, PAUSE, end_servers, start_server, wait_for
from shared_django import make_python_path
from visitor import PATIENCE, Browser, Way

from cookiejar_session import CookieAttributes, CookieSessions, Key, Keyring
from cookiejar_session.integrations.flask import FlaskSessions
from cookiejar_session.typed.data_type import DataType

PAGE, DJANGO_GUIDE = Page("docs/how-to/one-user.md"), Page("docs/how-to/django.md")
run_example = PAGE.run_example
SHOP = Path(__file__).with_name("django_shop")
COOKIE = CookieAttributes(name="__Host-shop")
DJANGO, FASTAPI, FLASK = Way("gunicorn-sync"), Way("uvicorn-h11"), Way("waitress")
# For each server: the application, and a page that answers everybody by 200.
APPS = {
    DJANGO: ("django.core.wsgi:get_wsgi_application()", "/cart"),
    FASTAPI: ("fastapi_shop:app", "/openapi.json"),
    FLASK: ("flask_shop:app", "/"),
}
ADA, PASSWORD, NEW_PASSWORD = "1", "secret", "new secret"
# Real hashers take up to a second, so a change of the password is often stored in the second after the one in which its
# request began. With this hasher, it always is.
HASHER = """
import time
from django.contrib.auth.hashers import MD5PasswordHasher

class SlowHasher(MD5PasswordHasher):
    def encode(self, password, salt):
        began = int(time.time())
        while int(time.time()) == began:
            time.sleep(0.01)
        return super().encode(password, salt)
"""
# A page that changes the password, and a file with the second in which a user was stored last.
CHANGE_PAGE = """
import os, time
from django.contrib.auth.views import PasswordChangeView
from django.db.models.signals import post_save
from django.dispatch import receiver

urlpatterns.append(path("accounts/password/", PasswordChangeView.as_view(success_url="/account")))

@receiver(post_save, sender="auth.User")
def note_time(**kwargs):
    with open(os.environ["SHOP_DATABASE"] + ".time", "w") as file:
        file.write(str(int(time.time())))
"""
MANAGE = "from django.core.management import execute_from_command_line\nexecute_from_command_line()\n"
(FILL_TABLE,) = Page("docs/how-to/one-user.md").take_blocks("sh", 1)
# The id of a visitor whose cookie the test makes. Django has no such user.
SCOUT = "7"


class Shop(NamedTuple):
    """The folder of the three apps, their key file, and the URL of each server by its name."""

    folder: Path
    key_file: Path
    urls: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        return make_environment(self.folder, self.key_file)

    def run(self, *arguments: str, program: str = sys.executable) -> None:
        command = [program, *arguments]
        subprocess.run(command, cwd=self.folder, env=os.environ | self.environment, check=True, timeout=DEADLINE)

    def rotate(self, *arguments: str) -> None:
        self.run("-m", "cookiejar_session", "keyring", "rotate", f"--in-place={self.key_file}", *arguments)

    def list_keys(self) -> list[str]:
        """Return the lines of the key file, the new key first."""
        return self.key_file.read_text().splitlines()


def make_environment(folder: Path, key_file: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": make_python_path(folder),
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "COOKIEJAR_SESSION_KEYS_FILE": str(key_file),
        "SHOP_DATABASE": str(folder / "database"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }


def write_apps(folder: Path) -> None:
    """Write the three applications as both pages show them."""
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = folder / "shop" / "settings.py"
    text = settings.read_text()
    (diff,) = re.findall(r"```diff\n(.*?)```", DJANGO_GUIDE.text, re.DOTALL)
    for before, after in zip(*(re.findall(rf"^[{sign}](.*)$", diff, re.MULTILINE) for sign in "-+"), strict=True):
        text = text.replace(before, after)
    text += DJANGO_GUIDE.find_example('COOKIEJAR_SESSIONS = "shop.sessions.sessions"')
    text += f'ALLOWED_HOSTS = ["127.0.0.1"]\nDATABASES["default"]["NAME"] = "{folder / "database"}"\n'
    text += 'INSTALLED_APPS.append("accounts")\nPASSWORD_HASHERS = ["shop.hasher.SlowHasher"]\n'
    settings.write_text(text)
    (folder / "shop" / "hasher.py").write_text(HASHER)
    with (folder / "shop" / "urls.py").open("a") as urls:
        urls.write(CHANGE_PAGE)
    (folder / "manage.py").write_text(MANAGE)
    accounts = folder / "accounts"
    accounts.mkdir()
    (accounts / "__init__.py").touch()
    (accounts / "models.py").write_text(PAGE.find_example("class SessionHash"))
    (folder / "shop_passwords.py").write_text(PAGE.find_example("def is_current"))
    (folder / "shop" / "sessions.py").write_text(DJANGO_GUIDE.find_example("CookieSessions\n\nsessions = "))
    (folder / "shop_login.py").write_text(PAGE.find_example("class DjangoLogin"))
    api = PAGE.find_example("import Depends, FastAPI") + PAGE.find_example("def require_current")
    (folder / "fastapi_shop.py").write_text(api)
    (folder / "flask_shop.py").write_text(PAGE.find_example("from flask import"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The three servers, and the user ada in Django's database."""
    base = tmp_path_factory.mktemp("shop")
    folder, key_file = base / "apps", base / "keys"
    write_apps(folder)
    key_file.write_text(f"{Key.generate().to_text()}\n")
    shop = Shop(folder, key_file, {})
    shop.run("-e", "-c", FILL_TABLE, program="sh")
    set_password(shop, PASSWORD)
    with ExitStack() as stack:
        started = {}
        for way, (app, _) in APPS.items():
            server = SERVERS[way.server]
            server = server._replace(command=(*server.command[:-1], app))
            running = start_server(
                server, folder=base / way.server, environment=shop.environment, upstream="", with_line=False
            )
            started[way] = stack.enter_context(running)
            shop.urls[way.server] = started[way][0]
        stack.callback(end_servers, [process for _, _, process in started.values()])
        until = time.monotonic() + DEADLINE
        for way, (url, log, process) in started.items():
            wait_for(url, log, process, until=until, path=APPS[way][1])
        yield shop


def set_password(shop: Shop, password: str) -> None:
    """Set ada's password in Django's database, as ``manage.py changepassword`` does. Make the user first, if needed."""
    shop.run(
        "-c",
        "import django; django.setup()\n"
        "from django.contrib.auth.models import User\n"
        "ada, _ = User.objects.get_or_create(username='ada')\n"
        f"ada.set_password({password!r}); ada.save()",
    )


class Visitor(Browser):
    """A browser that visits the three servers."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.visit(shop.urls)

    @property
    def token(self) -> str | None:
        return self.cookies.get(COOKIE.name)

    def submit(self, page: str, path: str, **fields: str) -> Any:
        """Submit a form of Django's page ``page`` to ``path``."""
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', self.get(DJANGO, page).text)
        assert found is not None
        return self.send(DJANGO, "POST", path, data={"csrfmiddlewaretoken": found[1], **fields})

    def sign_in(self, password: str = PASSWORD) -> None:
        page = "/accounts/login/?next=/account"
        answer = self.submit(page, page, username="ada", password=password)
        assert (answer.status_code, answer.headers["location"]) == (302, "/account")

    def list_users(self) -> list[object]:
        """Return whom Django, FastAPI and Flask know: the name in Django, and the id in the other two."""
        account = self.send(DJANGO, "GET", "/account")
        api = self.send(FASTAPI, "GET", "/api/me")
        return [
            account.text.removeprefix("account of ") if account.status_code == 200 else account.status_code,
            api.json()["user"] if api.status_code == 200 else api.status_code,
            self.get(FLASK, "/").json()["user"],
        ]


def make_sessions(*keys: str) -> CookieSessions[None]:
    return CookieSessions(Keyring.parse(" ".join(keys)), cookie=COOKIE)


def wait_until_known(shop: Shop, token: str) -> None:
    """Wait until each server accepts a token of a key that it may not have read yet."""
    pages = {DJANGO: ("/cart", "has 3 items"), FASTAPI: ("/api/me", f'"{SCOUT}"'), FLASK: ("/", f'"{SCOUT}"')}
    with closing(Visitor(shop)) as scout:
        scout.give_cookie(COOKIE.name, token)
        until = time.monotonic() + PATIENCE
        for way, (path, text) in pages.items():
            while text not in scout.send(way, "GET", path).text:
                assert time.monotonic() < until, f"{way} does not accept the token"
                time.sleep(PAUSE)
                assert scout.token == token, f"{way} overwrote a cookie whose key it did not know"


def wait_until_promoted(shop: Shop, sessions: CookieSessions[None]) -> None:
    """Wait until Flask seals with the keys of ``sessions``."""
    stranger = CookieSessions(Keyring.generate(), cookie=COOKIE).mint({}).token
    until = time.monotonic() + PATIENCE
    while True:
        with closing(Visitor(shop)) as scout:
            # A server looks at its key file at once if it does not know the key of a token, but once in a second.
            scout.give_cookie(COOKIE.name, stranger)
            scout.get(FLASK, "/")
            scout.give_cookie(COOKIE.name, make_sessions(*shop.list_keys()).mint({"_auth_user_id": SCOUT}).token)
            scout.send(FLASK, "POST", "/orders").raise_for_status()
            if sessions.read(scout.token or "").reason is None:
                return
        assert time.monotonic() < until, "Flask does not seal with the new key"
        time.sleep(PAUSE)


def test_one_visitor_signs_in_reads_is_told_something_and_signs_out_over_three_servers_and_a_rotation(
    shop: Shop,
) -> None:
    with closing(Visitor(shop)) as visitor:
        assert visitor.list_users() == [302, 401, None]
        # Sign in with Django, where the session begins with a CSRF token.
        visitor.get(DJANGO, "/accounts/login/")
        (old_key,) = shop.list_keys()
        before = make_sessions(old_key).read(visitor.token or "").session
        visitor.sign_in()
        after = make_sessions(old_key).read(visitor.token or "").session
        assert before.sid != after.sid
        # Read in FastAPI and Flask.
        assert visitor.list_users() == ["ada", ADA, ADA]
        assert make_sessions(old_key).read(visitor.token or "").session.sid == after.sid

        # Add a pending key. The servers accept its tokens and seal with the old key.
        shop.rotate("--stage=add")
        new_key = shop.list_keys()[0].partition("@")[0]
        wait_until_known(shop, make_sessions(new_key).mint({"_auth_user_id": SCOUT, "cart": [1, 2, 3]}).token)
        assert visitor.list_users() == ["ada", ADA, ADA]
        assert visitor.send(FLASK, "POST", "/orders").json() == {"user": ADA}
        assert make_sessions(old_key).read(visitor.token or "").reason is None
        # Promote it. Each server has the key, so it may be used before its time.
        shop.rotate("--stage=promote", "--force")
        wait_until_promoted(shop, make_sessions(new_key))

        # Flash in Flask, and show both messages in FastAPI, once.
        assert visitor.send(FLASK, "POST", "/orders").json() == {"user": ADA}
        assert make_sessions(new_key).read(visitor.token or "").session.sid == after.sid
        assert visitor.get(FASTAPI, "/api/me").json() == {"user": ADA, "messages": ["ordered", "ordered"]}
        assert visitor.get(FASTAPI, "/api/me").json() == {"user": ADA, "messages": []}
        assert visitor.list_users() == ["ada", ADA, ADA]

        # Sign out in Django.
        visitor.submit("/accounts/login/", "/logout")
        assert visitor.token is None
        assert visitor.list_users() == [302, 401, None]


def test_only_django_and_an_app_that_compares_the_hashes_notice_a_new_password(shop: Shop) -> None:
    def list_orders(browser: Visitor) -> int:
        status: int = browser.send(FASTAPI, "GET", "/api/orders").status_code
        return status

    with closing(Visitor(shop)) as visitor, closing(Visitor(shop)) as thief:
        visitor.sign_in()
        thief.give_cookie(COOKIE.name, visitor.token or "")
        assert [list_orders(visitor), list_orders(thief)] == [200, 200]
        changed = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
        answer = visitor.submit("/accounts/login/", "/accounts/password/", **changed)
        assert (answer.status_code, answer.headers["location"]) == (302, "/account")
        # The visitor who changed the password stays signed in everywhere, though the session seems to be older.
        stored_at = int((shop.folder / "database.time").read_text())
        began_at = make_sessions(*shop.list_keys()).read(visitor.token or "").session.created_at.timestamp()
        assert began_at < stored_at
        assert visitor.list_users() == ["ada", ADA, ADA]
        assert list_orders(visitor) == 200
        # The page says so: apps that do not compare accept the old session until Django has ended it.
        assert [thief.get(FASTAPI, "/api/me").json()["user"], thief.get(FLASK, "/").json()["user"]] == [ADA, ADA]
        assert list_orders(thief) == 401
        assert thief.list_users() == [302, 401, None]
        assert thief.token is None
        # A user without a row.
        token = make_sessions(*shop.list_keys()).mint({"_auth_user_id": SCOUT, "_auth_user_hash": "0" * 64}).token
        thief.give_cookie(COOKIE.name, token)
        assert list_orders(thief) == 401
    set_password(shop, PASSWORD)


def test_the_table_of_the_hashes_follows_what_the_page_says(shop: Shop) -> None:
    shop.run("-c", HASHES_VISIT)


HASHES_VISIT = """
import django; django.setup()
from types import SimpleNamespace
from accounts.models import SessionHash, store_all_hashes, store_hash
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.test import override_settings
from shop_passwords import is_current

def accepts(password_mac, user_id=None):
    return is_current(SimpleNamespace(data=SimpleNamespace(user_id=user_id or str(eve.pk), password_mac=password_mac)))

eve = User.objects.create_user("eve", password="secret")
first = eve.get_session_auth_hash()
assert [accepts(first), accepts(""), accepts(None), accepts(first, "8")] == [True, False, False, False]

# A change that sends no post_save.
User.objects.filter(pk=eve.pk).update(password="another")
assert accepts(first)
eve.refresh_from_db()
second = eve.get_session_auth_hash()
store_hash(eve)
assert [accepts(first), accepts(second)] == [False, True]

# A missing row.
SessionHash.objects.all().delete()
assert not accepts(second)
store_all_hashes()
assert accepts(second)

# A user who is not active.
eve.is_active = False
eve.save()
assert [accepts(second), accepts("")] == [False, False]
eve.is_active = True
eve.save()
assert accepts(second)

# A proxy model.
class Member(User):
    class Meta:
        app_label, proxy = "accounts", True

member = Member.objects.get(pk=eve.pk)
member.set_unusable_password()
member.save()
assert not accepts(second)
eve.refresh_from_db()
second = eve.get_session_auth_hash()
assert accepts(second)

# A new SECRET_KEY.
with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["only for tests"]):
    store_all_hashes()
    assert not accepts(second)
    request = SimpleNamespace(session=SessionBase())
    request.session.cycle_key = lambda: None
    request.session._session_cache = {
        "_auth_user_id": str(eve.pk),
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": second,
    }
    assert get_user(request) == eve
    assert accepts(request.session["_auth_user_hash"])

# A deleted user, and a login without a row, which writes it.
number = str(eve.pk)
store_all_hashes()
SessionHash.objects.all().delete()
from django.test import Client
Client().force_login(eve)
assert accepts(second)
eve.delete()
assert not accepts(second, number)
store_all_hashes()
"""


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The typed views of the page, by name."""
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    return {**run_example("class DjangoLogin"), **run_example("class OwnLogin")}


def test_the_views_have_the_keys_of_the_frameworks(views: dict[str, Any]) -> None:
    keys = {name: set(DataType(views[name]).keys) for name in ("DjangoLogin", "FlaskLogin")}
    # Flask-Login's others are about the remember-me cookie and the page after the login.
    flask_keys = set(flask_login.config.SESSION_KEYS) - {"_remember", "_remember_seconds", "next"}
    assert keys["DjangoLogin"] == {auth.SESSION_KEY, auth.BACKEND_SESSION_KEY, auth.HASH_SESSION_KEY}
    assert keys["FlaskLogin"] == flask_keys
    documented = set(re.findall(r"^\|[^|]*\| `(_\w+)` \|", PAGE.text, re.MULTILINE))
    assert documented == keys["DjangoLogin"] | flask_keys


@pytest.fixture
def flask_client() -> tuple[FlaskClient, CookieSessions[None]]:
    """A client of a Flask app in which Flask-Login signs in, and the app's sessions."""
    app = Flask(__name__)
    sessions = CookieSessions(Keyring.generate())
    FlaskSessions(sessions).init_app(app)
    flask_login.LoginManager(app).user_loader(make_user)
    app.add_url_rule("/login", "login", lambda: str(flask_login.login_user(make_user("ada"))), methods=["POST"])
    app.add_url_rule("/logout", "logout", lambda: str(flask_login.logout_user()), methods=["POST"])
    return app.test_client(), sessions


def make_user(name: str) -> Any:
    user = flask_login.UserMixin()
    user.id = name
    return user


def test_an_app_next_door_reads_the_user_of_flask_login(
    views: dict[str, Any], flask_client: tuple[FlaskClient, CookieSessions[None]]
) -> None:
    client, sessions = flask_client
    next_door = CookieSessions(sessions.settings.keyring, data_type=views["FlaskLogin"])

    def visit(path: str) -> Any:
        client.post(path, base_url="https://localhost")
        cookie = client.get_cookie("__Host-session")
        return next_door.read("" if cookie is None else cookie.value).session.data

    login = visit("/login")
    assert (login.user_id, login.is_fresh, len(login.browser)) == ("ada", True, 128)
    assert visit("/logout").user_id is None


@pytest.mark.parametrize(
    ("view", "key"), [("DjangoLogin", "_auth_user_id"), ("FlaskLogin", "_id"), ("OwnLogin", "cart")]
)
def test_a_session_with_some_of_the_keys_fits_the_view(views: dict[str, Any], view: str, key: str) -> None:
    keyring = Keyring.generate()
    found = CookieSessions(keyring, data_type=views[view]).read(CookieSessions(keyring).mint({key: "1"}).token)
    assert found.reason is None
    assert found.session.data is not None


def test_a_view_of_django_finds_the_user_of_flask_login(shop: Shop) -> None:
    (shop.folder / "views.py").write_text(PAGE.find_example("def find_user"))
    shop.run(
        "-c",
        "import django; django.setup()\n"
        "from types import SimpleNamespace\n"
        "from views import find_user\n"
        "users = [find_user(SimpleNamespace(session=session)) for session in ({'_user_id': '1'}, {})]\n"
        "assert [user and user.username for user in users] == ['ada', None], users",
    )
