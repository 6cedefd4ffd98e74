"""The settings with which Django's tests run: those of its own tests/test_sqlite.py, and our engine."""

from django_suite import put_in_place

# Before any test imports Django's sessions.
put_in_place()

DATABASES = {name: {"ENGINE": "django.db.backends.sqlite3"} for name in ("default", "other")}
SECRET_KEY = "only for tests"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
USE_TZ = False
SESSION_ENGINE = "cookiejar_session.integrations.django"
TEST_RUNNER = "django_suite_run.RecordingRunner"
