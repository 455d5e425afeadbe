"""Letters to colleagues over real HTTP: every answer WeCom can give, and exactly one message."""

from dataclasses import replace

import pytest

from domain.staff.model import Staff
from tests.flows.delivery.rack import FAST, Rack, app


def test_a_letter_is_on_the_phone(rack: Rack) -> None:
    letter = rack.note()
    assert rack.deliver().sent == 1
    assert rack.status(letter) == ["sent"]
    assert len(rack.sandbox.messages("lisi")) == 1
    assert rack.tries(letter) == [("sent", None)]
    assert rack.history(letter) == ["claim", "deliver"]
    assert not rack.deliver()


def test_a_busy_wecom_is_asked_again_later(rack: Rack) -> None:
    rack.sandbox.faults({"path": "message/send", "errcode": -1, "times": 2})
    letter = rack.note()
    assert rack.deliver().later == 1
    assert rack.status(letter) == ["queued"]
    assert not rack.deliver()
    rack.clock.on(seconds=10)
    rack.deliver()
    rack.clock.on(seconds=20)
    assert rack.deliver().sent == 1
    assert rack.tries(letter) == [("failed", "-1"), ("failed", "-1"), ("sent", None)]
    assert len(rack.sandbox.messages("lisi")) == 1


def test_a_wecom_that_stays_busy_is_given_up_with_a_reason(rack: Rack) -> None:
    rack.sandbox.faults({"path": "message/send", "errcode": -1, "times": 8})
    letter = rack.note()
    for _ in range(8):
        rack.deliver()
        rack.clock.on(hours=2)
    assert rack.status(letter) == ["failed"]
    assert "企业微信一直繁忙" in str(rack.letter(letter).failure_reason)
    assert rack.letter(letter).tries == 8
    assert rack.sandbox.messages("lisi") == []


@pytest.mark.parametrize("fault", [{"errcode": -1}, {"delay_seconds": 2, "errcode": -1}])
def test_a_wecom_that_is_away_is_waited_for_and_no_letter_is_given_up(
    rack: Rack, fault: dict[str, object]
) -> None:
    rack.sandbox.faults({"path": "message/send", "times": 6, **fault})
    letters = [rack.note() for _ in range(20)]
    room = rack.impatient(away_after=3, threads=1, most_tries=2)
    rack.deliver(room)
    assert rack.sandbox.calls("message/send") == 3  # the others were never tried
    for _ in range(3):  # one letter asks each time
        rack.clock.on(minutes=10)
        rack.deliver(room)
    assert rack.sandbox.calls("message/send") == 6
    rack.clock.on(minutes=10)
    assert rack.deliver().sent == 20
    assert rack.pauses() == []
    assert sum(rack.letter(one).tries for one in letters) == 2, "before WeCom was known to be away"
    assert len(rack.sandbox.messages("lisi")) == 20


def test_over_the_frequency_limit_the_channel_rests_and_nobody_is_charged(rack: Rack) -> None:
    rack.sandbox.faults({"path": "message/send", "errcode": 45009, "times": 2})
    letters = [rack.note() for _ in range(20)]
    tally = rack.deliver(rack.post_room(replace(FAST, threads=1)))
    assert (tally.sent, tally.later) == (0, 20)
    assert rack.pauses() == [("app_message", "45009", 1)]
    assert rack.sandbox.calls("message/send") == 1  # the others were never tried
    rack.clock.on(seconds=59)
    assert not rack.deliver()
    rack.clock.on(seconds=1)
    rack.deliver()  # one letter asks; still over the limit: now for an hour
    assert rack.pauses() == [("app_message", "45009", 2)]
    rack.clock.on(hours=1)
    assert rack.deliver().sent == 20
    assert rack.pauses() == []
    assert {rack.letter(one).tries for one in letters} == {0}
    assert len(rack.sandbox.messages("lisi")) == 20


