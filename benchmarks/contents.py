"""What sessions hold and how long they last in the benchmarks. Knows nothing of codecs or stacks."""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import Any

Content = dict[str, Any]

# The same for all that are compared, in seconds.
MAX_AGE = 14 * 24 * 60 * 60
SECRET = os.urandom(32)

TINY: Content = {"user_id": 12345}
# About 150 octets of JSON: id, two roles, a token of 43 characters, theme, a time.
TYPICAL: Content = {
    "user_id": 12345,
    "roles": ["editor", "reviewer"],
    "csrf_token": "3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs",
    "theme": "dark",
    "seen": 1767225600,
}
_TITLES = ("Walking boots in brown leather", "Rain jacket with a hood", "Wool socks, three pairs", "Head torch, 400 lm")
# About 1.8 kB of JSON: the typical one and a cart.
LARGE: Content = {
    **TYPICAL,
    "cart": [
        {
            # Two peers compress; what repeats itself more than a session does would flatter them.
            "sku": blake2b(b"%d" % number, digest_size=16).hexdigest(),
            "title": f"{_TITLES[number % len(_TITLES)]}, size {number + 36}",
            "count": number % 3 + 1,
            "cents": 1999 + 250 * number,
        }
        for number in range(15)
    ],
}
CONTENTS: dict[str, Content] = {"tiny": TINY, "typical": TYPICAL, "large": LARGE}
