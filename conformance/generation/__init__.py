"""What generate.py is made of. Imports nothing of cookiejar_session: the vectors are a second voice on SPEC.md."""
