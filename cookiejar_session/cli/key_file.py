"""Writing a key file so that the file holds a complete ring even after a crash."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import ConfigError

_NEW_FILE_MODE = 0o600
_SUFFIX = ".rotating"


def replace_key_file(path: Path, text: str, *, before: bytes | None) -> None:
    """Replace the content of a key file in one step, and keep its mode and its owner.

    ``before`` is the content that the caller read, None if there must be no file. If the file has changed since then,
    it is not replaced. Only the owner can read a new file. A symbolic link stays, and the file that it points to is
    replaced. If anything fails, the file stays as it was, and ConfigError is raised.
    """
    target = Path(os.path.realpath(path))
    temporary: str | None = None
    try:
        _remove_leftovers(target)
        # The temporary file is in the same folder, since a file can be renamed only within one file system. mkstemp
        # gives it the mode 0600.
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=_prefix(target), suffix=_SUFFIX)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("latin-1"))
            _copy_owner(target, handle, is_new=before is None)
            file.flush()
            # Without this, a power failure may leave an empty file under the new name.
            os.fsync(handle)
        _refuse_changed(target, before)
        os.replace(temporary, target)
    except OSError as exc:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
        raise ConfigError(f"key file {path}: {exc.strerror or exc}; the file is as it was") from None
    except ConfigError:
        with suppress(OSError):
            os.unlink(temporary or "")
        raise
    _sync_folder(target.parent)


def _prefix(target: Path) -> str:
    return f".{target.name}."


def _remove_leftovers(target: Path) -> None:
    """Remove the temporary files of a rotation that was killed: they hold keys."""
    for leftover in target.parent.iterdir():
        if leftover.name.startswith(_prefix(target)) and leftover.name.endswith(_SUFFIX):
            leftover.unlink()


def _copy_owner(target: Path, handle: int, *, is_new: bool) -> None:
    if is_new:
        os.chmod(handle, _NEW_FILE_MODE)
        return
    found, made = os.stat(target), os.fstat(handle)
    if (found.st_uid, found.st_gid) != (made.st_uid, made.st_gid):
        try:
            os.chown(handle, found.st_uid, found.st_gid)
        except PermissionError:
            raise ConfigError(
                f"key file {target}: it belongs to another user or group, and this user cannot keep that; run the "
                "command as its owner or as root; the file is as it was"
            ) from None
    os.chmod(handle, stat.S_IMODE(found.st_mode))


def _refuse_changed(target: Path, before: bytes | None) -> None:
    try:
        content = target.read_bytes()
    except FileNotFoundError:
        content = None
    if content != before:
        raise ConfigError(f"key file {target}: it was changed meanwhile, so it was not replaced; run the command again")


def _sync_folder(folder: Path) -> None:
    # The new name survives a power failure only after its folder is written to disk. Some file systems do not support
    # fsync on a folder. There, a power failure may bring back the old ring. This does no harm: the old ring opens every
    # token issued so far.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
