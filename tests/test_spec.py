"""SPEC.md against the package: every example value, the tables, and that every clause cited exists.

Cross-cutting: it covers no module of its own.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from shared_values import PUBLISHED_KEY

import cookiejar_session
from cookiejar_session import CookieAttributes, Envelope, Key, Keyring, Policy, Reason, TokenError, open_token
from cookiejar_session.headers.cookie_header import MAX_BLANKS, scan_cookies
from cookiejar_session.headers.set_cookie import MAX_AGE_LIMIT
from cookiejar_session.keys.derivation import derive, encode_pieces
from cookiejar_session.keys.key_text import MIN_DISTINCT_OCTETS
from cookiejar_session.keys.ring_text import MAX_ENTRIES
from cookiejar_session.keys.rotation import PUBLISHED_KEY_IDS
from cookiejar_session.session.cookie_choice import MAX_JUDGED, MAX_OPENED, PRESERVED
from cookiejar_session.session.csrf import MASK_OCTETS, is_csrf_token, make_csrf_token
from cookiejar_session.settings import DEFAULT_TOKEN_CHARACTERS
from cookiejar_session.wire import sealing
from cookiejar_session.wire.envelope import MAX_FLASHES, MAX_IDLE, MAX_TIME, encode_envelope
from cookiejar_session.wire.layout import (
    BLOCK_CHARACTERS,
    BLOCK_OCTETS,
    FRAME_CHARACTERS,
    MAX_TOKEN_CHARACTERS,
    MIN_TOKEN_CHARACTERS,
    count_encoded_octets,
)
from cookiejar_session.wire.messagepack import MAX_LEVEL
from cookiejar_session.wire.opening import find_candidate, open_candidate, render_log_id
from cookiejar_session.wire.time_rules import (
    CLOCK_SKEW,
    NO_CEILINGS,
    RESEAL_PAUSE,
    TimeRules,
    expires_at,
    may_reseal,
)

SPEC = (Path(__file__).resolve().parent.parent / "SPEC.md").read_text(encoding="utf-8")
PACKAGE = Path(cookiejar_session.__file__).parent
LABELS = b"cookiejar-session/v1/"

Example = dict[str, str]


def read_examples() -> dict[str, Example]:
    """The blocks marked `example` by their ids; the convention is in SPEC 18."""
    examples = {}
    for block in re.findall(r"^```example\n(.*?)^```$", SPEC, re.DOTALL | re.MULTILINE):
        pairs = [tuple(part.strip() for part in line.split("=", 1)) for line in block.splitlines()]
        example = dict(pairs)
        assert len(example) == len(pairs), "a name stands twice"
        assert pairs[0][0] == "example"
        examples[example.pop("example")] = example
    return examples


EXAMPLES = read_examples()


# The package's own values for each example. What an example gives as input is passed through by `given`.


def given(example: Example, *names: str) -> Example:
    return {name: example[name] for name in names}


def render_value(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return str(value).lower() if isinstance(value, bool) else str(value)


def compute_keys(example: Example) -> dict[str, Any]:
    material = bytes.fromhex(example["key"])
    key = Key(material)
    base_key = Key.parse(f"skb:{example['secret_key_base']}")
    key_id_hash = derive(material, "key-id")
    checksum_input = encode_pieces(LABELS + b"key-text", material)
    checksum_hash = blake2b(checksum_input, digest_size=32).digest()
    text = key.to_text()
    assert Key.parse(text) == Key.parse(example["hex_key"]) == Key.parse(example["b64_key"]) == key
    assert base_key == Key(bytes.fromhex(example["skb_key"]))
    return {
        **given(example, "key", "hex_key", "b64_key", "secret_key_base"),
        "key_id_input": encode_pieces(LABELS + b"key-id"),
        "key_id_hash": key_id_hash,
        "key_id": key.key_id,
        "checksum_input": checksum_input,
        "checksum_hash": checksum_hash,
        "checksum": checksum_hash[:4],
        "key_text": text,
        "skb_input": encode_pieces(LABELS + b"skb"),
        "skb_key": derive(bytes.fromhex(example["secret_key_base"]), "skb"),
        "skb_key_id": base_key.key_id,
    }


TOKEN_CONTENT: dict[str, tuple[dict[str, Any], list[tuple[str, Any]]]] = {
    # As the prose of 18.2 and 18.3 says it.
    "token-host-session": ({"role": "admin", "uid": 42}, []),
    "token-prefs": (
        {
            "b": [None, True, -1, -33, 2**53 + 1, -(2**63), 1.0, -0.0, 0.1],
            "a": b"\x00\xff",
            "\u00e9": [],
            "\uffee": "\ufeffx",
            "\U0001f600": {},
        },
        [("info", "hi"), ("cart", {"n": 2})],
    ),
}


def read_envelope(name: str, example: Example) -> Envelope:
    created, issued, idle, until = (int(example[field]) for field in ("created", "issued", "idle", "until"))
    data, flash = TOKEN_CONTENT[name]
    persistent = {"true": True, "false": False}[example["persistent"]]
    return Envelope(bytes.fromhex(example["sid"]), created, issued, idle, until, persistent, data, flash)


def is_accepted(envelope: Envelope, now: int) -> bool:
    try:
        NO_CEILINGS.judge(envelope, now=now)
    except TokenError:
        return False
    return True


def compute_token(name: str, example: Example) -> dict[str, Any]:
    envelope = read_envelope(name, example)
    key = Key.parse(PUBLISHED_KEY)
    purpose = example["purpose"]
    plaintext = encode_envelope(envelope)
    with patch.object(sealing, "urandom", lambda _count: bytes.fromhex(example["nonce"])):
        token = sealing.seal_encoded(plaintext, key=key, purpose=purpose)
    keyring = Keyring.parse(PUBLISHED_KEY, now=0, _allow_published=True)
    candidate = find_candidate(token, keyring=keyring, now=envelope.issued)
    assert open_candidate(candidate, purpose=purpose, now=envelope.issued) == (envelope, plaintext)
    raw = candidate.entry.key.key_id + candidate.nonce + candidate.box
    rules = TimeRules(Policy())
    # Enough moments to hold each at which something changes.
    after = range(envelope.issued, envelope.issued + 200_000)
    early = range(envelope.issued - 100, envelope.issued)
    late = range(expires_at(envelope) - 10, expires_at(envelope) + 10)
    max_age = expires_at(envelope) - envelope.issued if envelope.persistent else None
    padded_octets = (len(token) - FRAME_CHARACTERS) // BLOCK_CHARACTERS * BLOCK_OCTETS
    return {
        **given(example, "purpose", "sid", "created", "issued", "idle", "until", "persistent", "nonce"),
        **{part: value for part, value in example.items() if part.startswith("part_")},  # shown below
        "key_id": key.key_id,
        "box_key_input": encode_pieces(LABELS + b"box", purpose.encode()),
        "box_key": key.box_key(purpose),
        "plaintext": plaintext,
        "plaintext_octets": len(plaintext),
        "padded": (plaintext + b"\x80").ljust(padded_octets, b"\0"),
        "padded_octets": padded_octets,
        "blocks": padded_octets // BLOCK_OCTETS,
        "box": candidate.box,
        "raw": raw,
        "raw_octets": len(raw),
        "token": token,
        "token_characters": len(token),
        "first_accepted": next(now for now in early if is_accepted(envelope, now)),
        "expires": expires_at(envelope),
        "last_accepted": max(now for now in late if is_accepted(envelope, now)),
        "reseal_due": next(now for now in after if may_reseal(envelope, now=now)),
        "renewal_due": next(now for now in after if rules.is_renewal_due(envelope, now=now)),
        "set_cookie": CookieAttributes(name=purpose).render(token, max_age=max_age),
    }


def compute_csrf(example: Example) -> dict[str, Any]:
    sid, form, mask = bytes.fromhex(example["sid"]), example["form"], bytes.fromhex(example["r"])
    token = make_csrf_token(sid, form=form, mask=mask)
    assert is_csrf_token(token, sid=sid, form=form)
    # With a mask of zeros the second half is csrf itself.
    bare = make_csrf_token(sid, form=form, mask=bytes(MASK_OCTETS))
    values = {
        **given(example, "sid", "form", "r"),
        "csrf_input": encode_pieces(LABELS + b"csrf", form.encode()),
        "csrf": decode_base64url(bare)[MASK_OCTETS:],
        "r_xor_csrf": decode_base64url(token)[MASK_OCTETS:],
        "csrf_octets": decode_base64url(token),
        "csrf_token": token,
    }
    if "log_id" in example:
        values |= {
            "log_id_input": encode_pieces(LABELS + b"log-id"),
            "log_id_hash": derive(sid, "log-id"),
            "log_id": render_log_id(sid),
        }
    return values


def decode_base64url(text: str) -> bytes:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    bits = "".join(f"{alphabet.index(character):06b}" for character in text)
    return bytes(int(bits[start : start + 8], 2) for start in range(0, len(bits) - 7, 8))


def compute_scan(example: Example) -> dict[str, Any]:
    header = "; ".join([example["cookie_header_1"], example["cookie_header_2"]])
    values = list(scan_cookies(header, name=example["cookie_name"]))
    return {**given(example, "cookie_name", "cookie_header_1", "cookie_header_2"), "values": json.dumps(values)}


def compute(name: str, example: Example) -> Example:
    if name == "keys":
        values = compute_keys(example)
    elif name.startswith("token-"):
        values = compute_token(name, example)
    elif name.startswith("csrf"):
        values = compute_csrf(example)
    elif name == "scan":
        values = compute_scan(example)
    else:
        values = {"set_cookie": CookieAttributes().render_deletion()}
    return {field: render_value(value) for field, value in values.items()}


def test_the_examples_are_these() -> None:
    assert set(EXAMPLES) == {"keys", "token-host-session", "token-prefs", "csrf", "csrf-with-form", "scan", "deletion"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_value_of_an_example_is_what_the_package_computes(name: str) -> None:
    assert compute(name, EXAMPLES[name]) == EXAMPLES[name]


def test_the_checksum_is_that_of_the_key_text() -> None:
    example = EXAMPLES["keys"]
    octets = decode_base64url(example["key_text"].removeprefix("cjk1_"))
    assert octets.hex() == example["key"] + example["checksum"]


TOKENS = [name for name in EXAMPLES if name.startswith("token-")]


@pytest.mark.parametrize("name", TOKENS)
def test_the_parts_of_a_plaintext_follow_one_another(name: str) -> None:
    parts = [value for part, value in EXAMPLES[name].items() if part.startswith("part_")]
    assert "".join(parts) == EXAMPLES[name]["plaintext"]


ENCODED_PARTS = {
    "part_array_of_8": "98",
    "part_data_map_of_2": "82",
    "part_data_map_of_5": "85",
    "part_flash_array_of_0": [[]],
    "part_flash_array_of_2": "92",
    "part_key_role": ["role"],
    "part_value_admin": ["admin"],
    "part_key_uid": ["uid"],
    "part_value_42": [42],
    "part_key_a_bin": ["a", b"\x00\xff"],
    "part_key_b_array_of_9": "a16299",
    "part_nil_true": [None, True],
    "part_minus_1_minus_33": [-1, -33],
    "part_2_to_53_plus_1": [2**53 + 1],
    "part_minus_2_to_63": [-(2**63)],
    "part_float_1": [1.0],
    "part_float_minus_0": [-0.0],
    "part_float_0_1": [0.1],
    "part_key_u_00e9_array_of_0": ["\u00e9", []],
    "part_key_u_ffee_str": ["\uffee", "\ufeffx"],
    "part_key_u_1f600_map_of_0": ["\U0001f600", {}],
    "part_info_hi": [["info", "hi"]],
    "part_cart_map_n_2": [["cart", {"n": 2}]],
}


@pytest.mark.parametrize("name", TOKENS)
def test_each_part_encodes_what_it_is_named_for(name: str) -> None:
    example = EXAMPLES[name]
    envelope = read_envelope(name, example)
    fields = {f"part_{field}": [getattr(envelope, field)] for field in Envelope.__struct_fields__[:6]}
    wanted = {}
    for part in (part for part in example if part.startswith("part_")):
        values = (ENCODED_PARTS | fields)[part]
        wanted[part] = values if isinstance(values, str) else b"".join(map(msgspec.msgpack.encode, values)).hex()
    assert wanted == {part: value for part, value in example.items() if part.startswith("part_")}


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize(
    ("moment", "step", "reason"),
    [
        ("first_accepted", -1, "not-yet-valid"),
        ("first_accepted", 0, None),
        ("last_accepted", 0, None),
        ("last_accepted", 1, "expired"),
    ],
)
def test_an_example_token_opens_from_its_first_to_its_last_moment(
    name: str, moment: str, step: int, reason: str | None, published_keyring: Keyring
) -> None:
    example = EXAMPLES[name]
    found = None
    try:
        opened = open_token(
            example["token"],
            keyring=published_keyring,
            purpose=example["purpose"],
            now=int(example[moment]) + step,
        )
        assert opened == read_envelope(name, example)
    except TokenError as exc:
        found = exc.reason.value
    assert found == reason


# Tables


def read_table(heading: str) -> list[list[str]]:
    """The rows of the first table behind ``heading``, without its own heading."""
    lines = SPEC[SPEC.index(heading) + len(heading) :].splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows[2:]


def test_the_reasons_are_those_of_the_table_in_its_order() -> None:
    assert [row[0] for row in read_table("**10.1**")] == [reason.value for reason in Reason]


def test_the_table_says_which_reasons_preserve_a_cookie() -> None:
    preserved = {row[0] for row in read_table("**10.1**") if row[2] == "preserve"}
    assert preserved == {reason.value for reason in PRESERVED}


def test_the_steps_of_opening_name_the_reasons_in_the_order_of_the_table() -> None:
    steps = SPEC[SPEC.index("**8.2**") : SPEC.index("**8.3**")]
    named = list(dict.fromkeys(re.findall(r"\*\*([a-z-]+)\*\*", steps)))
    assert named == [reason.value for reason in Reason if reason is not Reason.UNFIT_DATA]


LIMITS = {
    "characters of a token": (f"{MIN_TOKEN_CHARACTERS} to {MAX_TOKEN_CHARACTERS:,}, in steps of {BLOCK_CHARACTERS}"),
    "octets of a plaintext": f"at most {count_encoded_octets(MAX_TOKEN_CHARACTERS):,}",
    "characters of a token on writing, default": (
        f"{DEFAULT_TOKEN_CHARACTERS:,} ({count_encoded_octets(DEFAULT_TOKEN_CHARACTERS):,} octets of plaintext)"
    ),
    "entries of a keyring": f"1 to {MAX_ENTRIES}",
    "distinct octets of key material": f"at least {MIN_DISTINCT_OCTETS}",
    "flash entries": f"at most {MAX_FLASHES}",
    "level of an array or map": f"at most {MAX_LEVEL}",
    "times": f"below 2^{(MAX_TIME + 1).bit_length() - 1}",
    "idle": f"1 to 2^{(MAX_IDLE + 1).bit_length() - 1} - 1",
    "clock difference forgiven": f"{CLOCK_SKEW} seconds",
    "wait before a reseal": f"{RESEAL_PAUSE} seconds",
    "blanks that are removed at one place": f"{MAX_BLANKS}",
    "values of one name that are judged": f"{MAX_JUDGED}",
    "values of one name that are opened": f"{MAX_OPENED}",
    "Max-Age": f"at most {MAX_AGE_LIMIT:,}",
}


def test_the_limits_are_the_packages() -> None:
    assert {row[0]: row[1] for row in read_table("## 15. Limits")} == LIMITS


@pytest.mark.parametrize("power", [MAX_TIME + 1, MAX_IDLE + 1])
def test_the_limits_written_as_powers_are_powers(power: int) -> None:
    assert power.bit_count() == 1


def test_the_clauses_that_the_limits_name_exist() -> None:
    assert {row[2] for row in read_table("## 15. Limits")} <= find_clauses()


def test_the_default_policy_is_the_packages() -> None:
    policy = Policy()

    def render_duration(duration: timedelta) -> str:
        return f"{duration // timedelta(seconds=1):,} ({duration.days} days)"

    assert {row[0]: row[1] for row in read_table("**9.8**")} == {
        "idle_timeout": render_duration(policy.idle_timeout),
        "absolute_lifetime": render_duration(policy.absolute_lifetime),
        "persistent": render_value(policy.persistent),
        "renew_after": render_value(policy.renew_after).lower(),
        "longest_idle, longest_lifetime": render_value(policy.longest_idle or policy.longest_lifetime).lower(),
        "not_before": render_value(policy.not_before).lower(),
    }


def test_the_default_attributes_are_the_packages() -> None:
    cookie = CookieAttributes()
    rows = {row[0]: row[2].replace("`", "") for row in read_table("### 12.1 Attributes")}
    present = {True: "present", False: "absent"}
    assert rows == {
        "name": cookie.name,
        "Path": cookie.path,
        "Domain": "absent" if cookie.domain is None else cookie.domain,
        "Secure": present[cookie.secure],
        "HttpOnly": present[cookie.httponly],
        "SameSite": cookie.samesite,
        "Partitioned": present[cookie.partitioned],
    }


def test_the_published_keys_are_among_those_that_the_package_refuses() -> None:
    assert {bytes.fromhex(row[1]) for row in read_table("**4.6.1**")} <= PUBLISHED_KEY_IDS


def test_the_envelope_has_the_fields_of_the_table() -> None:
    assert [row[1] for row in read_table("**5.1**")] == list(Envelope.__struct_fields__)


# The pseudo-code of 13.5


def read_pseudo_code() -> tuple[list[str], str]:
    """The names of the state, and the text of the decision."""
    (block,) = re.findall(r"^```text\n(.*?)^```$", SPEC, re.DOTALL | re.MULTILINE)
    state, decision = block.split("\ndecide\n")
    return re.findall(r"^    ([a-z_]+)  ", state, re.MULTILINE), decision


def test_the_pseudo_code_has_each_step_of_13_5_in_order() -> None:
    steps = [int(number) for number in re.findall(r"\(step (\d)\)", read_pseudo_code()[1])]
    assert sorted(set(steps)) == sorted(find_items("13.5"))
    assert steps == sorted(steps)


def test_the_pseudo_code_uses_the_state_that_it_names() -> None:
    names, decision = read_pseudo_code()
    assert len(names) == len(set(names)) >= 10
    assert [name for name in names if not re.search(rf"\b{name}\b", decision)] == []


# Clauses


def list_clauses() -> list[str]:
    numbered = re.findall(r"^\*\*(\d+(?:\.\d+)+)", SPEC, re.MULTILINE)
    return numbered + re.findall(r"^#+ (\d+(?:\.\d+)*)", SPEC, re.MULTILINE)


def find_clauses() -> set[str]:
    return set(list_clauses())


def find_items(clause: str) -> set[int]:
    """The numbers of a clause's list, which ends where the next clause begins."""
    text = SPEC[re.search(rf"^(?:\*\*|#+ ){re.escape(clause)}\b", SPEC, re.MULTILINE).end() :]  # type: ignore[union-attr]
    ends = [found.start() for found in re.finditer(r"^(?:\*\*\d|#)", text, re.MULTILINE)]
    return {int(number) for number in re.findall(r"^(\d+)\. ", text[: ends[0]], re.MULTILINE)}


