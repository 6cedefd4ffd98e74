"""The contents of the measured sessions, their lifetime and the peers' secret. Knows nothing of codecs or stacks."""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import Any

Content = dict[str, Any]

# Seconds; the package and all peers get the same.
MAX_AGE = 14 * 24 * 60 * 60
SECRET = os.urandom(32)

TINY: Content = {"user_id": 12345}
# About 140 octets of JSON.
TYPICAL: Content = {
    "user_id": 12345,
    "roles": ["editor", "reviewer"],
    "csrf_token": "3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs",
    "theme": "dark",
    "seen": 1767225600,
}
_TITLES = ("Walking boots in brown leather", "Rain jacket with a hood", "Wool socks, three pairs", "Head torch, 400 lm")
# About 1.8 kB of JSON: the typical content and a shopping cart.
LARGE: Content = {
    **TYPICAL,
    "cart": [
        {
            # Flask and Django compress. Content that repeats more than real sessions do would favour them.
            "sku": blake2b(b"%d" % number, digest_size=16).hexdigest(),
            "title": f"{_TITLES[number % len(_TITLES)]}, size {number + 36}",
            "count": number % 3 + 1,
            "cents": 1999 + 250 * number,
        }
        for number in range(15)
    ],
}
CONTENTS: dict[str, Content] = {"tiny": TINY, "typical": TYPICAL, "large": LARGE}
