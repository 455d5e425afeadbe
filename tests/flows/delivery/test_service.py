"""The deliverer as it lives: alone, woken by letters, through a database that goes away."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from domain import clock
from domain.letters import outbox
from domain.letters.bell import bell
from domain.session import connect, transaction
from flows.delivery import rounds, service
from flows.delivery.postroom import PostRoom
from flows.delivery.service import AlreadyDelivering
from tests.flows.delivery.rack import Rack
from tests.flows.delivery.test_killed import until


@dataclass
class Life:
    """A running deliverer and what it said."""

    room: PostRoom
    end: threading.Event = field(default_factory=threading.Event)
    complaints: list[str] = field(default_factory=list)
    rounds: int = 0
    alone: list[bool] = field(default_factory=list)

    def now(self):
        """The real time, until the test is over: then the deliverer's time is up."""
        return clock.now() + (timedelta(days=2) if self.end.is_set() else timedelta())

    def run(self) -> None:
        def heard(_tally):
            self.rounds += 1

        self.alone.append(
            service.serve(
                self.room, until=clock.now() + timedelta(days=1),
                deliver=lambda: rounds.deliver(self.room), heard=heard,
                complain=self.complaints.append,
            )
        )  # fmt: skip


@contextmanager
def living(rack: Rack, url: str) -> Iterator[Life]:
    room = rack.post_room()
    room.engine = connect(url)
    life = Life(room)
    room.now = life.now
    thread = threading.Thread(target=life.run)
    thread.start()
    try:
        until(lambda: life.rounds > 0)
        yield life
    finally:
        life.end.set()
        with transaction(rack.engine) as session:
            outbox.wake(session)
        thread.join(timeout=40)
        room.engine.dispose()
        assert not thread.is_alive()


def test_a_letter_put_in_goes_out_at_once(rack: Rack, database_url: str) -> None:
    rack.real_time()
    with living(rack, database_url) as life:
        before = life.rounds
        for count in (1, 2, 3):
            rack.note()
            started = time.monotonic()
            until(lambda n=count: len(rack.sandbox.messages("lisi")) == n, seconds=5)
            assert time.monotonic() - started < 2
        assert life.rounds - before <= 9  # it slept in between
    assert life.alone == [True]


def test_there_is_one_deliverer(rack: Rack, database_url: str) -> None:
    rack.real_time()
    with living(rack, database_url) as life:
        second = Life(rack.post_room())
        second.run()
        assert second.alone == [False]
        with pytest.raises(AlreadyDelivering, match="已有一个投递"):
            service.once(rack.room)
        assert life.alone == []


def test_a_database_that_went_away_is_waited_for(rack: Rack, database_url: str) -> None:
    rack.real_time()
    with living(rack, database_url) as life:
        cut_everybody_off(rack.engine)
        until(lambda: life.complaints != [], seconds=10)
        rack.note()
        until(lambda: len(rack.sandbox.messages("lisi")) == 1, seconds=10)
        assert life.complaints == ["数据库连接断开，正在重连"]
    assert life.alone == [True]


def test_once_does_all_there_is_and_gives_the_bell_back(rack: Rack) -> None:
    note, bill = rack.note(), rack.bill("wm1")
    assert service.once(rack.room).as_json() == {
        "sent": 1, "awaiting": 1, "reached": 0, "later": 0, "held": 0, "dead": 0, "moot": 0,
        "broken": [], "paused": [],
    }  # fmt: skip
    rack.sandbox.press("lisi")
    assert service.once(rack.room).reached == 1
    assert rack.status(note, bill) == ["sent", "sent"]


def test_the_bell_rings_for_letters_and_its_lock_ends_with_it(engine: Engine) -> None:
    with bell(engine) as held:
        assert held is not None
        assert not held.wait(0)
        with transaction(engine) as session:
            outbox.wake(session)
        assert held.wait(5)
        with bell(engine) as second:
            assert second is None
    with bell(engine) as third:
        assert third is not None


def cut_everybody_off(engine: Engine) -> None:
    """What a restart of PostgreSQL looks like from this database."""
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
