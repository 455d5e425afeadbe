"""The processes of a stack: what each runs and how one sees that it serves."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from deployments.stack.child import Child
from deployments.stack.home import Home
from deployments.stack.ports import LOOPBACK, Ports
from deployments.stack.prefect_api import POOL, PrefectApi
from deployments.stack.rest import answers
from domain import clock

WARM_CLIENT = Path(__file__).resolve().parents[1] / "warm" / "client.py"
KEEP_ALIVE_SECONDS = 75


class Parts:
    """Makes the children of one stack; starts none."""

    def __init__(
        self, home: Home, environment: Mapping[str, str], ports: Ports, *, host: str = LOOPBACK
    ) -> None:
        self.host = host
        self.home = home
        self.environment = environment
        self.ports = ports
        self.warm_socket = home.short(home.root) / "warm.sock"

    def warm(self) -> Child:
        """The interpreter that flow runs are forked from."""
        socket = self.warm_socket
        socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        socket.unlink(missing_ok=True)
        run = [sys.executable, "-m", "deployments.warm.server", str(socket)]
        return self._child("warm", "预热进程", run, socket.exists)

    def prefect(self) -> Child:
        """Prefect's server: schedules, runs, its page."""
        api = PrefectApi(f"{self.ports.prefect_url}/api")
        run = [sys.executable, "-m", "prefect", "server", "start"]
        return self._child("prefect", "流程服务", run, api.healthy)

    def worker(self, launcher: list[str] | None = None) -> Child:
        """Takes flow runs from the pool; itself a fork of the warm interpreter unless told how."""
        api = PrefectApi(self.environment["PREFECT_API_URL"])
        start = ["prefect", "worker", "start", "--pool", POOL, "--type", "process"]
        run = [*(launcher or self.warm_launcher()), *start, "--install-policy", "never"]
        since = clock.now()
        return self._child("worker", "流程执行进程", run, lambda: api.worker_heard(since))

    def gateway(self) -> Child:
        """The desk, the owners' pages, the callback."""
        run = gateway_command(self.host, self.ports.gateway)
        ready = f"{self.ports.gateway_url}/health"
        return self._child("gateway", "网页服务", run, lambda: answers(ready))

    def sandbox(self) -> Child:
        """The local WeCom."""
        run = [sys.executable, "-m", "gateway.sandbox", "--port", str(self.ports.sandbox)]
        run += ["--state", str(self.home.sandbox)]
        ready = f"{self.ports.sandbox_url}/_sandbox/health"
        return self._child("sandbox", "企业微信沙盒", run, lambda: answers(ready))

    def warm_launcher(self) -> list[str]:
        """Runs a module in a fork of the warm interpreter."""
        return [sys.executable, "-I", "-S", str(WARM_CLIENT), str(self.warm_socket)]

    def _child(self, name: str, title: str, command: list[str], ready: Callable[[], bool]) -> Child:
        return Child(name, title, command, self.environment, self.home, ready)


def gateway_command(host: str, port: int) -> list[str]:
    """Serves the pages. A connection is kept while a person reads, and longer than proxies keep
    theirs (a minute): so none sends a request into a line that is just being closed.
    """
    run = [sys.executable, "-m", "uvicorn", "gateway.web.app:create_app", "--factory"]
    run += ["--host", host, "--port", str(port)]
    return [*run, "--no-access-log", "--timeout-keep-alive", str(KEEP_ALIVE_SECONDS)]


def cold_launcher() -> list[str]:
    """Runs a module in a new interpreter."""
    return [sys.executable, "-m"]
