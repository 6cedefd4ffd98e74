"""Django's sessions in one encrypted cookie: a middleware, a SESSION_ENGINE and a Django app with system checks.

- In INSTALLED_APPS, replace ``"django.contrib.sessions"`` by ``"cookiejar_session.integrations.django"``.
- In MIDDLEWARE, replace ``"django.contrib.sessions.middleware.SessionMiddleware"`` by
  ``"cookiejar_session.integrations.django.SessionMiddleware"``.
"""

try:
    import django as _  # noqa: F401 - checked here, so that the error names the extra
except ImportError as _error:
    raise ImportError('Django is not installed; run: pip install "cookiejar-session[django]"') from _error

from .configuration import get_sessions
from .middleware import SessionMiddleware
from .store import SessionStore

__all__ = ["SessionMiddleware", "SessionStore", "get_sessions"]
