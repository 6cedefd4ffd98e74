"""Describe answers of the package and of the reference reader in one form, and compare them."""

from __future__ import annotations

import json
from collections.abc import Callable

from reference.envelope import Envelope as ReferenceEnvelope
from reference.refusal import Refused
from reference.values import render_envelope

from cookiejar_session import Envelope, TokenError


def describe_package(read: Callable[[], Envelope]) -> str:
    """The envelope as JSON text, or the reason. Any other exception is a finding."""
    try:
        envelope = read()
    except TokenError as exc:
        return str(exc.reason)
    fields = {name: getattr(envelope, name) for name in envelope.__struct_fields__}
    return json.dumps(render_envelope(ReferenceEnvelope(**fields)))


def describe_reference(read: Callable[[], ReferenceEnvelope]) -> str:
    try:
        return json.dumps(render_envelope(read()))
    except Refused as refusal:
        return refusal.reason


def compare(package: object, reference: object) -> None:
    if package != reference:
        raise AssertionError(f"the package answers {package}, the reference reader {reference}")
