"""Letters to owners: a colleague presses send, one a day, and nothing twice whatever breaks."""

from dataclasses import replace

from sqlalchemy import delete, select

from domain.bills.model import Bill
from domain.history.actor import Actor
from domain.people.model import PersonChannel
from domain.session import transaction
from gateway.links import read_owner_token
from gateway.wecom.mass import ADD
from statemachines import bill as bills
from statemachines.letter import mark_opened
from tests.flows.delivery.rack import FAST, NOON, Rack, settings_for


def broken_reason(rack: Rack, owner: str) -> str | None:

    with transaction(rack.engine) as session:
        return session.scalar(
            select(PersonChannel.broken_reason).where(PersonChannel.external_userid == owner)
        )


def test_a_bill_reaches_the_owner_when_the_colleague_presses(rack: Rack) -> None:
    letter = rack.bill("wm1")
    assert rack.deliver().awaiting == 1
    assert rack.status(letter) == ["sending"]
    assert rack.tries(letter) == [("awaiting_staff", None)]
    assert rack.sandbox.messages("wm1") == []
    assert not rack.look()  # not yet due
    rack.clock.on(minutes=2)
    assert not rack.look()  # nobody pressed
    rack.sandbox.press("lisi")
    rack.clock.on(minutes=2)
    assert rack.look().reached == 1
    assert rack.status(letter) == ["sent"]
    assert rack.tries(letter) == [("sent", None)]
    (message,) = rack.sandbox.messages("wm1")
    assert "¥123.45" in message["text"]
    assert "王小明" not in message["text"]
    token = message["links"][0].rpartition("/")[2]
    visit = read_owner_token(settings_for(rack.sandbox), token, at=NOON)
    assert (visit.person_id, visit.letter_id) == (rack.owners["wm1"], letter)


def test_looks_grow_rarer_and_one_press_wakes_the_others(rack: Rack) -> None:
    letters = [rack.bill("wm1"), rack.bill("wm2")]
    rack.deliver()
    rack.clock.on(hours=4)
    rack.look()
    asked = rack.sandbox.calls("externalcontact/get_groupmsg_send_result")
    rack.clock.on(minutes=59)
    rack.look()
    assert rack.sandbox.calls("externalcontact/get_groupmsg_send_result") == asked
    rack.sandbox.press("lisi", rack.sandbox.tasks("lisi")[0]["msgid"])
    rack.clock.on(minutes=1)
    assert rack.look().reached == 1
    rack.sandbox.press("lisi")
    rack.clock.on(seconds=30)
    assert rack.look().reached == 1
    assert rack.status(*letters) == ["sent", "sent"]


def test_who_is_no_friend_any_more_is_dead_and_the_contact_broken(rack: Rack) -> None:
    letter = rack.bill("wm1")
    rack.deliver()
    rack.sandbox.unfriend("wm1")
    rack.sandbox.press("lisi")
    assert rack.look(everything=True).dead == 1
    assert rack.status(letter) == ["failed"]
    assert "重新扫码" in str(rack.letter(letter).failure_reason)
    assert "删除" in str(broken_reason(rack, "wm1"))
    following = rack.bill("wm1")
    assert rack.deliver().dead == 1
    assert rack.letter(following).failure_code == "channel_broken"
    assert rack.sandbox.calls(ADD) == 1


def test_a_customer_deleted_by_the_colleague_is_refused_at_once(rack: Rack) -> None:
    rack.sandbox.unfriend("wm1", by="staff")
    letter = rack.bill("wm1")
    assert rack.deliver().dead == 1
    assert rack.letter(letter).failure_code == "84061"
    assert broken_reason(rack, "wm1")


def test_who_had_another_message_today_gets_ours_tomorrow(rack: Rack) -> None:
    rack.sandbox.control("POST", "limits", {"mass_per_day": 0})
    letter = rack.bill("wm1")
    rack.deliver()
    rack.sandbox.press("lisi")
    assert rack.look(everything=True).later == 1
    assert rack.status(letter) == ["queued"]
    assert rack.letter(letter).not_before.astimezone(NOON.tzinfo).isoformat() == (
        "2026-11-04T09:00:00+08:00"
    )
    rack.sandbox.control("POST", "limits", {"mass_per_day": 1})
    rack.clock.on(hours=21)
    assert rack.deliver().awaiting == 1
    rack.sandbox.press("lisi")
    assert rack.look(everything=True).reached == 1
    assert rack.tries(letter) == [("failed", "3"), ("sent", None)]
    assert len(rack.sandbox.messages("wm1")) == 1


def test_one_owner_gets_one_message_a_day_and_letters_travel_together(rack: Rack) -> None:
    first = rack.bill("wm1")
    rack.deliver()
    later = [rack.bill("wm1"), rack.bill("wm1")]
    assert rack.deliver().held == 2  # one at a time waits to be pressed
    assert rack.status(*later) == ["queued", "queued"]
    rack.sandbox.press("lisi")
    rack.look(everything=True)
    rack.clock.on(hours=21)
    third = rack.bill("wm1")
    assert rack.deliver().awaiting == 3
    assert len(rack.sandbox.tasks("lisi")) == 2
    rack.sandbox.press("lisi")
    assert rack.look(everything=True).reached == 3
    text = rack.sandbox.tasks("lisi")[0]["text"]
    assert text.count("您好") == 1
    assert text.count("https://") == 3
    assert rack.status(first) == ["sent"]
    assert len({tuple(rack.tries(one)) for one in [*later, third]}) == 1


