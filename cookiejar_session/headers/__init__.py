"""HTTP header fields: Cookie, Set-Cookie, Vary and Cache-Control, and what the session reads of a request."""
