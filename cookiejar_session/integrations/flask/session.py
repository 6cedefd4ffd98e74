"""The session of Flask and Quart: ``flask.session`` with the attributes that users and extensions expect."""

from __future__ import annotations

from werkzeug.datastructures import Headers

from ...argument_checks import hide_arguments
from .mapping import FlaskMapping


class FlaskSession(FlaskMapping):
    """``flask.session``, a view of the Session that ``sessions.get(request)`` returns."""

    @property
    def accessed(self) -> bool:
        """Whether the session was touched, which adds ``Vary: Cookie``. Setting it to True opens the session."""
        return self.exchange.session.is_accessed

    @accessed.setter
    def accessed(self, value: bool) -> None:
        if value:
            self.exchange.session.mark_accessed()

    @property
    def modified(self) -> bool:
        """Whether the session was changed, also inside a value.

        Setting it to True seals a new token, which restarts the idle timeout. After it is set to False, the changes of
        this request are not saved. But if the application sets or deletes a key later, the earlier changes are saved
        too.
        """
        self.store_changes()
        return self.exchange.session.is_modified and not self.is_dropped

    @modified.setter
    def modified(self, value: bool) -> None:
        self.is_dropped: bool = not value
        if value:
            self.exchange.session.renew()

    @property
    def permanent(self) -> bool:
        """Whether the cookie stays when the browser is closed."""
        return self.exchange.session.is_persistent

    @permanent.setter
    def permanent(self, value: bool) -> None:
        session = self.exchange.session
        self.wanted_permanence: bool | None = bool(value)
        # Some applications set this in every request. That must not seal a token with every response.
        if session.is_persistent != bool(value):
            session.set_lifetime(persistent=bool(value))

    @property
    def new(self) -> bool:  # type: ignore[override]
        """Whether no cookie was accepted, or the session was cleared."""
        return self.exchange.session.is_new

    @hide_arguments
    def check(self) -> None:
        """Check now whether the session can be saved, so that error handlers of the application can still answer.

        Raises UnsupportedValueError or SessionTooLargeError. The error handler must call :meth:`revert`. Without this
        check, only the error handler for 500 can answer.
        """
        self.store_changes()
        self.exchange.session.check()

    def revert(self) -> None:
        """Undo all changes of this request."""
        self.exchange.session.revert()

    def save_into(self, headers: Headers, *, status: int = 200) -> None:
        """Save the session, and put its fields into the headers of a response with this ``status``.

        Raises UnsupportedValueError or SessionTooLargeError if the session cannot be saved. The session is then as it
        was at the beginning of the request, so that an error page can be sent.
        """
        session = self.exchange.session
        if not session.is_accessed:
            self.exchange.finish(())
            return
        before = list(headers)
        try:
            if self.is_dropped:
                session.revert()
            else:
                self.store_changes()
                if not self._config["SESSION_REFRESH_EACH_REQUEST"]:
                    session.keep_expiry()
            after = self.exchange.finish(before, status=status)
        except Exception:
            self.start()
            # If a wrapper around the framework has the same session, start() did not reset the session.
            self.exchange.session.revert()
            raise
        kept = len(before)
        if after[:kept] == before:
            for name, value in after[kept:]:
                headers.add(name, value)
        else:
            headers[:] = after
