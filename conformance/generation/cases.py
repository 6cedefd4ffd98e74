"""A case of the suite, and the closed lists that cases may name. Knows nothing of how octets are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True)
class Case:
    """One vector: the input, the expected result, and the clauses of SPEC.md that decide it."""

    id: str
    clauses: Sequence[str]
    comment: str
    input: dict[str, Json]
    expect: dict[str, Json]
    flags: Sequence[str] = ()
    needs: Sequence[str] = ()
    seconds: int | None = None

    def render(self) -> dict[str, Json]:
        case: dict[str, Json] = {
            "id": self.id,
            "clauses": list(self.clauses),
            "comment": self.comment,
            "flags": list(self.flags),
            "needs": list(self.needs),
        }
        if self.seconds is not None:
            case["seconds"] = self.seconds
        return {**case, "input": self.input, "expect": self.expect}


def accept(**result: Json) -> dict[str, Json]:
    return {"accept": result}


def refuse(word: str = "refused") -> dict[str, Json]:
    return {"refuse": word}


# SPEC 10.1, without the local reason unfit-data.
REASONS = {
    "unknown-version": "begins like a token of another version",
    "malformed": "no prefix, a length off the grid, or a character outside the alphabet",
    "too-long": "more than 3,972 characters",
    "unknown-key": "no key with this key id that may open now",
    "not-authentic": "the box does not open: altered, another purpose, or not a token of these keys",
    "bad-padding": "opened, but the padding is not that of SPEC 2.3",
    "bad-encoding": "breaks the MessagePack profile of SPEC 6",
    "bad-envelope": "well encoded, but not the envelope of SPEC 5",
    "not-yet-valid": "issued more than 60 seconds ahead",
    "expired": "past the idle timeout or the absolute end",
    "revoked": "created before the policy's not_before",
}

FLAGS = {
    "golden": "a worked example of SPEC 18",
    "edge": "the last value that is taken, or the first that is not",
    "alphabet": "a character that does not belong there",
    "length": "a length that is off the grid, cut short or too great",
    "padding": "the octets after the encoded envelope",
    "altered": "a good token with something changed",
    "key-choice": "which key opens or seals",
    "rotation": "pending, retired, staged or expired keys",
    "shortest-form": "an integer or a length that could be written shorter",
    "order": "the order of map keys",
    "utf-8": "text that is, or is not, well-formed UTF-8",
    "unicode": "text that a careless port folds, trims or sorts otherwise",
    "depth": "containers in containers",
    "type": "a value of another type",
    "number": "a number at the end of its range, or one that languages round",
    "time": "before, at and after a moment",
    "policy": "ceilings, not_before, renew_after",
    "scanning": "a Cookie header that known parsers read otherwise",
    "same-named": "several cookies of one name",
    "previous": "attributes that the cookie had before",
    "attributes": "cookie attributes and their combinations",
    "preserve": "an unreadable cookie that another reader may be able to read",
    "caching": "Cache-Control and Vary",
    "size": "a token near its limit",
    "commitment": "a box that authenticates under two keys",
    "resources": "a small input that asks for much memory or many levels",
}

CAPABILITIES = {
    "wide-integers": "the language holds integers beyond 2^53 exactly",
    "whole-floats": "the language distinguishes 1.0 from 1",
    "big-integers": "the port can be given an integer outside -2^63 to 2^63-1, which it must refuse",
    "lone-surrogates": "text can contain a lone surrogate",
    "ill-formed-text": "text can contain octets that are not UTF-8",
    "other-keys": "maps can have keys that are not text",
    "duplicate-keys": "maps can contain a key twice",
    "dates": "there is a date type",
    "untyped": "the port can be given an envelope with a field of a wrong type",
}

OPS = {
    "derive": "key id, box key and key text of a key (SPEC 3)",
    "log-id": "the log id of a sid (SPEC 14.5)",
    "parse-ring": "ring text to the keys that seal and open at given moments (SPEC 4)",
    "encode": "envelope to plaintext (SPEC 5 and 6)",
    "decode": "plaintext to envelope (SPEC 5 and 6)",
    "seal": "envelope to token, with the nonce given (SPEC 7)",
    "open": "cookie value to envelope, or the reason why not (SPEC 8)",
    "judge": "the time rules alone (SPEC 9)",
    "scan": "Cookie header fields to the values of one name (SPEC 11.1)",
    "read": "Cookie header fields to the session that is accepted (SPEC 11.4 to 11.6)",
    "set-cookie": "a token or a deletion to a Set-Cookie field (SPEC 12)",
    "life-cycle": "a request, the application's calls and its response to the cookie that is sent (SPEC 13)",
    "make-csrf": "a CSRF token, with the mask given (SPEC 14.1)",
    "check-csrf": "whether a CSRF token is valid for this sid and form (SPEC 14.3)",
    "accumulated": "many seals and opens, one hash over all",
}
