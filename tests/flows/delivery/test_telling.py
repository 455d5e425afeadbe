"""Who must know: clerks of what did not arrive, colleagues of what waits for their press."""

from datetime import datetime

from sqlalchemy import select

from domain.letters.model import Letter
from domain.session import transaction
from domain.staff.model import Staff
from flows.delivery import rounds
from tests.flows.delivery.rack import Rack


def digests(rack: Rack, kind: str) -> list[Letter]:
    with transaction(rack.engine) as session:
        return list(session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)))


def kill(rack: Rack) -> None:
    rack.change(Staff, rack.staff["lisi"], wecom_userid=None)
    rack.put("bill_run.awaiting_approval", staff_id=rack.staff["lisi"], facts={"run": "x"})
    rack.deliver()


def test_clerks_hear_of_dead_letters_once_a_day(rack: Rack) -> None:
    kill(rack)
    rack.clock.on(minutes=9)
    assert rounds.tell(rack.room) == 0  # more may follow
    rack.clock.on(minutes=1)
    assert rounds.tell(rack.room) == 1
    (digest,) = digests(rack, "letters.dead")
    assert digest.staff_id == rack.manager
    assert digest.facts["count"] == 1
    assert "写不出来" in digest.facts["reasons"][0]["reason"]
    assert rounds.tell(rack.room) == 0
    rack.clock.on(days=1)
    assert rounds.tell(rack.room) == 0  # nothing new has died
    kill(rack)
    rack.clock.on(minutes=10)
    assert rounds.tell(rack.room) == 1
    assert digests(rack, "letters.dead")[-1].facts["count"] == 2


def test_a_second_death_of_the_day_waits_for_tomorrow(rack: Rack) -> None:
    kill(rack)
    rack.clock.on(minutes=10)
    rounds.tell(rack.room)
    kill(rack)
    rack.clock.on(minutes=10)
    assert rounds.tell(rack.room) == 0
    rack.clock.on(days=1)
    assert rounds.tell(rack.room) == 1


def test_the_colleague_is_reminded_once_a_day_of_what_waits(rack: Rack) -> None:
    rack.bill("wm1")
    rack.bill("wm2")
    rack.bill("wm3")
    rack.deliver()
    assert rounds.tell(rack.room) == 0
    rack.clock.on(minutes=5)
    assert rounds.tell(rack.room) == 2
    assert rounds.tell(rack.room) == 0
    assert [one.facts["owners"] for one in digests(rack, "letters.press_send")] == [2, 1]
    rack.deliver()
    assert "2 位业主" in str(rack.sandbox.messages("lisi")[0]["content"])
    rack.clock.on(days=1)
    assert rounds.tell(rack.room) == 2


def test_nobody_is_disturbed_at_night(rack: Rack) -> None:
    rack.bill("wm1")
    rack.deliver()
    rack.clock.at = datetime.fromisoformat("2026-11-04T03:00:00+08:00")
    assert rounds.tell(rack.room) == 0
    rack.clock.on(hours=5)
    assert rounds.tell(rack.room) == 1
