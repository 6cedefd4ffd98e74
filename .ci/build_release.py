"""Build the files of a release from the commit that is checked out: sdist, wheel, SBOM, their hashes, the notes.

    python .ci/build_release.py [--tag v1.2.3] [--clear] FOLDER

Only committed files get into a release. The same commit and the same tools (.github/requirements/release.txt) give the
same octets on every machine: the time of the commit is the time of every file. With --tag, it must be "v" and the
version of pyproject.toml, and CHANGELOG.md must have a section of this version.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tag", help='the tag of the release, such as "v1.2.3"')
    parser.add_argument("--clear", action="store_true", help="remove what is in the folder")
    parser.add_argument("folder", type=Path, help="where the files go; made if it is missing, and must be empty")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()
    if arguments.clear:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"{folder} is not empty: remove what is in it, or pass --clear")
    os.environ["SOURCE_DATE_EPOCH"] = run_git("log", "-1", "--format=%ct").decode().strip()
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary, "source")
        with tarfile.open(fileobj=io.BytesIO(run_git("archive", "--format=tar", "HEAD"))) as archive:
            archive.extractall(source, filter="data")
        if arguments.tag:
            notes = read_notes(source, arguments.tag)
            (folder / "notes.md").write_text(notes, encoding="utf-8", newline="\n")
        run("build", "--no-isolation", "--outdir", folder, source)
        built = sorted(path for path in folder.iterdir() if path.suffix in (".whl", ".gz"))
        run("twine", "check", "--strict", *built)
        write_sbom(folder / "sbom.cdx.json", wheel=built[0], source=source, runtime=Path(temporary, "runtime"))
    # The SBOM is left out: it names the newest dependencies, which may be others on the day of a rebuild.
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in built)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")
    print(sums, end="")


def read_notes(source: Path, tag: str) -> str:
    """Return the section of the tag's version in CHANGELOG.md. Exit if tag, version and changelog do not agree."""
    version = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if tag != f"v{version}":
        sys.exit(f"the tag is {tag}, but the version in pyproject.toml is {version}")
    changelog = (source / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |^\[)", changelog, re.M | re.S)
    if section is None:
        sys.exit(f"CHANGELOG.md has no section of version {version} with a date")
    return section[1].strip() + "\n"


def write_sbom(path: Path, *, wheel: Path, source: Path, runtime: Path) -> None:
    """Install the wheel alone in a new environment, and list what is there."""
    venv.create(runtime, with_pip=False)
    python = runtime / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run("pip", "--python", python, "install", "--quiet", "--only-binary", ":all:", wheel)
    options = ["--mc-type", "library", "--output-reproducible", "--output-file", str(path)]
    run("cyclonedx_py", "environment", "--pyproject", source / "pyproject.toml", *options, python)


def run(module: str, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)


def run_git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
