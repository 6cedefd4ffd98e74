"""The files about the project agree: versions, addresses, pinned actions, hooks, the changelog."""

import json
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PORTS = ROOT / "conformance" / "ports"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION: str = PYPROJECT["project"]["version"]
REPOSITORY: str = PYPROJECT["project"]["urls"]["Source"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
# Pages and files of the project that name no host but the repository's.
OWN_HOST = [
    *(ROOT / name for name in ("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md")),
    *(ROOT / name for name in (".editorconfig", ".pre-commit-config.yaml", ".ci/run", ".ci/build_release.py")),
    *sorted(path for path in (ROOT / ".github").rglob("*") if path.is_file()),
    ROOT / "docs" / "how-to" / "ports.md",
    *(
        PORTS / name
        for name in ("node/package.json", "php/composer.json", "ruby/cookiejar_session.gemspec", "go/go.mod")
    ),
]


def read_json(path: str) -> Any:
    return json.loads((PORTS / path).read_text(encoding="utf-8"))


# The changelog


def test_changelog_uses_the_headings_of_keep_a_changelog_alone_in_their_order() -> None:
    order = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for section in re.split(r"^## .*\n", CHANGELOG, flags=re.MULTILINE)[1:]:
        headings = re.findall(r"^###+ (.*)$", section, re.MULTILINE)
        assert headings == [name for name in order if name in headings]


def test_each_section_of_the_changelog_is_a_version_with_a_date_and_the_first_is_unreleased() -> None:
    first, *others = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert first == "[Unreleased]"
    assert [text for text in others if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", text)] == []


def test_each_version_of_the_changelog_has_a_link_into_the_repository() -> None:
    versions = [name.lower() for name in re.findall(r"^## \[(.*?)\]", CHANGELOG, re.MULTILINE)]
    links = dict(re.findall(r"^\[(.*?)\]: (\S+)$", CHANGELOG, re.MULTILINE))
    assert list(links) == versions
    targets = {name: f"compare/.*v{re.escape(name)}|releases/tag/v{re.escape(name)}" for name in versions[1:]}
    targets["unreleased"] = rf"compare/v{re.escape(versions[1])}\.\.\.HEAD" if versions[1:] else "commits/main"
    assert [name for name in links if not re.fullmatch(f"{REPOSITORY}/({targets[name]})", links[name])] == []


BUILD_RELEASE = ROOT / ".ci" / "build_release.py"


@pytest.fixture
def release_source(tmp_path: Path) -> Path:
    """A folder with what the notes of a release are made from, after the release of 1.2.3."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    sections = (
        "## [Unreleased]\n\n## [1.2.3] - 2027-01-31\n\n### Fixed\n\n- A fault.\n\n## [1.2.2] - 2027-01-01\n\nold\n"
    )
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{sections}\n[unreleased]: x\n[1.2.3]: y\n")
    return tmp_path


@pytest.mark.skipif(not BUILD_RELEASE.exists(), reason="the sdist has no .ci")
def test_notes_of_a_release_are_its_section_of_the_changelog(release_source: Path) -> None:
    notes = runpy.run_path(str(BUILD_RELEASE))["read_notes"](release_source, "v1.2.3")
    assert notes == "### Fixed\n\n- A fault.\n"


@pytest.mark.skipif(not BUILD_RELEASE.exists(), reason="the sdist has no .ci")
@pytest.mark.parametrize(
    ("tag", "version", "message"),
    [
        ("v1.2.4", "1.2.3", "the tag is v1.2.4, but the version in pyproject.toml is 1.2.3"),
        ("1.2.3", "1.2.3", "the tag is 1.2.3, but the version in pyproject.toml is 1.2.3"),
        ("v1.3.0", "1.3.0", "CHANGELOG.md has no section of version 1.3.0 with a date"),
    ],
)
def test_a_tag_without_its_version_and_its_section_is_not_built(
    release_source: Path, tag: str, version: str, message: str
) -> None:
    (release_source / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(BUILD_RELEASE))["read_notes"](release_source, tag)
    assert str(caught.value) == message


# One version, one repository, one licence


def test_every_port_has_the_version_of_the_package() -> None:
    gemspec = (PORTS / "ruby" / "cookiejar_session.gemspec").read_text(encoding="utf-8")
    library = (PORTS / "ruby" / "lib" / "cookiejar_session.rb").read_text(encoding="utf-8")
    found = {
        "package.json": read_json("node/package.json")["version"],
        "package-lock.json": read_json("node/package-lock.json")["version"],
        "package-lock.json, the package itself": read_json("node/package-lock.json")["packages"][""]["version"],
        "gemspec": re.findall(r'gem\.version = "(.*)"', gemspec)[0],
        "VERSION in Ruby": re.findall(r'VERSION = "(.*)"', library)[0],
    }
    assert found == dict.fromkeys(found, VERSION)
    # Composer takes the version from the tag.
    assert "version" not in read_json("php/composer.json")


def test_every_port_names_the_repository_and_the_licence() -> None:
    node, php = read_json("node/package.json"), read_json("php/composer.json")
    gemspec = (PORTS / "ruby" / "cookiejar_session.gemspec").read_text(encoding="utf-8")
    module = REPOSITORY.removeprefix("https://") + "/conformance/ports/go"
    assert node["repository"]["url"] == f"git+{REPOSITORY}.git"
    assert (ROOT / node["repository"]["directory"]).samefile(PORTS / "node")
    assert php["support"]["source"] == REPOSITORY
    assert f'"source_code_uri" => "{REPOSITORY}"' in gemspec
    for name in ("go.mod", "debian.mod"):
        assert f"\nmodule {module}\n" in "\n" + (PORTS / "go" / name).read_text(encoding="utf-8")
    licence = PYPROJECT["project"]["license"]
    assert node["license"] == php["license"] == licence
    assert f'gem.license = "{licence}"' in gemspec
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert [port for port in ("node", "go", "php", "ruby") if (PORTS / port / "LICENSE").read_text() != text] == []


def test_every_address_of_the_metadata_is_in_the_repository() -> None:
    assert [url for url in PYPROJECT["project"]["urls"].values() if not url.startswith(REPOSITORY)] == []


@pytest.mark.parametrize("path", [path for path in OWN_HOST if path.exists()], ids=lambda path: path.name)
def test_files_about_the_project_name_no_other_host(path: Path) -> None:
    urls = re.findall(r"\w+://[^\s\"'>)]+", path.read_text(encoding="utf-8"))
    # The last is no address, but the name of a kind of attestation.
    own = (REPOSITORY, f"git+{REPOSITORY}", "https://cyclonedx.org/bom")
    assert [url for url in urls if not url.startswith(own)] == []


# The workflows


def test_each_action_is_pinned_to_a_commit_and_names_its_version() -> None:
    uses = [
        line.partition("uses:")[2].strip()
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    assert len(uses) > 5
    assert [use for use in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []
    assert len({use.partition("@")[0] for use in uses}) == len(set(uses)), "one action, two versions"


def test_the_workflow_runs_every_default_environment_of_tox() -> None:
    line = (ROOT / "tox.ini").read_text(encoding="utf-8").partition("env_list = ")[2].split("\n")[0]
    environments = {"py311", "py312", *line.split(", ")}
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    named = ",".join(
        [*re.findall(r'environments: "(.*?)"', workflow), *re.findall(r"environments: \[(.*?)\]", workflow)]
    )
    assert environments <= set(re.findall(r"\w+", named))
    ci_run = (ROOT / ".ci" / "run").read_text(encoding="utf-8").partition("run-parallel --parallel 2 -e ")[2]
    assert environments <= {*line.split(", "), *ci_run.split("\n")[0].split(",")}
    versions = [f'"3.{name[3:]}"' for name in sorted(environments) if name.startswith("py3")]
    assert f"python: [{', '.join(versions)}]" in workflow, "macOS and Windows"


def test_dependabot_looks_into_folders_that_have_a_list_of_dependencies() -> None:
    names = {
        "github-actions": ".github/workflows",
        "pip": "release.txt",
        "npm": "package.json",
        "gomod": "go.mod",
        "composer": "composer.json",
        "bundler": "cookiejar_session.gemspec",
    }
    text = (ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8")
    entries = re.findall(r"package-ecosystem: (\S+)\n(?:\s*#.*\n)*\s*directory: /(\S*)", text)
    assert {ecosystem for ecosystem, _ in entries} == set(names)
    assert [folder for ecosystem, folder in entries if not (ROOT / folder / names[ecosystem]).exists()] == []


# The hooks and the editor


def test_every_hook_is_local_and_installs_nothing() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"repo: (\S+)", text)) == {"local"}
    assert set(re.findall(r"language: (\S+)", text)) == {"system"}
    assert len(re.findall(r"language: ", text)) == len(re.findall(r"- id: ", text))


def test_lines_are_as_long_for_the_editor_as_for_ruff() -> None:
    found = re.findall(r"^max_line_length = (\d+)$", (ROOT / ".editorconfig").read_text(), re.MULTILINE)
    assert found == [str(PYPROJECT["tool"]["ruff"]["line-length"])]
