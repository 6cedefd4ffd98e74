"""The option --stats of the commands about keyrings: where the counts of key use are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module

from .key_use import Counts

STATS_HELP = """\
With --stats, the last use of each key is shown, and whether a retired key can
go. The counts are the JSON of sessions.stats(), or the metrics that Prometheus
reads, of every process that has the keys: give --stats for each file, folder or
URL. With http://HOST/api/v1/query, a Prometheus server is asked, which also
knows of processes that have ended. See "Monitoring" in the documentation, which
"pip show --verbose cookiejar-session" links to."""
STATS_METAVAR = "FILE|URL"


def add_stats_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--stats`` to a command."""
    parser.add_argument(
        "--stats",
        metavar=STATS_METAVAR,
        action="append",
        default=[],
        help="read counts of key use from a file, a folder of files or a URL; give it for each",
    )


def read_stats(places: Sequence[str], *, idle_timeout: int, now: int) -> list[Counts]:
    """Return the counts from all files, folders and URLs in ``places``. ``idle_timeout`` is in seconds.

    Raises ConfigError if one of the places cannot be read.
    """
    if not places:
        return []
    # The module count_sources needs an HTTP client and msgspec. Importing them takes longer than all the rest of a
    # command without --stats.
    sources = import_module(".count_sources", __package__)
    counts: list[Counts] = sources.read_counts(places, idle_timeout=idle_timeout, now=now)
    return counts
