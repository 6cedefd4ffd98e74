"""HTTP header fields: Cookie, Set-Cookie, Vary and Cache-Control, and the facts that the session needs of a request."""
