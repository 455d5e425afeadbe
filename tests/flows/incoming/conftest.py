"""A back room over a real sandbox, with approvers who have cards on their phones."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select

from domain.inbox import rack as inbox
from domain.inbox.model import InboundEvent
from domain.inbox.rack import Arrived
from domain.session import transaction
from domain.vault import Vault
from flows.incoming import handling
from flows.incoming.backroom import BackRoom
from flows.incoming.tally import Tally
from tests.flows.delivery.rack import Rack, app
from tests.support import sandbox as box
from tests.support.sandbox import SandboxServer


@pytest.fixture(scope="package")
def running() -> Iterator[SandboxServer]:
    """The process."""
    with SandboxServer() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: SandboxServer) -> SandboxServer:
    """The sandbox with its office and nothing else."""
    running.control("DELETE", "callback")
    running.reset()
    running.seed_office()
    return running


class Inbox:
    """The back room and the rack it works off."""

    def __init__(self, engine: Engine, sandbox: SandboxServer, vault: Vault) -> None:
        self.engine, self.sandbox, self.vault = engine, sandbox, vault
        self.rack = Rack(engine, sandbox, vault)
        self.room = BackRoom(
            engine, vault, app(sandbox, box.APP_SECRET), app(sandbox, box.CONTACT_SECRET),
            now=self.rack.clock,
        )  # fmt: skip
        self.count = 0

    def put(self, event: str, change: str | None = None, **facts: object) -> None:
        """An event as the gateway would have put it in."""
        self.count += 1
        inside = "".join(f"<{key}>{value}</{key}>" for key, value in facts.items())
        message = f"<xml><N>{self.count}</N>{inside}</xml>"
        arrived = Arrived(f"key {self.count}", event, change, self.vault.seal(message))
        with transaction(self.engine) as session:
            inbox.put_all(session, [arrived], at=self.rack.clock())

    def handle(self) -> Tally:
        return handling.drain(self.room)

    def outcomes(self) -> list[str | None]:
        """What became of each event, oldest first: the outcome, or why not."""
        with transaction(self.engine) as session:
            rows = session.scalars(select(InboundEvent).order_by(InboundEvent.id))
            return [row.outcome or row.failure_reason for row in rows]


@pytest.fixture
def box_of_events(engine: Engine, sandbox: SandboxServer, vault: Vault) -> Inbox:
    """The inbox."""
    return Inbox(engine, sandbox, vault)
