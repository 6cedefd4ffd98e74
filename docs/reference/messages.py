"""Write docs/reference/messages.md: each error and log line of the package with its remedy, read from the source code.

python docs/reference/messages.py            write the page
python docs/reference/messages.py --check    fail if the page in git is not what would be written

Most messages hold their remedy, behind the first semicolon. The others have theirs in REMEDIES; if one is missing, this
program fails.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import cookiejar_session

PACKAGE = Path(cookiejar_session.__file__).parent
PAGE = Path(__file__).with_name("messages.md")

INTRODUCTION = """\
<!-- Written by docs/reference/messages.py. Change the source code, or the remedies there, and run it. -->

# Every error and log line

What the package raises and logs, and what to do then. `…` stands for what was found, such as a name or a number. No
message holds a key, a sid or data. The page [Errors](errors.md) explains the usual ones. The log lines of events, such
as `refused cookie=… reason=unknown-key`, are not listed here: the page [Events](events.md) says what each kind and each
reason means.
"""
# The headings, and the modules below each. The longest place that fits decides.
SECTIONS = {
    "Keys": ("keys/",),
    "Cookie attributes": ("headers/",),
    "The configuration, and wrapping an app": ("",),
    "Values and sessions": ("session/", "wire/messagepack.py", "wire/envelope.py", "wire/sealing.py", "errors.py"),
    "Data types": ("typed/",),
    "Flask and Quart": ("integrations/flask/", "integrations/quart.py"),
    "Django": ("integrations/django/",),
    "FastAPI and Starlette": ("integrations/",),
    "Tests": ("testing.py",),
    "The command line": ("cli/",),
}
# What a module makes elsewhere of its message.
PARTS = {
    ("exchange.py", "message"): "session not saved, the response is a plain 500: …",
    ("frameworks.py", "wanted"): "sessions.asgi (or wsgi) takes an ASGI (or a WSGI) application",
    ("cli/key_findings.py", "known"): "has sealed since",
    ("cli/key_findings.py", "name_rotation(path)"): "cookiejar-session keyring rotate --in-place FILE",
    ("cli/key_findings.py", "name_rotation(path, ' --stage promote')"): "cookiejar-session keyring rotate --in-place "
    "FILE --stage promote",
    ("cli/key_findings.py", "drop"): "cookiejar-session keyring rotate --in-place FILE --stage drop",
    ("cli/main.py", "KEY_AS_ARGUMENT"): "there is a key among the arguments, where every user of this machine can read "
    "it (ps) and the shell keeps it in its history; put it in COOKIEJAR_SESSION_KEYS or in a file, and replace this "
    "key if others can have seen it",
    ("cli/open_token.py", "exc"): "token refused: …",
    ("keys/key_text.py", "_describe_unknown_form(text)"): 'key must begin with "cjk1_", "hex:", "b64:" or "skb:", '
    "found …",
    ("keys/keyring.py", "_describe_unreadable(file, exc)"): "keyring file …: No such file or directory; name a file "
    "that this process can read",
    ("keys/keyring.py", "state"): "is not set",
    ("integrations/django/configuration.py", "also"): ", or write its value in the CookieSessions, such as "
    "Policy(persistent=False)",
    ("session/flash.py", "exc"): "session changed after its response headers were sent",
    ("session/state.py", "self.closed"): "session changed after its response headers were sent, so the change cannot "
    "be saved; change it before the response starts",
    ("wire/messagepack.py", "name"): "…: …, which is a type that a session does not hold",
}
# Texts that nobody sees: another error with their content takes their place.
INNER = {"not base64url", "entry …: …", "…: …", "… […]"}
# What to do, for the messages that do not say it after a semicolon. A part of the message is enough.
REMEDIES = {
    # Keys.
    "no key can be dropped": "wait until a key has ended, or add and promote a new one first",
    "keyring function: …": "correct the function, or what it reads, as the message says",
    "is valid again: <Keyring": "nothing: the keys of the file or function are in use again",
    "read again: <Keyring": "nothing: the change of the keys took effect",
    "ignored, the previous keys stay in use": "correct the file, or what the function returns, as the line says",
    # Cookie attributes.
    "leave room for a token": "use a shorter name",
    'must begin with "/" and hold': "write a path such as /",
    "is sent without Secure: anybody on the network can take the session": "never use for_development() in production",
    # The configuration, and wrapping an app.
    "module … has no attribute": "correct the name",
    "… must be …": "pass such a value, as the message says",
    "of the data_type must not be async": "write a plain function",
    "called with (": "pass the application itself",
    "which is callable": "pass the application itself",
    "sessions.get takes": "pass the request that the framework gives you",
    "passed a wrapper of other sessions": "use one CookieSessions object for the wrapper and for get(); in Django, "
    "name it in COOKIEJAR_SESSIONS, also in the settings for tests",
    "may hold secrets, so it cannot be pickled": "make the object in each process",
    "start_response was called twice": "correct the application: it breaks PEP 3333",
    "the body began before": "correct the application: it breaks PEP 3333",
    # Values and sessions.
    "session needs a token of": "keep large things on the server and their ids in the session; an error handler calls "
    "session.revert() before it answers",
    "flash: must be a list": "pass a list of pairs",
    "str with a lone surrogate": "store well-formed text",
    "session is at its absolute end": "call session.discard(), which begins a new one",
    # Data types.
    "has a default that cannot be sealed": "give the field a default that a session can hold",
    "data_type must be a msgspec.Struct": "write one of these classes",
    # Flask, Quart, Django, FastAPI and Starlette.
    "the session is unavailable": "set the keys in the environment",
    "init_app takes a Flask application": "pass the Flask object",
    "init_app takes a Quart application": "pass the Quart object",
    "required must be a key of the session or": "pass a key, or a plain function of the session",
    # The command line.
    "key file …: …": "do what the message of the operating system says; the key file is as it was",
    "it belongs to another user or group": "run the command as its owner or as root; the key file is as it was",
    "is not the folder of the conformance suite": "name the folder conformance of the source code",
    "importing … raised": "run the python command that the message shows, which says where",
    "is not JSON (line": "correct the input there",
    "holds a number that is too long": "write numbers of 64 bits, at most 16 levels, and bytes as base64",
    "port must be a number": "write such a number",
    "the envelope must be a JSON object": "give an object such as open prints",
    "the envelope lacks": "give an object such as open prints",
    "the envelope's sid must be": "write 32 hex digits",
    "no token was found": "give the value of the session cookie, which begins with cj1.",
    "standard output is closed": "nothing: the program that reads the output has ended",
    "standard output: …": "make room, or write to another place",
    "interrupted": "nothing: somebody pressed Ctrl-C",
    "is no JSON of sessions.stats()": "name the URL or a file of the metrics, or of sessions.stats().to_json()",
    "has the format …, and this version reads": "use the version of this package that the servers have",
    "has a value that is no number": "name the metrics as the application exports them",
    # Findings of check.
    "other sites' pages send": 'check CSRF tokens, or set samesite="Lax"',
    "Partitioned is for frames": 'set samesite="None", or leave partitioned out',
    "browsers refuse the cookie from": "use the domain that the hosts share, or leave domain out",
    "every session is refused until not_before": "use a time that has passed",
    "every subdomain of …": "share the domain only with hosts that you trust",
    "key … seals in …": "put the ring on every server by then",
    "key … opens sessions until": "wait until then: dropping it now logs people out",
    "key … seals from … on": "promote it then, or with --force if every server has the ring: a server that does not "
    "have it yet would log people out",
    # Log lines.
    "the oldest is dropped": "add fewer flash messages in one request, or show them",
    "data_type or migrate raised": "correct the data type or migrate; the cookie is left as it is",
    "they lack Vary: Cookie": "read the session before the response starts",
    "session token has %d of %d": "keep large things on the server and their ids in the session",
    "on_event raised": "correct on_event; the log has the traceback",
    "was replaced by a mapping that these": "remove the other session middleware, or change the session in place with "
    "update() and clear()",
    "another session middleware is around": "remove the other middleware",
    "two different sessions use the cookie name": "give one another name, or give both the same purpose and keys",
    "the application deletes the cookie": "call session.discard() instead",
    "response also sets a cookie of Flask": "use the integration of your framework, or remove the other middleware",
    "was made private: removed": "leave out the fields that the line names, or do not change the session there",
    "is sent over plain http": "serve https, use an https base URL in tests, or CookieAttributes.for_development()",
    "session not saved": "do what the error in the line says",
    "session not sealed again": "do what the error in the line says",
    "or without any; the change is lost": "change the session before the response starts",
}
_used = set[str]()
_without = list[str]()
_LOGGERS = {"_log", "log", "logger"}
_FINDINGS = {"error": "error", "warning": "warning", "note": "note"}
_SYSTEM_CHECKS = {"_error": "error", "_warning": "warning"}


class Message(NamedTuple):
    """A message: the module's path, ``kind`` (an error class, or a level), what it says, and what to do."""

    path: str
    group: str
    kind: str
    found: str
    remedy: str


