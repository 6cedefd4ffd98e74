"""The files of docs/how-to/docker-kubernetes-systemd.md: parsed, and held against what a keyring does.

systemd-analyze comes from the Debian package systemd. Where it is missing its test is skipped, but in continuous
integration (CI=true) it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from documents import Page
from page_runner import run_blocks

from cookiejar_session import Key, Keyring
from cookiejar_session.cli.main import main
from cookiejar_session.keys.keyring import CHECK_EVERY, CREDENTIAL_NAME, FILE_VARIABLE

PAGE = Page("docs/how-to/docker-kubernetes-systemd.md")
COMPOSE, DEPLOYMENT = map(yaml.safe_load, Page("docs/how-to/docker-kubernetes-systemd.md").take_blocks("yaml", 2))
UNIT, OWN_FILE = Page("docs/how-to/docker-kubernetes-systemd.md").take_blocks("ini", 2)
COMMANDS = Page("docs/how-to/docker-kubernetes-systemd.md").take_blocks("sh", 4)
PATIENCE = 60


def test_commands_run(tmp_path: Path) -> None:
    run_blocks([block for block in PAGE.blocks if block.language == "sh"], tmp_path)
    assert tmp_path.joinpath("keys", "session.keys").stat().st_mode & 0o777 == 0o600


def test_compose_mounts_the_folder_of_the_key_file() -> None:
    shop = COMPOSE["services"]["shop"]
    source, target, mode = shop["volumes"][0].split(":")
    file = PurePosixPath(shop["environment"][FILE_VARIABLE])
    assert file.parent == PurePosixPath(target)
    assert mode == "ro"
    # The file that the commands above make.
    assert f"{PurePosixPath(source).name}/{file.name}" in COMMANDS[0]


def test_deployment_mounts_the_secret_where_the_variable_points() -> None:
    pod = DEPLOYMENT["spec"]["template"]["spec"]
    (container,), (volume,) = pod["containers"], pod["volumes"]
    (mount,), (variable,) = container["volumeMounts"], container["env"]
    assert variable["name"] == FILE_VARIABLE
    file = PurePosixPath(variable["value"])
    assert file.parent == PurePosixPath(mount["mountPath"])
    assert "subPath" not in mount
    assert mount["name"] == volume["name"]
    # The Secret that the commands make, and the name of its file.
    for commands in COMMANDS[1:3]:
        assert f"secret generic {volume['secret']['secretName']} --from-file={file.name} " in commands
    assert f"get secret {volume['secret']['secretName']} -o jsonpath='{{.data.{file.name}}}'" in COMMANDS[2]
    # In YAML 1.1, as in Kubernetes, 0440 is octal. The group of the pod may read it.
    assert volume["secret"]["defaultMode"] == 0o440
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
    assert DEPLOYMENT["spec"]["selector"]["matchLabels"] == labels


def test_ring_that_the_kubelet_replaces_is_used_within_ten_seconds(tmp_path: Path) -> None:
    """The kubelet writes a new folder, and renames a link to it over the link ..data."""
    assert "within ten seconds each process uses it" in PAGE.prose
    old, new = Key.generate().to_text(), Key.generate().to_text()

    def mount(name: str, ring: str) -> None:
        folder = tmp_path / name
        folder.mkdir()
        folder.joinpath("ring").write_text(ring)
        tmp_path.joinpath("..data_tmp").symlink_to(name)
        tmp_path.joinpath("..data_tmp").rename(tmp_path / "..data")

    mount("..first", old)
    tmp_path.joinpath("ring").symlink_to("..data/ring")
    keyring = Keyring.from_environment({FILE_VARIABLE: str(tmp_path / "ring")}, now=0)
    mount("..second", f"{new} {old}")
    assert keyring.ring(10).primary(10).key == Key.parse(new)
    assert CHECK_EVERY == 10


@pytest.mark.parametrize(("is_mounted_alone", "changes"), [(False, True), (True, False)])
def test_rotation_reaches_a_mounted_folder_and_no_mounted_file(
    tmp_path: Path, is_mounted_alone: bool, changes: bool
) -> None:
    """A bind mount of a file holds its inode, as a hard link does."""
    assert "**Mount the folder, not the file.**" in PAGE.prose
    keys, container = tmp_path / "keys", tmp_path / "container"
    keys.mkdir()
    file = keys / "session.keys"
    assert main(["keyring", "rotate", "--in-place", str(file), "--stage", "create"]) == 0
    if is_mounted_alone:
        container.mkdir()
        os.link(file, container / "session.keys")
    else:
        container.symlink_to(keys)
    before = (container / "session.keys").read_text()
    assert main(["keyring", "rotate", "--in-place", str(file)]) == 0
    assert ((container / "session.keys").read_text() != before) is changes


def read_unit(text: str) -> Any:
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(text)
    return unit["Service"]


def test_unit_names_the_credential_that_it_loads() -> None:
    service = read_unit(UNIT)
    name, source = service["LoadCredential"].split(":")
    assert name == CREDENTIAL_NAME
    assert f"systemd's credential `{name}`" in PAGE.prose
    assert f"`Environment={FILE_VARIABLE}=%d/NAME`" in PAGE.prose
    assert f"`{source}` belongs to root" in PAGE.prose
    assert read_unit(OWN_FILE)["Environment"] == f"{FILE_VARIABLE}={source}"


def verify_unit(text: str, folder: Path) -> str:
    """Return what systemd says about a unit. The programs that it starts are replaced by one that exists."""
    file = folder / "shop.service"
    file.write_text(
        text.replace("/opt/shop/bin/gunicorn", shutil.which("true") or "").replace("User=shop", "User=root")
    )
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(file)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return checked.stderr


@pytest.mark.parametrize("text", [UNIT, OWN_FILE], ids=["credential", "own file"])
def test_systemd_accepts_the_unit(text: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("needs the Debian package systemd")
    assert verify_unit(text, tmp_path) == ""
    assert "Unknown key" in verify_unit(text.replace("ExecStart=", "Environ=x\nExecStart="), tmp_path)
