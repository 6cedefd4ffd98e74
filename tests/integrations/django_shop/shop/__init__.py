"""A small shop, written for Django's own sessions: sign-in, messages, CSRF and the admin."""