def test_other_trouble_before_it_does_not_make_the_frequency_limit_last_a_day(rack: Rack) -> None:
    """Two bad tokens, then the limit: it is the first time, and rests a minute."""
    rack.sandbox.faults(
        {"path": "message/send", "errcode": 40014, "times": 4},
        {"path": "message/send", "errcode": 45009},
    )
    rack.note()
    for _ in range(2):
        rack.deliver()
        rack.clock.on(minutes=5)
    assert rack.pauses() == [("app_message", "40014", 2)]
    rack.deliver()
    assert rack.pauses() == [("app_message", "45009", 1)]
    rack.clock.on(seconds=60)
    assert rack.deliver().sent == 1


def test_a_pause_of_one_channel_does_not_stop_the_other(rack: Rack) -> None:
    rack.sandbox.faults({"path": "message/send", "errcode": 45009})
    rack.note()
    rack.bill("wm1")
    tally = rack.deliver()
    assert (tally.sent, tally.awaiting) == (0, 1)


def test_a_token_gone_bad_is_renewed_on_the_way(rack: Rack) -> None:
    rack.sandbox.faults({"path": "message/send", "errcode": 40014})
    letter = rack.note()
    assert rack.deliver().sent == 1
    assert rack.letter(letter).tries == 0
    assert len(rack.sandbox.messages("lisi")) == 1


def test_an_untrusted_address_stops_the_channel_and_names_the_address(rack: Rack) -> None:
    rack.sandbox.faults(
        {"path": "message/send", "errcode": 60020, "times": 1,
         "errmsg": "not allow to access from your ip, from ip: 203.0.113.9"},
    )  # fmt: skip
    letter = rack.note()
    tally = rack.deliver()
    assert "203.0.113.9" in tally.paused[0]
    assert rack.status(letter) == ["queued"]
    rack.clock.on(minutes=4)
    assert not rack.deliver()
    rack.clock.on(minutes=1)
    assert rack.deliver().sent == 1
    assert rack.letter(letter).tries == 0


def test_a_wrong_secret_is_not_tried_again_and_again(rack: Rack) -> None:
    room = rack.post_room()
    room.to_staff = app(rack.sandbox, "no-secret-of-ours")
    letters = [rack.note() for _ in range(5)]
    rack.deliver(room)
    for _ in range(3):
        rack.deliver(room)
    assert rack.sandbox.calls("gettoken") == 1
    assert rack.pauses()[0][1] == "40001"
    assert set(rack.status(*letters)) == {"queued"}


def test_nobody_there_is_dead_with_a_reason(rack: Rack) -> None:
    rack.change(Staff, rack.staff["lisi"], wecom_userid="moved-away")
    gone, here = rack.note("lisi"), rack.note("zhaoliu")
    tally = rack.deliver()
    assert (tally.sent, tally.dead) == (1, 1)
    assert rack.status(gone, here) == ["failed", "sent"]
    assert rack.letter(gone).failure_code == "81013"
    assert "不在企业微信里" in str(rack.letter(gone).failure_reason)


def test_who_has_no_account_or_has_left_is_dead_without_a_call(rack: Rack) -> None:
    rack.change(Staff, rack.staff["lisi"], wecom_userid=None)
    rack.change(Staff, rack.staff["zhaoliu"], active=False)
    letters = [rack.note("lisi"), rack.note("zhaoliu")]
    assert rack.deliver().dead == 2
    assert [rack.letter(one).failure_code for one in letters] == ["no_channel", "staff_left"]
    assert "登记企业微信账号" in str(rack.letter(letters[0]).failure_reason)
    assert rack.sandbox.calls("message/send") == 0


