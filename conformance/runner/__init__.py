"""What run.py is made of. Needs Python 3.11 and nothing else; on Linux, macOS and other POSIX systems."""
