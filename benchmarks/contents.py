"""The contents that sessions hold in the benchmarks. Knows nothing of codecs or stacks."""

from __future__ import annotations

from typing import Any

Content = dict[str, Any]

TINY: Content = {"user_id": 12345}
# About 150 octets of JSON: id, two roles, a token of 43 characters, theme, a time.
TYPICAL: Content = {
    "user_id": 12345,
    "roles": ["editor", "reviewer"],
    "csrf_token": "3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs",
    "theme": "dark",
    "seen": 1767225600,
}
# About 1.8 kB of JSON: the typical one and a cart of twelve.
LARGE: Content = {
    **TYPICAL,
    "cart": [
        {
            "sku": f"SKU-{number:05d}-{'red' if number % 2 else 'blue'}",
            "title": f"Article number {number} of the autumn catalogue, with a longer title",
            "count": number % 3 + 1,
            "cents": 1999 + 250 * number,
        }
        for number in range(12)
    ],
}
CONTENTS: dict[str, Content] = {"tiny": TINY, "typical": TYPICAL, "large": LARGE}