def test_a_time_out_after_accepting_leaves_exactly_one_message(rack: Rack) -> None:
    rack.sandbox.faults({"path": "message/send", "accept_then_timeout": True})
    letter = rack.note()
    assert rack.deliver(rack.impatient()).later == 1
    assert rack.tries(letter) == [("unknown", None)]
    rack.clock.on(seconds=10)
    assert rack.deliver().sent == 1
    assert rack.tries(letter) == [("sent", None)]
    assert len(rack.sandbox.messages("lisi")) == 1


def test_a_time_out_before_accepting_leaves_exactly_one_message_too(rack: Rack) -> None:
    rack.sandbox.faults({"path": "message/send", "delay_seconds": 3, "errcode": -1})
    rack.note()
    rack.deliver(rack.impatient())
    assert rack.sandbox.messages("lisi") == []
    rack.clock.on(seconds=10)
    assert rack.deliver().sent == 1
    assert len(rack.sandbox.messages("lisi")) == 1


def test_answers_that_never_come_are_given_up_as_unsure(rack: Rack) -> None:
    rack.sandbox.faults({"path": "message/send", "accept_then_timeout": True, "times": 2})
    letter = rack.note()
    room = rack.impatient(most_tries=2)
    rack.deliver(room)
    rack.clock.on(minutes=1)
    assert rack.deliver(room).dead == 1
    assert "可能已送达" in str(rack.letter(letter).failure_reason)
    assert len(rack.sandbox.messages("lisi")) == 1


def test_no_member_gets_more_than_wecom_delivers(rack: Rack) -> None:
    letters = [rack.note() for _ in range(35)]
    tally = rack.deliver()
    assert (tally.sent, tally.held) == (30, 5)
    rack.clock.on(seconds=59)
    assert not rack.deliver()
    rack.clock.on(seconds=1)
    rack.sandbox.advance(30)  # it ran on while our clock stood still
    assert rack.deliver().sent == 5
    phone = rack.sandbox.control("GET", "phones/lisi/messages?dropped=true")["messages"]
    assert [one["state"] for one in phone] == ["delivered"] * 35
    assert set(rack.status(*letters)) == {"sent"}
    assert {rack.letter(one).tries for one in letters} == {0}


def test_an_unreachable_wecom_is_waited_for(rack: Rack) -> None:
    letter = rack.note()
    rack.sandbox.kill()
    try:
        assert rack.deliver().paused == ["连不上企业微信，网络恢复后自动继续"]
    finally:
        rack.sandbox.start()
    rack.clock.on(seconds=10)
    assert rack.deliver().sent == 1
    assert rack.letter(letter).tries == 0


def test_a_letter_nobody_can_write_keeps_none_of_the_others(rack: Rack) -> None:
    unknown = rack.put("no.such.kind", staff_id=rack.staff["lisi"])
    wrong = rack.put("letters.press_send", staff_id=rack.staff["lisi"], facts={"owners": "many"})
    lost = rack.put("bill_run.awaiting_approval", staff_id=rack.staff["lisi"])
    good = rack.note()
    tally = rack.deliver()
    assert sorted(tally.broken) == [unknown, wrong, lost]
    assert rack.status(unknown, wrong, lost, good) == ["failed", "failed", "failed", "sent"]
    assert "写不出来" in str(rack.letter(wrong).failure_reason)


def test_a_decided_run_asks_nobody_any_more(rack: Rack) -> None:
    letter = rack.put(
        "bill_run.awaiting_approval", staff_id=rack.staff["lisi"], facts={"run": rack.run}
    )
    assert rack.deliver().moot == 1
    assert rack.status(letter) == ["superseded"]


def test_two_letters_alike_in_their_facts_are_two_messages(rack: Rack) -> None:
    facts = {"as_of": rack.clock().isoformat(), "count": 3,
             "reasons": [{"reason": "业主还没有绑定企业微信", "count": 3}]}  # fmt: skip
    for _ in range(2):
        rack.put("letters.dead", staff_id=rack.staff["lisi"], facts=facts)
    assert rack.deliver().sent == 2
    assert len(rack.sandbox.messages("lisi")) == 2