class MessageReader(ast.NodeVisitor):
    """Collects the messages of one module."""

    def __init__(self, path: str, module: ModuleType) -> None:
        self.path = path
        self._module = module
        self.messages: list[Message] = []

    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        owner, _, method = name.rpartition(".")
        if name == "UsageError":
            self._add("errors", "error, status 2", node.args[0])
        elif name.endswith("Error") and not name.startswith("_Un") and node.args:
            self._add("errors", name, node.args[0])
        elif name == "_UnsupportedError":
            self._add("errors", "UnsupportedValueError", node.args[0])
        elif name == "super().__init__" and self.path == "errors.py" and isinstance(node.args[0], ast.JoinedStr):
            self._add("errors", "SessionTooLargeError", node.args[0])
        elif name == "log_request":
            self._add("log lines", ast.unparse(node.args[1]).removeprefix("logging.").lower(), node.args[2])
        elif owner in _LOGGERS and method in ("info", "warning", "error"):
            self._add("log lines", method, node.args[0])
        elif self.path.startswith("cli/") and name in _FINDINGS and len(node.args) == 2:
            self._add("findings of `check`", _FINDINGS[name], node.args[1])
        elif self.path.startswith("cli/") and name in ("print_warning", "print_error"):
            self._add("errors", name.removeprefix("print_"), node.args[0])
        elif name == "warnings.append":
            # keys/stages.py, whose warnings keyring rotate prints.
            self._add("errors", "warning", node.args[0])
        elif name in _SYSTEM_CHECKS:
            number = str(ast.literal_eval(node.args[0]))
            self._add("system checks", f"{_SYSTEM_CHECKS[name]} {number}", node.args[1], remedy=node.args[2])
        self.generic_visit(node)

    def _add(self, group: str, kind: str, node: ast.expr, *, remedy: ast.expr | None = None) -> None:
        text = self._render(node)
        if text is None or not text.strip(" …;,:%s") or text in INNER:
            # A reason, or the text of another error, which is listed where it is made.
            return
        found, _, rest = text.partition("; ")
        fix = self._render(remedy) if remedy is not None else find_remedy(text) or rest
        if not fix:
            _without.append(f"{self.path}: {text}")
        self.messages.append(Message(self.path, group, kind, found, fix or ""))

    def _render(self, node: ast.expr) -> str | None:
        """Return a message with its constants in place and `…` for all else, or None if it is no text."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return "".join(self._render_piece(each) for each in node.values)
        if isinstance(node, ast.Name) and isinstance(getattr(self._module, node.id, None), str):
            return str(getattr(self._module, node.id))
        return PARTS.get((self.path, ast.unparse(node)))

    def _render_piece(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        value = node.value if isinstance(node, ast.FormattedValue) else node
        source = ast.unparse(value)
        if (self.path, source) in PARTS:
            return PARTS[self.path, source]
        constant: Any = getattr(self._module, source, None) if source.isidentifier() and source.isupper() else None
        return str(constant) if isinstance(constant, str | int) else "…"


def find_remedy(text: str) -> str | None:
    """Return the remedy in REMEDIES of a message, if there is one."""
    part = next((part for part in REMEDIES if part in text), None)
    if part is None:
        return None
    _used.add(part)
    return REMEDIES[part]


def list_messages() -> Iterator[Message]:
    for file in sorted(PACKAGE.rglob("*.py")):
        path = file.relative_to(PACKAGE).as_posix()
        if path.startswith("demo/") or path == "__main__.py":
            # The demonstration prints for its own page, and __main__ runs at its import.
            continue
        name = ".".join(["cookiejar_session", *file.relative_to(PACKAGE).with_suffix("").parts])
        reader = MessageReader(path, import_module(name.removesuffix(".__init__")))
        reader.visit(ast.parse(file.read_text(encoding="utf-8")))
        yield from reader.messages


def find_section(path: str) -> str:
    places = [(place, section) for section, places in SECTIONS.items() for place in places]
    return max((len(place), section) for place, section in places if path.startswith(place))[1]


def render_page() -> str:
    messages = list(dict.fromkeys(list_messages()))
    if _without:
        raise SystemExit("docs/reference/messages.py: REMEDIES lacks one for:\n" + "\n".join(dict.fromkeys(_without)))
    if unused := sorted(REMEDIES.keys() - _used):
        raise SystemExit(f"docs/reference/messages.py: no message has this part any more: {unused}")
    lines = [INTRODUCTION]
    tables: dict[str, list[Message]] = {"Log lines": [each for each in messages if each.group == "log lines"]}
    tables |= {section: [] for section in SECTIONS}
    tables["Findings of `check`"] = [each for each in messages if each.group.startswith("findings")]
    for each in messages:
        if each.group in ("errors", "system checks"):
            tables[find_section(each.path)].append(each)
    for heading, rows in tables.items():
        lines += [f"## {heading}\n", "| message | kind | what to do |", "| --- | --- | --- |"]
        lines += dict.fromkeys(f"| {quote(row.found)} | {row.kind} | {show_remedy(row.remedy)} |" for row in rows)
        lines.append("")
    return "\n".join(lines)


def quote(text: str) -> str:
    """Return a message as code in a cell of a table. The places of a log line's arguments become `…`."""
    for place in ("%s", "%d", "%r"):
        text = text.replace(place, "…")
    text = " ".join(text.split()).replace("|", "\\|")
    return f"`{text}`"


def show_remedy(text: str) -> str:
    """Return a remedy for a cell: what Markdown would read as a mark is escaped."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", " ".join(text.split()))


def main(arguments: list[str]) -> int:
    page = render_page()
    if arguments == ["--check"]:
        if PAGE.is_file() and page == PAGE.read_text(encoding="utf-8"):
            return 0
        print(f"{PAGE.name} is not what docs/reference/messages.py writes; run it", file=sys.stderr)
        return 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
