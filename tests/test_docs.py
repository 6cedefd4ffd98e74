"""Every block of code in README.md and docs/ runs in a test, or says why not.

A page has a test file of its own (OWN_TESTS), or the tests here run it from its first line to its last. page_runner.py
says what happens to a block.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import PAGES, ROOT, Block, Page, list_blocks
from page_runner import PARSED, SHOWN, check_install, run, run_blocks

TESTS = Path(__file__).parent
OWN_TESTS = {
    "README.md": "test_readme.py",
    "docs/start.md": "test_first_minutes.py",
    "docs/explanation/comparison.md": "peers/test_comparison.py",
    "docs/how-to/behind-a-proxy.md": "test_proxy_page.py",
    "docs/how-to/command-line.md": "test_command_line.py",
    "docs/how-to/django.md": "integrations/test_django_guide.py",
    "docs/how-to/docker-kubernetes-systemd.md": "test_deployment_page.py",
    "docs/how-to/fastapi.md": "integrations/test_fastapi_docs.py",
    "docs/how-to/flask.md": "integrations/test_framework_docs.py",
    "docs/how-to/libraries.md": "peers/examples.py",
    "docs/how-to/live-keys.md": "test_live_keys_docs.py",
    "docs/how-to/monitoring.md": "test_monitoring.py",
    "docs/how-to/one-user.md": "integrations/test_three_frameworks.py",
    "docs/how-to/openid-connect.md": "peers/examples.py",
    "docs/how-to/ports.md": "ports/test_ports_page.py",
    "docs/how-to/quart.md": "integrations/test_framework_docs.py",
    "docs/how-to/recipes.md": "test_recipes.py",
    "docs/how-to/secret-managers.md": "peers/test_secret_managers.py",
    "docs/how-to/testing.md": "test_testing_docs.py",
    "docs/tutorial/index.md": "test_tutorial.py",
}
LESSONS = [path for path in PAGES if path.startswith("docs/tutorial/") and path not in OWN_TESTS]


@pytest.mark.parametrize("path", [path for path in PAGES if path not in {*OWN_TESTS, *LESSONS} and Page(path).blocks])
def test_blocks_of_the_page_run(path: str, tmp_path: Path) -> None:
    run_blocks(Page(path).blocks, tmp_path)


def is_covered_here(block: Block) -> bool:
    """Whether the tests of this file are enough for a block of any page."""
    is_install = block.language == "sh" and all("pip install" in line for line in block.text.splitlines())
    return is_install or block.language in SHOWN | PARSED.keys()


@pytest.mark.parametrize("path", LESSONS)
def test_blocks_of_the_lesson_run_in_the_folder_of_the_earlier_ones(path: str, tmp_path: Path) -> None:
    run(["sh", "-c", "python -m cookiejar_session keygen > session.key"], tmp_path)
    for earlier in LESSONS[: LESSONS.index(path)]:
        for block in Page(earlier).blocks:
            if block.file_name is not None:
                tmp_path.joinpath(block.file_name).write_text(block.text)
    run_blocks(Page(path).blocks, tmp_path)


@pytest.mark.parametrize("path", OWN_TESTS)
def test_test_file_of_the_page_has_each_of_its_blocks(path: str) -> None:
    blocks = Page(path).list_blocks_without_test(TESTS / OWN_TESTS[path])
    assert [block for block in blocks if not is_covered_here(block)] == []


@pytest.mark.parametrize("path", PAGES)
def test_packages_that_a_page_installs_are_those_of_the_tests(path: str) -> None:
    for block in Page(path).blocks:
        for line in block.text.splitlines():
            if block.language == "sh" and "pip install" in line:
                check_install(line)


@pytest.mark.parametrize("path", PAGES)
def test_each_block_names_its_language(path: str) -> None:
    assert [block for block in Page(path).blocks if not block.language] == []


@pytest.mark.parametrize("path", PAGES)
def test_shell_commands_that_do_not_run_have_no_fault_of_syntax(path: str, tmp_path: Path) -> None:
    for block in Page(path).blocks:
        if block.language == "sh":
            run(["sh", "-n", "-c", block.text], tmp_path)


# The file of an included page is where its text is written.
@pytest.mark.parametrize("path", [*PAGES, "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "SPEC.md"])
def test_files_that_a_page_links_to_exist(path: str) -> None:
    page = ROOT / path
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


# The runner itself


def write(*blocks: str) -> list[Block]:
    return list_blocks("\n\n".join(blocks))


@pytest.mark.parametrize(
    "block",
    [
        "```python\nraise ValueError\n```",
        "```python\ndef test_falls():\n    assert 1 == 2\n```",
        "It is `app.py`:\n\n```python\nraise ValueError\n```",
        "It is `test_app.py`:\n\n```python\ndef test_falls():\n    assert 1 == 2\n```",
        "```sh\nfalse\ntrue\n```",
        "```sh\npython -m pip install 'cookiejar-session[tulip]'\n```",
        "```sh\npip install not-a-package-of-ours\n```",
        "```json\n{\n```",
        "```rust\nfn main() {}\n```",
    ],
    ids=["raises", "test-fails", "file-raises", "test-file", "command-fails", "extra", "package", "json", "language"],
)
def test_false_block_fails(block: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, ValueError)):
        run_blocks(write(block), tmp_path)


def test_later_block_has_the_names_and_files_of_earlier_ones(tmp_path: Path) -> None:
    run_blocks(
        write(
            "It is `shop.py`:\n\n```python\nitems = 3\n```",
            "```python\ncount = 4\n```",
            "```sh\ntest -f shop.py && python -c 'import shop' > done.txt\n```",
            "```python\nfrom pathlib import Path\n\nimport shop\n\n\n"
            "def test_all():\n    assert shop.items + count == 7\n    assert Path('done.txt').is_file()\n```",
            "Not run in the tests: it needs an account.\n\n```python\nraise ValueError\n```",
        ),
        tmp_path,
    )


def test_error_has_the_line_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"test_page\.py:5"):
        run_blocks(write("# Title", "```python\n\nraise ValueError\n```"), tmp_path)


def test_reason_belongs_to_the_next_block_alone() -> None:
    blocks = write("Not run in the tests: why.", "```sh\nfalse\n```", "```sh\nfalse\n```")
    assert [block.is_run for block in blocks] == [False, True]


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("", ["a = 1\n", "b = 2\n", "true\n"]),
        ('run_example("a = ")', ["b = 2\n", "true\n"]),
        ('Page("PATH").take_blocks("python", 2)', ["true\n"]),
        ('Page("docs/start.md").take_blocks("python", 2)', ["a = 1\n", "b = 2\n", "true\n"]),
        ('Page("PATH").take_blocks("python", 2)\nPage("PATH").take_blocks("sh", 1)', []),
    ],
    ids=["nothing", "one", "language", "other-page", "all"],
)
def test_block_that_the_test_file_of_a_page_does_not_have_is_found(
    source: str, missing: list[str], tmp_path: Path
) -> None:
    page, test_file = tmp_path / "page.md", tmp_path / "test_page.py"
    page.write_text("```python\na = 1\n```\n\n```python\nb = 2\n```\n\n```sh\ntrue\n```\n")
    test_file.write_text(source.replace("PATH", str(page)))
    assert [block.text for block in Page(str(page)).list_blocks_without_test(test_file)] == missing


def test_page_with_another_number_of_blocks_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath("page.md").write_text("```sh\ntrue\n```\n")
    with pytest.raises(AssertionError, match="has 1 blocks of sh"):
        Page(str(tmp_path / "page.md")).take_blocks("sh", 2)
