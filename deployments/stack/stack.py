"""The whole local stack in one process tree: started in parallel, watched, stopped."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from types import TracebackType
from typing import Self

from deployments.stack import databases, leftovers, sandbox, secrets
from deployments.stack.automations import ALWAYS_ALIVE
from deployments.stack.child import Child
from deployments.stack.console import Console
from deployments.stack.database import upgrade_apart
from deployments.stack.environment import given_prefect_api, stack_environment
from deployments.stack.home import Home, StackInfo, held
from deployments.stack.parts import Parts
from deployments.stack.ports import DEFAULT, Ports, require_free
from deployments.stack.postgres import EmbeddedPostgres
from deployments.stack.prefect_api import PrefectApi
from deployments.stack.registration import Registration
from deployments.stack.rest import HttpRefused
from domain import clock
from gateway.settings import Settings

START_SECONDS = 120.0
STOP_SECONDS = 8.0
WORKER_STOP_SECONDS = 3.0  # its runs have ended by then; it has nothing left to lose
LOOK_SECONDS = 0.25
AWAY = (OSError, HttpRefused)  # a server that is gone, or whose database is


class Stack:
    """`with Stack(settings) as stack:` - inside, everything serves.

    Use it from the main thread only: the system ends the children when the thread that started
    them ends. `environment` is what every process got, `launcher` runs a module warm;
    `urls` has gateway, desk, prefect, prefect_api and, with the sandbox, sandbox.
    """

    def __init__(
        self, settings: Settings, *, ports: Ports = DEFAULT, console: Console | None = None
    ) -> None:
        self.settings = settings
        self.ports = ports
        self.console = console or Console()
        self.home = Home.at(settings.home)
        self.embedded = databases.is_embedded(settings)
        self.sandboxed = secrets.wants_sandbox(settings)
        self.own_prefect = given_prefect_api() is None
        self.environment: dict[str, str] = {}
        self.children: dict[str, Child] = {}
        self._postgres: EmbeddedPostgres | None = None
        self._registration: Registration | None = None
        self._holding = ExitStack()

    def __enter__(self) -> Self:
        secrets.require(self.settings)
        self.home.make()
        self._holding.enter_context(held(self.home))
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def launcher(self) -> list[str]:
        """Runs a module in a fork of the warm interpreter."""
        return Parts(self.home, self.environment, self.ports).warm_launcher()

    @property
    def sandbox_url(self) -> str | None:
        """Where the phones are; None with real WeCom credentials."""
        return self.ports.sandbox_url if self.sandboxed else None

    @property
    def urls(self) -> dict[str, str]:
        """Addresses for people and programs."""
        api = self.environment["PREFECT_API_URL"]
        urls = {
            "gateway": self.ports.gateway_url,
            "desk": f"{self.ports.gateway_url}/desk",
            "prefect": api.removesuffix("/api"),
            "prefect_api": api,
        }
        return urls | ({"sandbox": self.ports.sandbox_url} if self.sandboxed else {})

    def supervise(self, until: Callable[[], bool]) -> None:
        """Restart what dies, and say so, until `until()` is true (looked at 4 times a second)."""
        while not until():
            for child in self.children.values():
                if (code := child.ended()) is not None:
                    self._revive(child, code)
            if self._postgres and self._postgres.postmaster() is None:
                self.console.step("内置数据库停了，正在重新启动")
                self._postgres.ensure_running()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End every process this started, PostgreSQL last; the data stays."""
        with ExitStack() as steps:  # from the last to the first, each whatever the others met
            steps.callback(self._holding.close)
            steps.callback(self._stop_database)
            others = [name for name in self.children if name != "worker"]
            steps.callback(self._stop_children, others, STOP_SECONDS)
            steps.callback(self._end_lost_runs)
            steps.callback(self._stop_children, ["worker"], WORKER_STOP_SECONDS)
            steps.callback(leftovers.end_runs, self.home)  # a stopping worker would kill them
            if self._registration:
                steps.callback(self._registration.cancel)

    def _start(self) -> None:
        if killed := leftovers.end_all(self.home):
            self.console.step(f"清理了上次没有正常停止的 {killed} 个进程")
        require_free(*self._needed_ports())
        shutil.rmtree(self.home.tmp, ignore_errors=True)
        self.environment = stack_environment(self.settings, self.ports)
        parts = Parts(self.home, self.environment, self.ports)
        self._launch(parts.warm())  # its imports take as long as the server's start: side by side
        self._start_database()
        if self.own_prefect:
            self._launch(parts.prefect())
        if self.sandboxed:
            self._launch(parts.sandbox())
        upgrade_apart(self.environment)
        self.console.step("数据库已就绪")
        self._launch(parts.gateway())
        self._write_info()
        self._start_flows(parts)
        self._wait_for("gateway")
        self._write_info()

    def _needed_ports(self) -> list[int]:
        at = self.ports
        needed = {at.gateway: True, at.prefect: self.own_prefect, at.sandbox: self.sandboxed}
        return [port for port, wanted in needed.items() if wanted]

    def _start_database(self) -> None:
        if self.embedded:
            self._postgres = EmbeddedPostgres(self.home)
            self._postgres.register()
            self._postgres.ensure_running()
        databases.create_databases(self.settings)

    def _start_flows(self, parts: Parts) -> None:
        api = PrefectApi(self.environment["PREFECT_API_URL"])
        if self.sandboxed:
            self._wait_for("sandbox")
            sandbox.seed(self.ports.sandbox_url, self.environment, gateway=self.ports.gateway_url)
        self._wait_for("warm")
        if self.own_prefect:
            self._wait_for("prefect")
        api.ensure_pool(parts.warm_socket)
        self._end_lost_runs()
        environment = {**os.environ, **self.environment}
        self._registration = Registration(api, self.home, environment)
        self._launch(parts.worker())
        fresh = self._registration.begin(parts.warm_launcher())
        api.ensure_automations()
        self._registration.finish()
        self.console.step("流程已登记" if fresh else "流程没有变化")
        self._wait_for("worker")
        self._start_always_alive()

    def _revive(self, child: Child, code: int) -> None:
        """A worker waits for its server: what the dead one ran can then be ended and followed."""
        if child.name == "worker":
            if "prefect" in self.children and not self.children["prefect"].ready():
                return
            self._end_lost_runs()
        if child.revive() is None:
            return
        self.console.step(f"{child.title}退出了（{code}），已重新启动")
        self._write_info()
        if child.name == "worker":
            with contextlib.suppress(*AWAY):  # the server died too: the schedule will do it
                self._start_always_alive()

    def _start_always_alive(self) -> None:
        api = PrefectApi(self.environment["PREFECT_API_URL"])
        for deployment, without in ALWAYS_ALIVE.items():
            if not api.start(deployment):
                self.console.step(f"没有登记 {deployment}，{without}")

    def _end_lost_runs(self) -> None:
        """No worker is alive: what it ran ends as interrupted, and can be run again at once.

        Only where this machine's worker is the only one. Elsewhere the lost heartbeat ends them.
        """
        if not (self.environment and self.embedded and self.own_prefect):
            return
        leftovers.end_runs(self.home)
        with contextlib.suppress(*AWAY):  # without a server: at the next start
            if lost := PrefectApi(self.environment["PREFECT_API_URL"]).crash_lost_runs():
                self.console.step(f"没有跑完的 {lost} 个流程已标为中断")

    def _launch(self, child: Child) -> None:
        self.children[child.name] = child
        child.start()

    def _wait_for(self, name: str) -> None:
        child = self.children[name]
        child.wait_ready(START_SECONDS)
        self.console.step(f"{child.title}已就绪")

    def _write_info(self) -> None:
        running = {name: child.process for name, child in self.children.items()}
        StackInfo(
            pid=os.getpid(),
            home=str(self.home.root),
            started_at=clock.now().isoformat(),
            urls=self.urls,
            ports=asdict(self.ports),
            processes={name: process.pid for name, process in running.items() if process},
        ).write(self.home)

    def _stop_children(self, names: list[str], seconds: float) -> None:
        chosen = [self.children.pop(name) for name in names if name in self.children]
        for child in chosen:
            child.ask_to_stop()
        deadline = time.monotonic() + seconds
        for child in chosen:
            child.stopped(deadline)

    def _stop_database(self) -> None:
        leftovers.end_all(self.home)
        if self._postgres:
            self._postgres.unregister()
            self._postgres.stop()
            self._postgres = None
