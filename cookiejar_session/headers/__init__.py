"""HTTP header fields: Cookie, Set-Cookie, Vary, Cache-Control, and what is read of a request."""
