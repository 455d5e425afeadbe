"""WUYE_HOME: what lies where, who holds it, and what its running stack says of itself."""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deployments.stack.errors import HomeUnusable, StackRunning

SOCKET_PATH_LIMIT = 90  # the kernel refuses longer than about 104 bytes, names included
SOCKET_PATH_ODD = set("%&?#+=',")  # mean something in a URL, or in PostgreSQL's list of folders
SHELL_ODD = set('"$`\\\n')  # mean something to the shell by which pg_ctl starts the server


@dataclass(frozen=True)
class Home:
    """The folders below WUYE_HOME. `root` is absolute."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> "Home":
        """The home at a path, which need not exist yet."""
        return cls(path.expanduser().resolve())

    def make(self) -> "Home":
        """Create what is missing. `HomeUnusable` if this user may not, or nothing can run there."""
        if SHELL_ODD & set(str(self.root)):
            raise HomeUnusable(
                f"数据目录 {self.root} 的名字里有引号、$ 或反斜杠，数据库不能放在那里，"
                "请换一个（WUYE_HOME）。"
            )
        try:
            for folder in (self.root, self.logs, self.prefect, self.sandbox, self.users, self.tmp):
                folder.mkdir(parents=True, exist_ok=True)
            self.root.joinpath("stack.lock").touch()
        except OSError as refused:
            raise HomeUnusable(
                f"数据目录 {self.root} 不能写入，请换一个（WUYE_HOME）或修改它的权限。"
            ) from refused
        return self

    @property
    def logs(self) -> Path:
        """One log per process; the last start's is kept as `.1`."""
        return self.root / "logs"

    @property
    def postgres(self) -> Path:
        """The embedded server's data."""
        return self.root / "postgres"

    @property
    def prefect(self) -> Path:
        """PREFECT_HOME: results, leases, the page's files."""
        return self.root / "prefect"

    @property
    def sandbox(self) -> Path:
        """The sandbox's state."""
        return self.root / "sandbox"

    @property
    def tmp(self) -> Path:
        """For what processes of the stack put aside; emptied at every start.

        In the system's, Prefect's workers of two users are in each other's way.
        """
        return self.root / "tmp"

    @property
    def users(self) -> Path:
        """One file per process that uses the embedded database."""
        return self.root / "postgres.users"

    @property
    def secrets(self) -> Path:
        """Generated secrets, mode 0600."""
        return self.root / "secrets.env"

    @property
    def info(self) -> Path:
        """What the running stack says of itself."""
        return self.root / "stack.json"

    def short(self, folder: Path) -> Path:
        """`folder`, or a stand-in with a path short and plain enough for unix sockets."""
        long = len(os.fsencode(folder)) > SOCKET_PATH_LIMIT
        if not long and not SOCKET_PATH_ODD & set(str(folder)):
            return folder
        mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"wuye-{os.getuid()}-{mark}"


@dataclass
class StackInfo:
    """A running stack, as written to `stack.json` and read by the other commands."""

    pid: int
    home: str
    started_at: str
    urls: dict[str, str]
    ports: dict[str, int]
    processes: dict[str, int] = field(default_factory=dict)
    """Name of the part to its process id; for people, nothing is decided by it."""

    def write(self, home: Home) -> None:
        """Replace the file in one step."""
        draft = home.info.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), "utf-8")
        draft.replace(home.info)


def running(home: Path | Home) -> StackInfo | None:
    """The stack that holds this home now, or None; also for a home this user may not read.

    A kill -9 of it frees the lock.
    """
    place = home if isinstance(home, Home) else Home.at(home)
    lock = place.root / "stack.lock"
    if not (there(lock) and there(place.info)):
        return None
    try:
        with lock.open("rb") as file:
            if _taken(file.fileno(), fcntl.LOCK_EX):
                fcntl.flock(file, fcntl.LOCK_UN)
                return None
        said: dict[str, Any] = json.loads(place.info.read_text("utf-8"))
    except PermissionError:
        return None
    return StackInfo(**said)


def there(path: Path) -> bool:
    """Does it exist, as far as this user may look?"""
    return os.path.exists(path)  # noqa: PTH110 - Path's raises where one may not look


@contextmanager
def held(home: Home) -> Iterator[None]:
    """Be the one stack of this home; `StackRunning` if another is."""
    with (home.root / "stack.lock").open("rb+") as file:
        if not _taken(file.fileno(), fcntl.LOCK_EX):
            raise StackRunning(_already(home), home=str(home.root))
        try:
            yield
        finally:
            home.info.unlink(missing_ok=True)


@contextmanager
def alone(home: Home, name: str) -> Iterator[None]:
    """Wait for, then hold, a short lock between processes."""
    with (home.root / f"{name}.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _taken(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _already(home: Home) -> str:
    info = running(home)
    where = f"：{info.urls['gateway']}（进程 {info.pid}）" if info else ""
    return (
        f"这个数据目录已经有一套系统在运行{where}。"
        "它可以接着用；要再开一套，请用 WUYE_HOME 换一个数据目录，并换端口。"
    )
