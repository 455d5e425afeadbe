"""The flow `inbox` and its service: alone, woken by events, through a database that goes away."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain import clock
from domain.inbox import rack
from domain.inbox.rack import Arrived
from domain.letters.bell import bell
from domain.session import connect, transaction
from flows import office as flow_office
from flows.inbox import InboxForm, inbox
from flows.incoming import service
from flows.incoming.backroom import KEEPER
from flows.incoming.tally import Tally
from gateway.settings import settings
from tests.flows.incoming.conftest import Inbox
from tests.support import sandbox as box


@pytest.fixture
def worker(
    box_of_events: Inbox, worker_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Inbox]:
    """This process set up as a worker beside the sandbox."""
    mine = {
        "WECOM_CORP_ID": box.CORP_ID, "WECOM_AGENT_ID": str(box.AGENT_ID),
        "WECOM_SECRET": box.APP_SECRET, "WECOM_CONTACT_SECRET": box.CONTACT_SECRET,
        "WECOM_BASE_URL": box_of_events.sandbox.url,
    }  # fmt: skip
    for name, value in mine.items():
        monkeypatch.setenv(f"WUYE_{name}", value)
    settings.cache_clear()
    box_of_events.vault = flow_office.vault()
    box_of_events.rack.real_time()
    yield box_of_events
    settings.cache_clear()


def test_once_handles_what_is_there(worker: Inbox) -> None:
    worker.put("view", EventKey="x")
    worker.put("enter_agent", FromUserName="lisi")
    outcome = inbox.fn(InboxForm(once=True))
    assert (outcome["handled"], outcome["unneeded"]) == (1, 1)
    assert worker.outcomes() == ["不需要处理", "已是员工，不需要处理"]


def test_a_second_one_ends_at_once_and_well(worker: Inbox) -> None:
    with bell(worker.engine, lock=KEEPER, channel=rack.WAKE_CHANNEL):
        for form in (InboxForm(once=True), InboxForm()):
            state = inbox.fn(form)
            assert state.message == "已有一个在运行"


def test_events_wake_it_and_a_database_that_went_away_is_waited_for(
    worker: Inbox, database_url: str
) -> None:
    ended, told, complaints = threading.Event(), Tally(), []
    room = worker.room
    room.engine, room.vault = connect(database_url), worker.vault
    room.now = lambda: clock.now() + (timedelta(days=2) if ended.is_set() else timedelta())

    def heard(tally: Tally) -> None:
        nonlocal told
        told += tally

    def live() -> None:
        until = clock.now() + timedelta(days=1)
        service.serve(room, until=until, heard=heard, complain=complaints.append)

    def put(number: int) -> None:
        with transaction(worker.engine) as session:
            event = Arrived(f"n{number}", "view", None, b"")
            rack.put_all(session, [event], at=clock.now())

    thread = threading.Thread(target=live)
    thread.start()
    try:
        for number in (1, 2):
            put(number)
            wait(lambda n=number: told.unneeded == n)
        with worker.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        wait(lambda: complaints != [])
        put(3)
        wait(lambda: told.unneeded == 3)
    finally:
        ended.set()
        with transaction(worker.engine) as session:
            rack.wake(session)
        thread.join(40)
        room.engine.dispose()
    assert not thread.is_alive()
    assert complaints == ["数据库连接断开，正在重连"]


def wait(true, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
