"""The same processes one by one, where something else keeps them alive: containers, systemd."""

import os

from deployments.stack import databases
from deployments.stack.environment import stack_environment
from deployments.stack.errors import PartFailed
from deployments.stack.home import Home
from deployments.stack.parts import Parts, cold_launcher
from deployments.stack.ports import Ports
from deployments.stack.prefect_api import PrefectApi
from deployments.stack.registration import Registration, declared
from gateway.settings import Settings


def command(
    settings: Settings, part: str, *, host: str, ports: Ports
) -> tuple[list[str], dict[str, str]]:
    """The command line of a part and its environment. `SettingsMissing` as everywhere."""
    environment = stack_environment(settings, ports)
    environment["PREFECT_SERVER_API_HOST"] = host
    if part == "prefect":
        databases.create_databases(settings)
    parts = Parts(Home.at(settings.home), environment, ports, host=host)
    made = {
        "prefect": parts.prefect,
        "worker": lambda: parts.worker(cold_launcher()),
        "gateway": parts.gateway,
    }[part]()
    return made.command, environment


def register(settings: Settings) -> int:
    """Pool, automation and deployments at PREFECT_API_URL; the answer is how many deployments."""
    environment = stack_environment(settings)
    api = PrefectApi(environment["PREFECT_API_URL"])
    if not api.healthy():
        raise PartFailed(f"流程服务 {api.url} 连不上，请检查 PREFECT_API_URL。")
    api.ensure_pool(None)
    registration = Registration(api, Home.at(settings.home), {**os.environ, **environment})
    registration.begin(cold_launcher())
    api.ensure_automations()
    registration.finish()
    return len(declared())
