"""The office a flow works in: this process's database and keys, and how steps meet its failures."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.client.schemas.objects import State, TaskRun
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from domain.session import connect
from domain.vault import Vault
from flows.faults import quoting_nobody
from gateway.settings import settings

P = ParamSpec("P")
R = TypeVar("R")

# A restarted PostgreSQL is back within seconds; a step is one transaction, so it may run again.
PAUSES = [1.0, 2.0, 4.0, 8.0, 15.0, 30.0]


class NotConfigured(RuntimeError):
    """A flow was started without its settings: an operator's mistake, so it crashes loudly."""


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The business database of this process."""
    url = settings().database_url
    if url is None:
        raise NotConfigured("WUYE_DATABASE_URL is not set for this worker")
    return connect(url)


@lru_cache(maxsize=1)
def vault() -> Vault:
    """The keys for phones and ID numbers."""
    keys = settings().data_keys
    if keys is None:
        raise NotConfigured("WUYE_DATA_KEYS is not set for this worker")
    return Vault.from_setting(keys.get_secret_value())


def database_was_away(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry a step only when the connection broke: anything else would fail again."""
    error = state.result(raise_on_failure=False)
    if isinstance(error, OperationalError | InterfaceError):
        engine().dispose()
        return True
    return False


def step(name: str) -> Callable[[Callable[P, R]], Task[P, R]]:
    """A task that is one transaction: run again when the database was away, never otherwise.

    What breaks in it is told by kind and place: no word of a row reaches Prefect's records.
    """
    made = task(
        task_run_name=name,
        retries=len(PAUSES),
        retry_delay_seconds=PAUSES,
        retry_condition_fn=database_was_away,
    )
    return lambda work: made(quoting_nobody(work))
