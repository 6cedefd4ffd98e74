"""Visit the shop: buy, sign in, open the admin, sign out. Prints what each step answers, as JSON."""

from __future__ import annotations

import json
import re

import django
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment

django.setup()
setup_test_environment()
call_command("migrate", verbosity=0)

from django.contrib.auth.models import User  # noqa: E402 - models are loaded after setup()

User.objects.create_superuser("ada", password="secret")
steps: dict[str, object] = {}
client = Client(enforce_csrf_checks=True)


def get(name: str, url: str) -> str:
    response = client.get(url, secure=True)
    text = re.sub(r"<[^>]*>|\s+", " ", response.content.decode())
    steps[name] = [
        response.status_code,
        response.get("Location"),
        "csrf" if "<form" in response.content.decode() else text,
    ]
    return response.content.decode()


def post(name: str, url: str, page: str, **fields: str) -> None:
    found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    if found is not None:
        fields["csrfmiddlewaretoken"] = found[1]
    response = client.post(url, fields, secure=True, headers={"referer": "https://testserver/"})
    steps[name] = [response.status_code, response.get("Location")]


form = get("the form to sign in", "/accounts/login/?next=/account")
get("an account without a visitor", "/account")
post("buy without a CSRF token", "/buy", "", article="pear")
post("buy", "/buy", form, article="apple")
get("the cart", "/cart")
get("the cart again, its message is gone", "/cart")
post("a wrong password", "/accounts/login/", form, username="ada", password="wrong")
post("sign in", "/accounts/login/?next=/account", form, username="ada", password="secret")
get("the account", "/account")
get("the cart is kept", "/cart")
page = get("the admin", "/admin/auth/user/add/")
post("add a user", "/admin/auth/user/add/", page, username="eve", password1="n0t-so-simple", password2="n0t-so-simple")
steps["users"] = sorted(User.objects.values_list("username", flat=True))
post("sign out", "/logout", page)
get("the cart after signing out", "/cart")
get("the account after signing out", "/account")
client.force_login(User.objects.get(username="eve"))
get("the account of a user whom the test signed in", "/account")
session = client.session
session["cart"] = ["plum", "pear"]
session.save()
get("the cart that the test filled", "/cart")
print(json.dumps(steps, indent=1))
