"""One key: its material and the keys that are derived from it (SPEC 3 and 4.3)."""

from __future__ import annotations

import secrets
from hmac import compare_digest
from typing import NoReturn

from ..argument_checks import check_types, hide_arguments
from ..errors import ConfigError
from .derivation import derive
from .key_text import KEY_OCTETS, MAKE_A_KEY, check_randomness, parse_key_text, render_key_text


class Key:
    """A key of 32 octets.

    ``key_id`` is 8 octets and public. The key material is reachable only through :meth:`to_text`; ``repr`` shows the
    key id. Raises ConfigError for material that is not bytes, is not 32 octets long, or has fewer than 16 distinct
    octets.
    """

    __slots__ = ("_box_keys", "_material", "key_id")

    @hide_arguments
    def __init__(self, material: bytes) -> None:
        check_types(**{"key material": (material, bytes | bytearray)})
        if len(material) != KEY_OCTETS:
            raise ConfigError(f"key must be {KEY_OCTETS} bytes, got {len(material)}; {MAKE_A_KEY}")
        check_randomness(material)
        self._material = bytes(material)
        self._box_keys: dict[str, bytes] = {}
        self.key_id: bytes = derive(self._material, "key-id")[:8]

    @classmethod
    def generate(cls) -> Key:
        """Return a new key from the operating system's random source."""
        return cls(secrets.token_bytes(KEY_OCTETS))

    @classmethod
    @hide_arguments
    def parse(cls, text: str) -> Key:
        """Return the key that is written as ``text`` in one of the four forms of SPEC 4.1. Raises ConfigError."""
        check_types(**{"key text": (text, str)})
        return cls(parse_key_text(text))

    @hide_arguments
    def to_text(self) -> str:
        """Return the key text, ``cjk1_`` and 48 base64url characters (SPEC 4.3). The text is the secret itself."""
        return render_key_text(self._material)

    def box_key(self, purpose: str) -> bytes:
        """Return the secretbox key for ``purpose`` (SPEC 3.3). Each is derived once and then kept."""
        box_key = self._box_keys.get(purpose)
        if box_key is None:
            try:
                encoded = purpose.encode()
            except UnicodeEncodeError:
                # SPEC 3.5
                raise ConfigError("purpose has a lone surrogate; use well-formed text") from None
            box_key = self._box_keys[purpose] = derive(self._material, "box", encoded)
        return box_key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and compare_digest(self._material, other._material)

    def __hash__(self) -> int:
        return hash(self.key_id)

    def __repr__(self) -> str:
        # If the constructor raised, there is no key id, but a traceback with local variables may still call repr.
        return f"<Key {getattr(self, 'key_id', b'').hex()}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Key cannot be pickled, so that key material is not copied; pass the key text to each process"
        )
