"""The visitors: each has a cookie jar, signs in once, and then reads, writes and polls, one request after the other."""

from __future__ import annotations

import asyncio
import heapq
import json
import random
from asyncio import StreamReader, StreamWriter

from .clock import DrillClock
from .messages import Message, read_message
from .tally import Tally

COOKIE = "__Host-session"
# How many requests are under way at once.
TOGETHER = 16
# Before a visit while the clock is at its limit, in seconds: servers that restart need the processor too.
PAUSE = 0.3
# Seconds between two requests of one visitor. One visitor in ten pauses for so long that a reseal is due: more than
# 300 seconds after the token was issued (SPEC 9.6), also on a clock that is ahead, and less than the idle timeout.
GAPS, LONG_GAPS = (15, 105), (320, 480)
SEALING = frozenset(("committed", "renewed", "resealed"))
# Reads, writes and polls in the proportions in which a visitor does them. Polls do not renew the session. So a visitor
# who comes seldom does not poll, and another one polls three times in a row at most: four gaps are less than the idle
# timeout, also on a clock that is ahead.
_PATHS = {GAPS: ("/read",) * 9 + ("/increment",) * 7 + ("/poll",) * 4, LONG_GAPS: ("/read", "/increment")}
_MOST_POLLS = 3


class Visitor:
    """One browser: its cookie, who it is, and what its session must hold."""

    def __init__(self, name: str, *, gaps: tuple[int, int]) -> None:
        self.name = name
        self.gaps = gaps
        self.token: str | None = None
        self.count: int | None = None
        self._ends_at = 0.0
        self._polls = 0
        self._earlier_keys = set[str]()
        self._reseals = set[tuple[str, str]]()

    def choose_path(self, choices: random.Random) -> str:
        path = f"/sign-in?name={self.name}" if self.count is None else choices.choice(_PATHS[self.gaps])
        if path == "/poll" and self._polls == _MOST_POLLS:
            path = "/read"
        self._polls = self._polls + 1 if path == "/poll" else 0
        return path

    def render_request(self, path: str, now: float) -> bytes:
        if self.token is not None and now >= self._ends_at:
            self.token = None
        cookie = "" if self.token is None else f"Cookie: theme=dark; {COOKIE}={self.token}\r\n"
        return f"GET {path} HTTP/1.1\r\nHost: www.example.com\r\n{cookie}\r\n".encode()

    def take(self, answer: Message, path: str, *, now: float, tally: Tally, replaced_key: str | None) -> None:
        """Keep the cookie of a response, and count what the response shows."""
        tally.requests += 1
        if answer.status != 200:
            tally.failed += 1
            return
        events = [event.split("=") for event in answer.find("drill-events")[0].split()]
        tally.refusals.update(value for kind, value in events if kind == "refused")
        sealed = next((event for event in events if event[0] in SEALING), None)
        if sealed is not None:
            self._note_key(*sealed, opened=dict(events).get("opened"), tally=tally, replaced_key=replaced_key)
        for field in answer.find("set-cookie"):
            self._keep(field, now)
        self._compare(answer, path, tally)

    def _note_key(self, kind: str, key_id: str, *, opened: str | None, tally: Tally, replaced_key: str | None) -> None:
        tally.old_keys += key_id == replaced_key
        if opened is None or opened == key_id:
            return
        tally.key_changes[kind] += 1
        if kind == "resealed":
            tally.reseals_back += (key_id, opened) in self._reseals
            self._reseals.add((opened, key_id))
        else:
            tally.returns += key_id in self._earlier_keys
        self._earlier_keys.add(opened)

    def _keep(self, field: str, now: float) -> None:
        cookie, *attributes = field.split("; ")
        name, _, value = cookie.partition("=")
        if name != COOKIE:
            raise AssertionError(f"a cookie named {name}")
        max_age = next(int(each[8:]) for each in attributes if each.startswith("Max-Age="))
        self.token, self._ends_at = (value, now + max_age) if max_age else (None, 0.0)

    def _compare(self, answer: Message, path: str, tally: Tally) -> None:
        name, count = json.loads(answer.body)
        if path.startswith("/sign-in"):
            self.count = 0
        elif name != self.name:
            # The visitor signs in again, so that the drill can count further.
            tally.logouts[tally.part] += 1
            node, events = (" ".join(answer.find(name)) for name in ("drill-node", "drill-events"))
            tally.examples.append(f"{self.name} asked {node} for {path}, which noted: {events or 'no cookie'}")
            self.count = None
            return
        elif path == "/increment":
            self.count = (self.count or 0) + 1
        if count != self.count:
            tally.lost_writes += 1
            self.count = count


class Crowd:
    """All visitors. The one whose time comes first is served next, and sets the clock to this time.

    If no time comes before the clock's limit, somebody makes one visit more: requests never pause.
    ``replaced_key`` is the key id with which no node may seal now, if there is one.
    """

    def __init__(self, number: int, *, clock: DrillClock, tally: Tally, choices: random.Random) -> None:
        self._clock = clock
        self._tally = tally
        self._choices = choices
        self.replaced_key: str | None = None
        self._is_closed = False
        gaps = [LONG_GAPS if place % 10 == 0 else GAPS for place in range(number)]
        visitors = [Visitor(f"visitor{place}", gaps=each) for place, each in enumerate(gaps)]
        # All sign in at once.
        self._waiting = [(clock.now, place, visitor) for place, visitor in enumerate(visitors)]

    async def visit(self, host: str, port: int) -> None:
        """Send requests until the crowd is closed."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(TOGETHER, len(self._waiting))):
                tasks.create_task(self._serve_next(*await asyncio.open_connection(host, port)))

    def close(self) -> None:
        """Let the requests that are under way end, and send no more."""
        self._is_closed = True

    async def reach(self, moment: float) -> None:
        """Let the time pass until ``moment``."""
        self._clock.limit = moment
        while self._clock.now < moment:
            await asyncio.sleep(0.01)

    async def _serve_next(self, reader: StreamReader, writer: StreamWriter) -> None:
        while not self._is_closed:
            is_early = self._waiting[0][0] > self._clock.limit
            if is_early:
                self._clock.advance(self._clock.limit)
                await asyncio.sleep(PAUSE)
                due, place, visitor = self._take_frequent()
            else:
                due, place, visitor = heapq.heappop(self._waiting)
                self._clock.advance(due)
            path = visitor.choose_path(self._choices)
            replaced_key = self.replaced_key
            writer.write(visitor.render_request(path, self._clock.now))
            answer = await read_message(reader)
            now = self._clock.now
            visitor.take(answer, path, now=now, tally=self._tally, replaced_key=replaced_key)
            due = due if is_early else now + self._choices.uniform(*visitor.gaps)
            heapq.heappush(self._waiting, (due, place, visitor))
        writer.close()

    def _take_frequent(self) -> tuple[float, int, Visitor]:
        """Take a random visitor without long gaps, for one more visit while the clock is at its limit."""
        place = self._choices.choice([place for place, each in enumerate(self._waiting) if each[2].gaps is GAPS])
        taken = self._waiting.pop(place)
        heapq.heapify(self._waiting)
        return taken
