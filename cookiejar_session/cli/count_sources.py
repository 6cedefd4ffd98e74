"""Where a command reads counts of key use from: files, folders and URLs of the option --stats."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from ..errors import ConfigError
from .argument_values import UsageError
from .count_formats import parse_counts, render_query
from .key_use import Counts

# The metrics of an application and all its libraries take a few hundred KiB.
MAX_OCTETS = 8 << 20
# The timeout of each step of a connection, in seconds.
TIMEOUT = 10
_PROMETHEUS_PATH = "/api/v1/query"


def read_counts(places: Sequence[str], *, idle_timeout: int, now: int) -> list[Counts]:
    """Return the counts from all files, folders and URLs in ``places``. ``idle_timeout`` is in seconds.

    Raises ConfigError if one of the places cannot be read.
    """
    return [counts for place in places for counts in _read_place(place, idle_timeout, now)]


def _read_place(place: str, idle_timeout: int, now: int) -> Iterator[Counts]:
    if place.lower().startswith(("http://", "https://")):
        name, octets = _fetch(place, idle_timeout)
        yield from parse_counts(octets, name=name, taken_at=now)
        return
    path = Path(place)
    try:
        files = sorted(each for each in path.iterdir() if not each.name.startswith(".")) if path.is_dir() else [path]
    except OSError as exc:
        raise ConfigError(f"{place}: {exc.strerror or exc}; name a file or folder that this user can read") from None
    if not files:
        raise ConfigError(f"{place}: has no files; put the counts of each process there")
    for file in files:
        try:
            with file.open("rb") as stream:
                octets = stream.read(MAX_OCTETS + 1)
            changed_at = int(file.stat().st_mtime)
        except OSError as exc:
            raise ConfigError(f"{file}: {exc.strerror or exc}; name a file that this user can read") from None
        _check_length(octets, str(file))
        yield from parse_counts(octets, name=str(file), taken_at=changed_at)


def _fetch(url: str, idle_timeout: int) -> tuple[str, bytes]:
    """Return a pair: the URL without password and query, for messages, and the body of the server's response."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        name = urlunsplit((parts.scheme, host, parts.path, "", ""))
        query = parts.query
        if parts.path.endswith(_PROMETHEUS_PATH) and not query:
            query = urlencode({"query": render_query(idle_timeout)})
        request = Request(urlunsplit((parts.scheme, host, parts.path or "/", query, "")))  # noqa: S310 - checked
    except ValueError:
        raise UsageError("--stats: the URL is malformed; write it as http://HOST/PATH") from None
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        # If the server redirects, the password is not sent to the new URL, which may be on another host.
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(credentials).decode()}")
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310 - only http and https come here
            octets: bytes = response.read(MAX_OCTETS + 1)
    except HTTPError as exc:
        exc.close()
        raise ConfigError(f"{name}: the server answers {exc.code}; name a URL that this machine may read") from None
    except URLError as exc:
        problem = type(exc.reason).__name__ if isinstance(exc.reason, Exception) else str(exc.reason)
        raise ConfigError(f"{name}: cannot be read ({problem}); name a server that answers") from None
    except (OSError, HTTPException, ValueError) as exc:
        raise ConfigError(f"{name}: cannot be read ({type(exc).__name__}); name a server that answers") from None
    _check_length(octets, name)
    return name, octets


def _check_length(octets: bytes, name: str) -> None:
    if len(octets) > MAX_OCTETS:
        raise ConfigError(f"{name}: is longer than {MAX_OCTETS} bytes; name the counts of one process")
