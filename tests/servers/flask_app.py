"""A Flask application with a session; fastapi_app.py answers the same requests in the same way."""

from datetime import timedelta
from typing import Any

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from cookiejar_session import CookieSessions, Policy

# Keys from COOKIEJAR_SESSION_KEYS; sessions end with the browser unless it is to remember the visitor.
sessions = CookieSessions(policy=Policy(persistent=False))
app = Flask(__name__)
app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]


@app.get("/me")
def show() -> dict[str, Any]:
    session = sessions.get(request)
    return {"user": session.get("user"), "cart": session.get("cart"), "flash": session.flash.get("notice")}


@app.post("/sign-in")
def sign_in() -> dict[str, Any]:
    session = sessions.get(request)
    session.regenerate()
    session["user"], session["cart"] = request.args["name"], []
    if request.args.get("remember") == "true":
        session.set_lifetime(idle_timeout=timedelta(days=30), persistent=True)
    return {}


@app.post("/cart")
def put_in_cart() -> dict[str, Any]:
    sessions.get(request)["cart"].append(request.args["item"])
    return {}


@app.post("/order")
def order() -> Response:
    sessions.get(request).flash.add("notice", "ordered")
    return redirect("/me", code=303)


@app.post("/sign-out")
def sign_out() -> dict[str, Any]:
    sessions.get(request).discard()
    return {}
