"""Typed sessions: data types and the typed view over session data."""
