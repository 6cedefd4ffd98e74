"""python -m cookiejar_session."""

from .cli import main

raise SystemExit(main())
