"""A deliverer that is gone: what it had in hand goes out once, and nothing is lost."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from domain.bills.model import Bill
from domain.history.actor import Actor
from domain.letters.model import Channel
from domain.session import transaction
from flows.delivery.posting import post
from flows.delivery.sorting import sort
from flows.delivery.stamping import stamp
from gateway.wecom.mass import ADD
from statemachines import bill as bills
from tests.flows.delivery import deliverer
from tests.flows.delivery.rack import Rack


def until(happened: Callable[[], bool], seconds: float = 30) -> None:
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, "it never happened"
        time.sleep(0.02)


def test_killed_between_accepting_and_stamping(rack: Rack, database_url: str) -> None:
    notes = [rack.note(), rack.note("zhaoliu")]
    bills = [rack.bill("wm1"), rack.bill("wm3")]
    rack.sandbox.faults({"path": "message/send", "accept_then_timeout": True, "times": 1})
    process = deliverer.start(database_url, rack.sandbox)
    until(lambda: rack.sandbox.calls("message/send") == 2)
    process.kill()
    process.wait()
    assert rack.status(*notes) == ["sending", "sending"]
    assert rack.sandbox.calls(ADD) == 0
    assert rack.deliver().awaiting == 2  # what it had not in hand is free
    assert not rack.deliver()
    rack.clock.on(minutes=3)  # its lease is over
    assert rack.deliver().sent == 2
    assert rack.status(*notes) == ["sent", "sent"]
    assert rack.history(notes[0]) == ["claim", "retry", "claim", "deliver"]
    assert [len(rack.sandbox.messages(who)) for who in ("lisi", "zhaoliu")] == [1, 1]
    assert rack.status(*bills) == ["sending", "sending"]


def test_killed_while_tasks_are_made(rack: Rack, database_url: str) -> None:
    bills = [rack.bill("wm1"), rack.bill("wm2"), rack.bill("wm3")]
    rack.sandbox.faults({"path": ADD, "accept_then_timeout": True, "times": 3})
    process = deliverer.start(database_url, rack.sandbox)
    until(lambda: rack.sandbox.calls(ADD) == 3)
    process.kill()
    process.wait()
    rack.clock.on(minutes=3)
    assert rack.deliver().awaiting == 3
    assert rack.sandbox.calls(ADD) == 3
    for who in ("lisi", "zhaoliu"):
        rack.sandbox.press(who)
    assert rack.look(everything=True).reached == 3
    assert rack.status(*bills) == ["sent"] * 3
    assert [len(rack.sandbox.messages(f"wm{n}")) for n in (1, 2, 3)] == [1, 1, 1]


def test_a_lease_without_a_call_is_taken_back(rack: Rack) -> None:
    letter, bill = rack.note(), rack.bill("wm1")
    assert sort(rack.room, Channel.APP_MESSAGE, limit=10)
    assert sort(rack.room, Channel.MASS_MESSAGE, limit=10)
    assert rack.status(letter, bill) == ["sending", "sending"]
    assert not rack.deliver()
    rack.clock.on(minutes=3)
    tally = rack.deliver()
    assert (tally.sent, tally.awaiting) == (1, 1)
    assert len(rack.sandbox.messages("lisi")) == 1
    assert len(rack.sandbox.tasks("lisi")) == 1


def test_two_deliverers_at_once_double_nothing(rack: Rack) -> None:
    notes = [rack.note(who) for _ in range(12) for who in ("lisi", "zhaoliu")]
    bills = [rack.bill(f"wm{n}") for n in (1, 2, 3)]
    rooms = [rack.post_room(), rack.post_room()]
    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(rack.deliver, rooms))
    assert sum(tally.sent for tally in tallies) == len(notes)
    assert sum(tally.awaiting for tally in tallies) == len(bills)
    assert [len(rack.sandbox.messages(who)) for who in ("lisi", "zhaoliu")] == [12, 12]
    assert rack.sandbox.calls("message/send") == len(notes)
    assert rack.sandbox.calls(ADD) == len(bills)


def test_who_was_too_slow_changes_nothing_of_what_another_took_over(rack: Rack) -> None:
    letter = rack.note()
    slow = sort(rack.room, Channel.APP_MESSAGE, limit=10)
    assert slow is not None
    posted = list(post(rack.room, Channel.APP_MESSAGE, slow.envelopes, None))
    rack.clock.on(minutes=3)
    assert rack.deliver().sent == 1
    late = stamp(rack.room, Channel.APP_MESSAGE, posted, lease=slow.lease, trouble=None)
    assert late.sent == 0
    assert rack.history(letter) == ["claim", "retry", "claim", "deliver"]
    assert len(rack.sandbox.messages("lisi")) == 1


def test_a_bill_taken_back_while_its_message_is_on_the_way_is_told_once_all_the_same(
    rack: Rack,
) -> None:
    letter = rack.bill("wm1")
    batch = sort(rack.room, Channel.MASS_MESSAGE, limit=10)
    assert batch is not None
    with transaction(rack.engine) as session:
        found = session.scalar(select(Bill.id).where(Bill.payer_id == rack.owners["wm1"]))
        bills.reverse(session, found, by=Actor.operator(), at=rack.clock(), note="面积有误")
    assert rack.status(letter) == ["sending"], "what is in hand is not taken out of it"
    posted = list(post(rack.room, Channel.MASS_MESSAGE, batch.envelopes, None))
    stamp(rack.room, Channel.MASS_MESSAGE, posted, lease=batch.lease, trouble=None)
    rack.sandbox.press("lisi")
    assert rack.look(everything=True).reached == 1
    assert rack.status(letter) == ["sent"]
    assert len(rack.sandbox.messages("wm1")) == 1
