"""Typed sessions: data types, and the typed view over the session data that one of them names."""
