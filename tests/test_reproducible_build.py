"""Two builds of the package are the same, octet for octet, and hold nothing that is not in the repository."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
SDIST, WHEEL = f"cookiejar_session-{VERSION}.tar.gz", f"cookiejar_session-{VERSION}-py3-none-any.whl"


class Builds(NamedTuple):
    """The names and hashes of what is built from the checkout, and twice from its sdist."""

    checkout: dict[str, str]
    sdist: set[str]  # the names of its files
    one: dict[str, str]
    other: dict[str, str]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """Build the sdist twice from copies in other folders, with other times and other modes of the files."""
    first = tmp_path_factory.mktemp("checkout")
    build(ROOT, into=first)
    sdist = first / SDIST
    found = []
    with tarfile.open(sdist) as archive:
        names = set(archive.getnames())
        for name, mode, moment in (("a", 0o600, 1_000_000_000), ("a much longer name", 0o664, 1_900_000_000)):
            folder = tmp_path_factory.mktemp(name)
            archive.extractall(folder, filter="data")
            (source,) = folder.iterdir()
            for path in source.rglob("*"):
                if path.is_file():
                    path.chmod(mode)
                os.utime(path, (moment, moment))
            build(source, into=folder / "dist")
            found.append(hash_files(folder / "dist"))
    return Builds(hash_files(first), names, *found)


def build(source: Path, *, into: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(into)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1800000000"}
    subprocess.run(command, cwd=source, env=environment, check=True, stdout=subprocess.DEVNULL)


def hash_files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_two_builds_have_one_hash(builds: Builds) -> None:
    assert builds.one == builds.other
    assert set(builds.one) == {SDIST, WHEEL}


def test_wheel_of_the_checkout_is_the_wheel_of_the_sdist(builds: Builds) -> None:
    assert builds.checkout[WHEEL] == builds.one[WHEEL]


def test_sdist_has_nothing_that_the_ports_build_or_install(builds: Builds) -> None:
    folders = {folder for name in builds.sdist for folder in Path(name).parts[:-1]}
    assert {"ports", "node", "go"} <= folders
    assert {"node_modules", "build", ".ci"}.isdisjoint(folders)
