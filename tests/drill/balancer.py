"""A balancer on loopback: passes each request to a random node that is in service."""

from __future__ import annotations

import asyncio
import random
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from .messages import read_message
from .nodes import Node

_UNAVAILABLE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"


class Balancer:
    """Forwards requests to ``nodes``. A node that is drained gets no more requests, and has answered the last one."""

    def __init__(self, nodes: Sequence[Node], *, choices: random.Random) -> None:
        self._in_service = list(nodes)
        self._choices = choices
        self._open = Counter[str]()
        self._answered = asyncio.Condition()
        self._server: asyncio.Server | None = None

    async def start(self) -> tuple[str, int]:
        """Listen on a free port of loopback. Return the address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return host, port

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def drain(self, node: Node) -> None:
        """Take a node out of service, and wait until it has answered all its requests."""
        self._in_service.remove(node)
        async with self._answered:
            await self._answered.wait_for(lambda: not self._open[node.name])

    def restore(self, node: Node) -> None:
        """Put a node into service again."""
        self._in_service.append(node)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        # A client that closes its connection is done.
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await read_message(reader)).head
                writer.write(await self._forward(head))
                await writer.drain()
        writer.close()

    async def _forward(self, head: bytes) -> bytes:
        node = self._choices.choice(self._in_service)
        self._open[node.name] += 1
        try:
            return await _ask(node, head)
        except (OSError, asyncio.IncompleteReadError):
            # Not sent to another node: no node may fail while it is in service, and the drill counts it.
            return _UNAVAILABLE
        finally:
            async with self._answered:
                self._open[node.name] -= 1
                self._answered.notify_all()


async def _ask(node: Node, head: bytes) -> bytes:
    """Send a request without a body on a new connection, as TLS's end: the node is told that it was https."""
    address = urlsplit(node.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(head[:-2] + b"Connection: close\r\nX-Forwarded-Proto: https\r\n\r\n")
        answer = await read_message(reader)
        # The drill names the node in its report.
        return answer.head[:-2] + f"Drill-Node: {node.name}\r\n\r\n".encode() + answer.body
    finally:
        writer.close()
