"""The environment every process of a stack gets: settings, secrets, addresses, Prefect's settings."""

import os
import sys
from pathlib import Path

from deployments.stack import ports as stack_ports
from deployments.stack import secrets
from deployments.stack.databases import business_url, prefect_database_url
from deployments.stack.home import Home, running
from deployments.stack.ports import LOOPBACK, Ports
from gateway.settings import Settings, settings

MARK = "WUYE_STACK_HOME"
"""Carried by every process of a stack; by it the next start knows what a killed one left behind."""

GIVEN = "WUYE_GIVEN_PREFECT_API"
"""The Prefect server a person named, for processes whose PREFECT_API_URL is set by us."""

SANDBOX_POLL_SECONDS = "3"
"""The sandbox counts no calls: who pressed send there sees the result at once."""

PROJECT = Path(__file__).resolve().parents[2]

SILENCE = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # The newer page reports every visit to a tracking service, whatever is set; the older does not.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
}

PREFECT = {
    **SILENCE,
    "PREFECT_CLI_COLORS": "false",
    # A run's heartbeat is lost after 120 s; the automation in prefect_api.py counts on 30.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # Defaults of 1 record about 20 task runs a second.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    # Each idle connection costs a backend of PostgreSQL 30 MB; more are opened while there is work.
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "2",
    # In memory, leases are lost with the server, and their slots are then never given back.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "5",
    # Flow runs are kept for ever unless named here.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


def stack_environment(config: Settings, ports: Ports | None = None) -> dict[str, str]:
    """What children get on top of (and stronger than) this process's own environment.

    Makes the secrets of the embedded default if they are missing. `ports` None: those of the
    stack that runs on this home, else the default ones. `SettingsMissing` names what a person
    must set first.
    """
    home = Home.at(config.home).make()
    at = ports or _running_ports(home) or stack_ports.DEFAULT
    found = secrets.ensure(home, config)
    ours = {
        MARK: str(home.root),
        "WUYE_SOURCE": str(PROJECT),
        "WUYE_HOME": str(home.root),
        "TMPDIR": str(home.tmp),
        "WUYE_ENVIRONMENT": config.environment,
        "WUYE_DATABASE_URL": business_url(config),
        **{key: value for key, value in found.items() if not _is_set(config, key)},
    }
    if secrets.wants_sandbox(config):
        for name in ("WUYE_WECOM_BASE_URL", "WUYE_WECOM_OAUTH_URL", "WUYE_WECOM_LOGIN_URL"):
            ours[name] = at.sandbox_url
        if "mass_poll_seconds" not in config.model_fields_set:
            ours["WUYE_MASS_POLL_SECONDS"] = SANDBOX_POLL_SECONDS
    if "base_url" not in config.model_fields_set:
        ours["WUYE_BASE_URL"] = at.gateway_url
    return ours | _prefect(config, home, at)


def adopt(config: Settings) -> Settings:
    """Take the stack's environment into this process and answer the settings read from it.

    For commands that act beside a running stack: they need its secrets and addresses.
    """
    environment = stack_environment(config)
    environment[MARK] = not_of_a_stack(config)
    take_in(environment)
    settings.cache_clear()
    return settings()


def take_in(environment: dict[str, str]) -> None:
    """Make it this process's own. Prefect, if imported, read its settings already: once more."""
    os.environ.update(environment)
    if context := sys.modules.get("prefect.context"):
        context.refresh_global_settings_context()


def given_prefect_api() -> str | None:
    """The API of a Prefect server that is not ours, if a person named one."""
    return os.environ.get(GIVEN if MARK in os.environ else "PREFECT_API_URL")


def not_of_a_stack(config: Settings) -> str:
    """A mark for what a command starts: of this home, but no stack's leftover."""
    return f"{Home.at(config.home).root}#{os.getpid()}"


def _prefect(config: Settings, home: Home, at: Ports) -> dict[str, str]:
    given = given_prefect_api()
    return {
        **{key: value for key, value in PREFECT.items() if key not in os.environ},
        **({GIVEN: given} if given else {}),
        "PREFECT_HOME": str(home.prefect),
        "PREFECT_API_URL": given or f"{at.prefect_url}/api",
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(at.prefect),
        "PREFECT_API_DATABASE_CONNECTION_URL": prefect_database_url(config),
        # By default it is copied into site-packages, which an ordinary user may not write.
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home.prefect / "ui"),
    }


def _is_set(config: Settings, variable: str) -> bool:
    return getattr(config, variable.removeprefix("WUYE_").lower()) is not None


def _running_ports(home: Home) -> Ports | None:
    info = running(home)
    return Ports(**info.ports) if info else None
