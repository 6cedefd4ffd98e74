"""A plain, slow reader of the format, step by step as SPEC.md has it. Does not import cookiejar_session.

Each check stands on its own and names its clause: tests/test_reader_mutants.py drops and loosens them one by one, and
the vectors must notice.
"""
