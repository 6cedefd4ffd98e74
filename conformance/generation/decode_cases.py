"""Plaintext to envelope: what is within SPEC 5 and 6, and what is not."""

from __future__ import annotations

from .cases import Case, accept, refuse
from .encoding_faults import list_encoding_faults
from .envelope_faults import list_envelope_faults
from .messagepack import write_envelope
from .samples import encode_sample, list_samples
from .values import GOLDEN_HOST, GOLDEN_PREFS, GOLDEN_PREFS_NEEDS, binary, envelope, mapping


def list_cases() -> list[Case]:
    golden = [
        _golden("decode-golden-host-session", "18.2", GOLDEN_HOST, ()),
        _golden("decode-golden-prefs", "18.3", GOLDEN_PREFS, GOLDEN_PREFS_NEEDS),
    ]
    samples = [
        Case(
            id=f"decode-{sample[0]}",
            clauses=sample[2],
            comment=sample[1],
            input={"plaintext": encode_sample(sample).hex()},
            expect=accept(envelope=sample[3]),
            flags=sample[4],
            needs=sample[5],
        )
        for sample in list_samples()
    ]
    faults = [
        Case(
            id=f"decode-refuse-{prefix}-{name}",
            clauses=(f"{clause} item {item}",),
            comment=comment,
            input={"plaintext": plaintext.hex()},
            expect=refuse(reason),
            flags=flags,
        )
        for prefix, clause, reason, rows in (
            ("encoding", "6.3", "bad-encoding", list_encoding_faults()),
            ("envelope", "5.2", "bad-envelope", list_envelope_faults()),
        )
        for name, item, comment, plaintext, flags in rows
    ]
    long = envelope(data=mapping(("v", binary(bytes(3000)))))
    longer = Case(
        id="decode-longer-than-a-token",
        clauses=("2.5", "6.1"),
        comment="only sealing has a limit of 2,927 octets",
        input={"plaintext": write_envelope(long).hex()},
        expect=accept(envelope=long),
        flags=("length",),
    )
    return [*golden, *samples, longer, *faults]


def _golden(case_id: str, clause: str, found: dict[str, object], needs: tuple[str, ...]) -> Case:
    return Case(
        id=case_id,
        clauses=(clause, "5.1", "6.1"),
        comment="the worked example",
        input={"plaintext": write_envelope(found).hex()},
        expect=accept(envelope=found),
        flags=("golden",),
        needs=needs,
    )
