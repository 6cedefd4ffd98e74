"""Values that many tests use: a time, and the published key, sid, nonce and tokens of SPEC 18."""

from cookiejar_session import Key

# 2026-01-01T00:00:00Z
NOW = 1767225600
SID = bytes(range(0xA0, 0xB0))
NONCE = bytes(range(0x40, 0x58))
KEY = Key(bytes(range(32)))
# Keyrings refuse the published key without _allow_published.
PUBLISHED_KEY = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
# SPEC 18.2 and 18.3
GOLDEN_TOKEN = (
    "cj1.b8cIHT52bDZAQUJDREVGR0hJSktMTU5PUFFSU1RVVleKMjRAd9n0yugS4bjJUjWJpP7HpnloA3H26VSWy9HtwGcOAqr0GXLhu5LDdZD6ZW6s"
    "OZw1VoxmWhpFoPaM1QqbZHeYy1jwWsH0zaauJEp7owv-KQBQ3sYo"
)
GOLDEN_PREFS_TOKEN = (
    "cj1.b8cIHT52bDZAQUJDREVGR0hJSktMTU5PUFFSU1RVVld5hLm61V3sGPKSWPyplywVHmfocH58JSMDF_W2bKedxG-h1wiY3dS9gxiwIiH-s5ZB"
    "a75kHpI5pjAqFaxDxMmA8x4kPExMzA8NpqJ4yeCIRATAxGjub3g4FcXLJFP4jWaB2EAtL02MOxrHWmlA983mHOj95YonBHRpgWa8P--vstuLUMgF"
    "mFW3aiU1Cw13kmbSktSG2pwFAY5z0oPprxls"
)
