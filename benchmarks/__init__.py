"""Benchmarks beside the peers, in one run: ``python -m benchmarks``. See README.md here."""
