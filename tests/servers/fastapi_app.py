"""A FastAPI application with a session; flask_app.py answers the same requests in the same way."""

from datetime import timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse

from cookiejar_session import CookieSessions, Policy

# Keys from COOKIEJAR_SESSION_KEYS; sessions end with the browser unless it is to remember the visitor.
sessions = CookieSessions(policy=Policy(persistent=False))
api = FastAPI()
app = sessions.asgi(api)


@api.get("/me")
async def show(request: Request) -> dict[str, Any]:
    session = sessions.get(request)
    return {"user": session.get("user"), "cart": session.get("cart"), "flash": session.flash.get("notice")}


@api.post("/sign-in")
async def sign_in(request: Request, name: str, remember: bool = False) -> dict[str, Any]:
    session = sessions.get(request)
    session.regenerate()
    session["user"], session["cart"] = name, []
    if remember:
        session.set_lifetime(idle_timeout=timedelta(days=30), persistent=True)
    return {}


@api.post("/cart")
async def put_in_cart(request: Request, item: str) -> dict[str, Any]:
    sessions.get(request)["cart"].append(item)
    return {}


@api.post("/order")
async def order(request: Request) -> RedirectResponse:
    sessions.get(request).flash.add("notice", "ordered")
    return RedirectResponse("/me", status_code=303)


@api.post("/sign-out")
async def sign_out(request: Request) -> dict[str, Any]:
    sessions.get(request).discard()
    return {}
