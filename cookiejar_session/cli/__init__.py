"""The command line: ``cookiejar-session`` and ``python -m cookiejar_session``. One module for each command."""

from .main import main

__all__ = ["main"]
