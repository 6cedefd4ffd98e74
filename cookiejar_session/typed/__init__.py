"""Typed sessions: data types, and the typed view of the part of the session data that belongs to a data type."""
