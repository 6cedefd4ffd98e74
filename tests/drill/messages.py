"""HTTP/1.1 messages as the drill's own programs send them: a head, and a body with a Content-Length."""

from __future__ import annotations

from asyncio import StreamReader
from typing import NamedTuple


class Message(NamedTuple):
    """A request or a response. ``head`` ends with the empty line. Names of fields are in lower case."""

    head: bytes
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def start(self) -> str:
        """The request line or the status line."""
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def status(self) -> int:
        """The status code of a response."""
        return int(self.start.split(" ", 2)[1])

    def find(self, name: str) -> list[str]:
        """Return the values of the fields with this name, in their order."""
        return [value for each, value in self.fields if each == name]


async def read_message(reader: StreamReader) -> Message:
    """Return the next message. Raises IncompleteReadError if the connection ends before its last octet."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head[:-4].decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines)
    message = Message(head, tuple((name.lower(), value.strip()) for name, _, value in pairs), b"")
    lengths = message.find("content-length")
    return message._replace(body=await reader.readexactly(int(lengths[0]))) if lengths else message
