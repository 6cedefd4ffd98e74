"""The FastAPI application of the live tests. Each port's test server answers the same requests in the same way.

GET /read: {"user", "count", "flash", "log_id"}, where flash takes the messages of category "notice".
POST /sign-in?name=…: regenerates the session and sets user. POST /count: adds 1 to count.
POST /flash?text=…: adds a message of category "notice". POST /fill?characters=…: sets fill to so many characters.
POST /sign-out: discards the session. All POST requests answer {}; where the session is too large, 507.
"""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from live_sessions import sessions

from cookiejar_session import SessionTooLargeError

api = FastAPI()
app = sessions.asgi(api)


@api.get("/read")
async def read(request: Request) -> dict[str, Any]:
    session = sessions.get(request)
    return {
        "user": session.get("user"),
        "count": session.get("count"),
        "flash": session.flash.get("notice"),
        "log_id": session.log_id,
    }


@api.post("/sign-in")
async def sign_in(request: Request, name: str) -> dict[str, Any]:
    session = sessions.get(request)
    session.regenerate()
    session["user"] = name
    return {}


@api.post("/count")
async def count(request: Request) -> dict[str, Any]:
    session = sessions.get(request)
    session["count"] = session.get("count", 0) + 1
    return {}


@api.post("/flash")
async def flash(request: Request, text: str) -> dict[str, Any]:
    sessions.get(request).flash.add("notice", text)
    return {}


@api.post("/fill")
async def fill(request: Request, characters: int) -> dict[str, Any]:
    session = sessions.get(request)
    session["fill"] = "x" * characters
    session.check()
    return {}


@api.post("/sign-out")
async def sign_out(request: Request) -> dict[str, Any]:
    sessions.get(request).discard()
    return {}


@api.exception_handler(SessionTooLargeError)
async def answer_too_large(request: Request, error: Exception) -> JSONResponse:
    sessions.get(request).revert()
    return JSONResponse({}, status_code=507)