def test_sent_today_holds_until_tomorrow_and_a_full_month_until_the_next(rack: Rack) -> None:
    for _ in range(4):
        rack.bill("wm1")
        rack.deliver()
        rack.sandbox.press("lisi")
        assert rack.look(everything=True).reached == 1
        rack.clock.on(days=1)
    fifth = rack.bill("wm1")
    assert rack.deliver().held == 1
    assert rack.letter(fifth).not_before.astimezone(NOON.tzinfo).isoformat() == (
        "2026-12-01T09:00:00+08:00"
    )


def test_without_a_contact_the_clerk_is_told_what_to_do(rack: Rack) -> None:

    with transaction(rack.engine) as session:
        session.execute(delete(PersonChannel))
    letter = rack.bill("wm1")
    assert rack.deliver().dead == 1
    assert rack.letter(letter).failure_code == "no_channel"
    assert rack.letter(letter).failure_reason == (
        "业主还没有绑定企业微信，请打印纸质账单，或让业主扫房间码绑定"
    )


def test_a_task_whose_answer_was_lost_is_found_and_not_made_twice(rack: Rack) -> None:
    rack.sandbox.faults({"path": ADD, "accept_then_timeout": True})
    letters = [rack.bill("wm1"), rack.bill("wm1")]
    assert rack.deliver(rack.impatient()).later == 2
    rack.rename("wm1", "赵大山")  # what was handed over is repeated, not what is true now
    rack.clock.on(seconds=10)
    assert rack.deliver().awaiting == 2
    assert len(rack.sandbox.tasks("lisi")) == 1
    rack.sandbox.press("lisi")
    assert rack.look(everything=True).reached == 2
    assert rack.status(*letters) == ["sent", "sent"]
    assert len(rack.sandbox.messages("wm1")) == 1


def test_a_task_that_was_never_made_is_made(rack: Rack) -> None:
    rack.sandbox.faults({"path": ADD, "delay_seconds": 3, "errcode": -1})
    rack.bill("wm1")
    rack.deliver(rack.impatient())
    assert rack.sandbox.tasks("lisi") == []
    rack.clock.on(seconds=10)
    assert rack.deliver().awaiting == 1
    assert len(rack.sandbox.tasks("lisi")) == 1


def test_while_looking_fails_nothing_is_made(rack: Rack) -> None:
    rack.sandbox.faults({"path": ADD, "accept_then_timeout": True})
    letter = rack.bill("wm1")
    rack.deliver(rack.impatient())
    rack.clock.on(seconds=10)
    rack.sandbox.faults({"path": "externalcontact/get_groupmsg_list_v2", "errcode": -1})
    assert rack.deliver().later == 1
    assert rack.sandbox.calls(ADD) == 1
    rack.clock.on(minutes=1)
    assert rack.deliver().awaiting == 1
    assert rack.tries(letter) == [("awaiting_staff", None)]
    assert len(rack.sandbox.tasks("lisi")) == 1


def test_one_who_is_left_out_keeps_nobody_else(rack: Rack) -> None:
    rack.sandbox.faults({"path": ADD, "partial_invalid": ["wm1"]})
    bills = [rack.bill("wm1"), rack.bill("wm2")]
    tally = rack.deliver(rack.post_room(replace(FAST, threads=1)))
    assert (tally.awaiting, tally.dead) == (1, 1)
    assert rack.status(*bills) == ["failed", "sending"]


def test_what_nobody_presses_for_a_week_is_withdrawn_and_dead(rack: Rack) -> None:
    letter = rack.bill("wm1")
    rack.deliver()
    rack.clock.on(days=7)
    assert rack.look().dead == 1
    assert rack.letter(letter).failure_code == "not_pressed"
    assert rack.sandbox.tasks("lisi")[0]["state"] == "cancelled"


def test_a_bill_taken_back_before_it_was_told_is_not_told(rack: Rack) -> None:

    letter = rack.bill("wm1")
    with transaction(rack.engine) as session:
        found = session.scalar(select(Bill.id).where(Bill.payer_id == rack.owners["wm1"]))
        bills.reverse(session, found, by=Actor.operator(), at=rack.clock(), note="面积有误")
    assert rack.deliver().moot == 1
    assert rack.status(letter) == ["superseded"]


def test_an_owner_who_opens_before_we_looked_stays_opened(rack: Rack) -> None:

    letter = rack.bill("wm1")
    rack.deliver()
    rack.sandbox.press("lisi")
    with transaction(rack.engine) as session:
        mark_opened(session, letter, by=Actor.owner(1, "x"), at=rack.clock())
    assert rack.look(everything=True).reached == 1
    assert rack.status(letter) == ["opened"]
    assert rack.letter(letter).sent_at is not None
