"""A Flask application with a session; fastapi_app.py answers the same requests in the same way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from a2wsgi import WSGIMiddleware
from app_sessions import fill, sessions
from flask import Flask, redirect, request, send_file
from werkzeug.wrappers import Response

app = Flask(__name__)
app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]
# The same for an ASGI server.
asgi_app = WSGIMiddleware(app)  # type: ignore[arg-type]


@app.get("/ready")
def be_ready() -> dict[str, Any]:
    return {}


@app.get("/me")
def show() -> dict[str, Any]:
    session = sessions.get(request)
    return {
        "user": session.get("user"),
        "cart": session.get("cart"),
        "flash": session.flash.get("notice"),
        "filled": len(session.get("fill", "")),
    }


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


@app.post("/fill")
def fill_up() -> dict[str, Any]:
    return {"filled": fill(sessions.get(request))}


@app.get("/cookies")
def show_cookies() -> list[str]:
    """What this server makes of the Cookie fields."""
    return request.headers.getlist("cookie")


@app.get("/empty")
def answer_nothing() -> Response:
    sessions.get(request)["user"] = request.args["user"]
    response = Response(status=int(request.args["status"]))
    if response.status_code in (204, 304):
        del response.headers["Content-Type"]  # wsgiref's validator refuses it
    return response


@app.get("/stream")
def stream() -> Response:
    def read() -> Iterator[str]:
        yield "one,"
        yield "two"

    sessions.get(request)["user"] = request.args["user"]
    return Response(read(), mimetype="text/plain")


@app.get("/file")
def send_this_file() -> Response:
    sessions.get(request)["user"] = request.args["user"]
    # Through the server's wsgi.file_wrapper, where it has one.
    return send_file(__file__, mimetype="text/plain")
