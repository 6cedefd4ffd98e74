"""Django's settings, which a process can configure once: the same for each test file that runs Django in it."""

from __future__ import annotations

import django
from django.conf import settings


def configure_django() -> None:
    """Configure Django, unless another test file in this process already has. A test overrides what it needs."""
    if not settings.configured:
        settings.configure(
            SECRET_KEY="only for tests", ALLOWED_HOSTS=["*"], ROOT_URLCONF="cookiejar_django_urls", MIDDLEWARE=[]
        )
        django.setup()
