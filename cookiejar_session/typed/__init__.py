"""Typed sessions: data types, and the typed view of the session data whose keys a data type names."""
