"""The benchmarks: ``python -m benchmarks``. See README.md in this folder."""
