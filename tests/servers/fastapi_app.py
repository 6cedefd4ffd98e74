"""A FastAPI application with a session; flask_app.py answers the same requests in the same way."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from app_sessions import fill, sessions
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, RedirectResponse, StreamingResponse

api = FastAPI()
app = sessions.asgi(api)


@api.get("/ready")
async def be_ready() -> dict[str, Any]:
    return {}


@api.api_route("/me", methods=["GET", "HEAD"])
async def show(request: Request) -> dict[str, Any]:
    session = sessions.get(request)
    return {
        "user": session.get("user"),
        "cart": session.get("cart"),
        "flash": session.flash.get("notice"),
        "filled": len(session.get("fill", "")),
    }


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


@api.post("/fill")
async def fill_up(request: Request) -> dict[str, Any]:
    return {"filled": fill(sessions.get(request))}


@api.get("/cookies")
async def show_cookies(request: Request) -> list[str]:
    """What this server makes of the Cookie fields."""
    return request.headers.getlist("cookie")


@api.api_route("/empty", methods=["GET", "HEAD"])
async def answer_nothing(request: Request, user: str, status: int) -> Response:
    sessions.get(request)["user"] = user
    return Response(status_code=status)


@api.get("/stream")
async def stream(request: Request, user: str) -> StreamingResponse:
    async def read() -> AsyncIterator[str]:
        yield "one,"
        yield "two"

    sessions.get(request)["user"] = user
    return StreamingResponse(read(), media_type="text/plain")


@api.api_route("/file", methods=["GET", "HEAD"])
async def send_this_file(request: Request, user: str) -> FileResponse:
    sessions.get(request)["user"] = user
    return FileResponse(__file__, media_type="text/plain")
