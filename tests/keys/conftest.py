"""A key file, for the tests of keyrings and of their sources."""

from pathlib import Path

import pytest
from shared_rings import A, KeyFileWriter


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFileWriter:
    """A file that holds the key A."""
    file = KeyFileWriter(tmp_path / "ring")
    file.write(A)
    return file
