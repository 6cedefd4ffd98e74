"""Let mypy read the Python blocks of the pages about typed sessions, as it would read a reader's copy of them.

A block with a file name is that file; the other blocks of a page are one program. `tox -e types` runs this.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

# With PYTHONSAFEPATH, as in tox, Python does not look for modules beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from documents import Page

PAGES = ("docs/how-to/fastapi.md", "docs/how-to/typed-sessions.md", "docs/tutorial/6-types.md")
OPTIONS = (
    # A reader's mypy has its defaults, not the settings of this project.
    "--config-file=",
    # Flask's documentation wraps an app like this too: app.wsgi_app = ...
    "--disable-error-code=method-assign",
)


def check_page(path: str, folder: Path) -> int:
    """Return mypy's exit status for the blocks of a page."""
    files = {"page.py": ""}
    for block in Page(path).blocks:
        if block.language == "python" and block.file_name is not None:
            files[block.file_name] = block.text
        elif block.language == "python":
            # The lines have the numbers that they have on the page.
            program = files["page.py"]
            files["page.py"] = program + "\n" * (block.line - program.count("\n")) + block.text
    folder.mkdir()
    for name, text in files.items():
        folder.joinpath(name).write_text(text)
    print(path, flush=True)
    return subprocess.run([sys.executable, "-m", "mypy", *OPTIONS, *files], cwd=folder, check=False).returncode


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        statuses = [check_page(path, Path(folder, path.replace("/", "-"))) for path in PAGES]
    return max(statuses)


if __name__ == "__main__":
    raise SystemExit(main())
