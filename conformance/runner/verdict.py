"""The verdict on one case: what was found against what was expected. Knows nothing of adapters."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .case import Case
from .strict_json import is_equal

Json = Any

# The local reason of SPEC 10.3, which no case expects.
UNFIT = "unfit-data"

# Texts shorter than this are seen to differ without help.
MIN_COMPARED = 16
SHOWN_AFTER = 16
PREFIX = "cj1."
# The parts of raw (SPEC 2): the offset behind each, and its name.
PARTS = ((8, "key_id"), (32, "nonce"), (48, "tag"), (1 << 62, "ciphertext"))

_is_sid = re.compile(r"[0-9a-f]{32}").fullmatch
_is_octets = re.compile(r"([0-9a-f]{2})*").fullmatch


class Status(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case. ``message`` is one line; ``found`` is the result of a case that failed."""

    case: Case
    status: Status
    message: str = ""
    found: Json = None
    stderr: str = ""
    seconds: float = 0.0


def judge_result(case: Case, found: dict[str, Json], seconds: float) -> Verdict:
    """Passed or failed: ``found`` must be what the case expects, exactly, as JSON."""
    expected, problem = _settle_new_sid(case.expect, found)
    if problem is None and is_equal(expected, found):
        return Verdict(case, Status.PASSED, seconds=seconds)
    message = problem or describe_difference(expected, found)
    return Verdict(case, Status.FAILED, message, found, seconds=seconds)


def judge_undeclared(case: Case, found: dict[str, Json], cause: str, seconds: float) -> Verdict:
    """Skipped for ``cause`` if the adapter says that it cannot hold the value, failed for whatever else it says."""
    if is_equal(found, {"refuse": UNFIT}):
        return Verdict(case, Status.SKIPPED, cause, seconds=seconds)
    message = f"{cause}, and yet answered otherwise than {UNFIT} (SPEC 6.6)"
    return Verdict(case, Status.FAILED, message, found, seconds=seconds)


def describe_difference(expected: Json, found: Json, path: str = "") -> str:
    """Where the two first differ, and how."""
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        pairs = [(f"{path}.{name}".lstrip("."), expected[name], found[name]) for name in expected]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        items = zip(expected, found, strict=True)
        pairs = [(f"{path}[{index}]", one, other) for index, (one, other) in enumerate(items)]
    else:
        return (
            f"{path or 'result'}: expected {_show(expected)}, found {_show(found)}{_describe_offset(expected, found)}"
        )
    return next(describe_difference(one, other, place) for place, one, other in pairs if not is_equal(one, other))


def _settle_new_sid(expected: Json, found: Json) -> tuple[Json, str | None]:
    """``expected`` with the sid that was found where any new one is right, or why that one is not."""
    token = (expected.get("accept") or {}).get("token")
    if not isinstance(token, dict) or "old_sids" not in token:
        return expected, None
    expected = deepcopy(expected)
    token = expected["accept"]["token"]
    old_sids = token.pop("old_sids")
    try:
        sid = found["accept"]["token"]["envelope"]["sid"]
    except (KeyError, TypeError):
        return expected, None
    if not isinstance(sid, str) or not _is_sid(sid):
        return expected, f"accept.token.envelope.sid: expected a new sid, found {_show(sid)}"
    if sid in old_sids:
        return expected, "accept.token.envelope.sid: expected a new sid, found one from before"
    token["envelope"]["sid"] = sid
    return expected, None


def _describe_offset(expected: Json, found: Json) -> str:
    """Where two octet strings, tokens or other long texts first differ; nothing for values of another kind."""
    if not isinstance(expected, str) or not isinstance(found, str) or max(len(expected), len(found)) < MIN_COMPARED:
        return ""
    pairs = zip(expected, found, strict=False)
    offset = next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(expected), len(found)))
    where = f"character {offset}"
    if _is_octets(expected) and _is_octets(found):
        offset -= offset % 2
        where = f"octet {offset // 2}"
    elif expected.startswith(PREFIX) and found.startswith(PREFIX):
        where += f", octet {_count_raw_octets(offset)} of raw ({_name_part(_count_raw_octets(offset))})"
    ends = [_show(text[offset : offset + SHOWN_AFTER]) if text[offset:] else "the end" for text in (expected, found)]
    return f"; first difference at {where}: expected {ends[0]}, found {ends[1]}"


def _count_raw_octets(offset: int) -> int:
    """The octet of raw (SPEC 2) that the first bit of this character of a token belongs to."""
    return (offset - len(PREFIX)) * 6 // 8


def _name_part(octet: int) -> str:
    return next(name for end, name in PARTS if octet < end)


def _show(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 120 else f"{text[:120]}... ({len(text)} characters)"
