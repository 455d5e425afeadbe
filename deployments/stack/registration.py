"""prefect.yaml to the Prefect server: only when something of it changed since the last time."""

import hashlib
import subprocess
from collections.abc import Mapping
from importlib.metadata import version

from deployments.stack.environment import PROJECT
from deployments.stack.errors import PartFailed
from deployments.stack.home import Home
from deployments.stack.logs import fresh_log, tail
from deployments.stack.prefect_api import PrefectApi

VARIABLE = "wuye_deployed"
DEPLOY = ["prefect", "--no-prompt", "deploy", "--all"]


class Registration:
    """`prefect deploy --all` under way, or spared."""

    def __init__(self, api: PrefectApi, home: Home, environment: Mapping[str, str]) -> None:
        self.api = api
        self.log = home.logs / "deploy.log"
        self.home = home
        self.environment = environment
        self.fingerprint = fingerprint()
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self, launcher: list[str]) -> bool:
        """Start deploying unless this database has exactly these flows. Was it started?"""
        if not declared() or self.api.recall(VARIABLE) == self.fingerprint:
            return False
        with fresh_log(self.home, "deploy").open("ab") as log:
            self.process = subprocess.Popen(
                [*launcher, *DEPLOY],
                cwd=PROJECT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return True

    def finish(self) -> None:
        """Wait, drop what prefect.yaml no longer names, remember. `PartFailed` if it failed."""
        if self.process is None:
            return
        if self.process.wait():
            raise PartFailed(f"流程没有登记成功，日志在 {self.log}：\n{tail(self.log, 30)}")
        wanted = declared()
        for deployment in self.api.deployments():
            if (deployment["entrypoint"], deployment["name"]) not in wanted:
                self.api.delete_deployment(deployment["id"])
        self.api.remember(VARIABLE, self.fingerprint)

    def cancel(self) -> None:
        """The stack stops: so does this."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def fingerprint() -> str:
    """Changes with prefect.yaml, any flow, the folder of the code, or Prefect itself."""
    seen = hashlib.sha256(f"{PROJECT}\n{version('prefect')}\n".encode())
    for file in [PROJECT / "prefect.yaml", *sorted(PROJECT.glob("flows/**/*.py"))]:
        seen.update(f"{file.relative_to(PROJECT)}\n".encode())
        seen.update(file.read_bytes())
    return seen.hexdigest()


def declared() -> set[tuple[str, str]]:
    """(entrypoint, name) of each deployment in prefect.yaml."""
    import yaml  # comes with prefect

    file = PROJECT / "prefect.yaml"
    entries = yaml.safe_load(file.read_text("utf-8")).get("deployments") or []
    return {(entry["entrypoint"], entry["name"]) for entry in entries}
