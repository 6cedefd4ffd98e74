"""Sessions for Flask: support for ``flask.session``, flash messages, Flask's test client and Flask extensions.

FlaskSessions(sessions).init_app(app)
"""

try:
    import flask as _  # noqa: F401 - checked here, so that the error names the extra
except ModuleNotFoundError as _error:
    if _error.name != "flask":
        raise
    raise ModuleNotFoundError(
        'this integration needs Flask; install it with pip install "cookiejar-session[flask]"', name=_error.name
    ) from None

from .interface import FlaskSessions
from .session import FlaskSession

__all__ = ["FlaskSession", "FlaskSessions"]