CITED = re.compile(
    r"SPEC (\d+(?:\.\d+)*)(?: (?:and|to) (\d+(?:\.\d+)*))?(?:,? (?:steps?|items?) (\d+)(?: (?:and|to) (\d+))?)?"
)
SOURCES = sorted(PACKAGE.rglob("*.py"))


def find_citations(path: Path) -> list[tuple[str, ...]]:
    # A citation may go on in the next line of a comment.
    return CITED.findall(re.sub(r"\s*\n\s*#?\s*", " ", path.read_text(encoding="utf-8")))


def test_no_clause_number_stands_twice() -> None:
    clauses = list_clauses()
    assert sorted(clauses) == sorted(set(clauses))


def test_the_package_cites_the_specification() -> None:
    assert sum(len(find_citations(path)) for path in SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_clause_that_a_module_cites_exists(path: Path) -> None:
    cited = {clause for citation in find_citations(path) for clause in citation[:2] if clause}
    assert cited - find_clauses() == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_step_and_item_that_a_module_cites_exists(path: Path) -> None:
    cited = [(clause, int(item)) for clause, _, *items in find_citations(path) for item in items if item]
    assert [(clause, item) for clause, item in cited if item not in find_items(clause)] == []


def test_every_clause_that_the_specification_refers_to_exists() -> None:
    prose = re.sub(r"```.*?```|`[^`]*`", "", SPEC, flags=re.DOTALL)
    prose = re.sub(r"RFC \d+ section [\d.]+", "", prose)
    referred = set(re.findall(r"(?<![\d.,+-])(\d{1,2}\.\d{1,2}(?:\.\d)?)(?![\d.]*\d)", prose))
    # 1.0 and 0.1 are floats of the examples, 1.0.0 is a release.
    assert referred - find_clauses() == {"1.0", "0.1", "0.0", "1.0.0"} & referred


def test_every_step_and_item_that_the_specification_refers_to_exists() -> None:
    referred = re.findall(r"(\d{1,2}\.\d{1,2}) (?:steps?|items?) (\d+)", SPEC)
    assert [(clause, item) for clause, item in referred if int(item) not in find_items(clause)] == []


def test_every_rule_has_a_clause_number() -> None:
    """Each paragraph with a key word of BCP 14 begins with a number, or is what belongs to the one before."""
    prose = re.sub(r"```.*?```", "", SPEC, flags=re.DOTALL)
    clause = ""
    loose = []
    for paragraph in prose.split("\n\n"):
        if re.match(r"\*\*\d+\.\d+|### \d+\.\d+", paragraph):
            clause = paragraph
        elif paragraph.startswith("## "):
            clause = ""
        if re.search(r"\b(?:MUST|SHOULD|MAY)\b", paragraph) and not clause:
            loose.append(paragraph)
    assert loose == []
