"""HTTP header fields: Cookie, Set-Cookie, Vary and Cache-Control, and facts about a request that the session needs."""
