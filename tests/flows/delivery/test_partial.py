"""Accepted, but not for everybody: what the sandbox never answers, WeCom may."""

from collections.abc import Iterator

import pytest

from flows.delivery.looking import look
from flows.delivery.postroom import PostRoom
from gateway.wecom.client import WeComApp
from gateway.wecom.mass import ADD
from gateway.wecom.tokens import MemoryTokenStore
from tests.flows.delivery.rack import Rack
from tests.gateway.wecom.fakeserver import FakeWeCom, Raw, error, ok


@pytest.fixture
def wecom() -> Iterator[FakeWeCom]:
    fake = FakeWeCom()
    yield fake
    fake.close()


@pytest.fixture
def room(rack: Rack, wecom: FakeWeCom) -> PostRoom:
    room = rack.post_room()
    room.to_staff = room.to_owners = WeComApp(
        "wwcorp", "s3cret", 7, base_url=wecom.url, store=MemoryTokenStore()
    )
    return room


@pytest.mark.parametrize(
    ("listed", "code", "says"),
    [
        ("invaliduser", "81013", "不在企业微信里"),
        ("unlicenseduser", "unlicensed", "接口许可"),
    ],
)
def test_a_member_wecom_did_not_reach_is_recorded(
    rack: Rack, room: PostRoom, wecom: FakeWeCom, listed: str, code: str, says: str
) -> None:
    wecom.answer("message/send", ok(msgid="m1", **{listed: "lisi"}))
    missed, reached = rack.note("lisi"), rack.note("zhaoliu")
    tally = rack.deliver(room)
    assert (tally.sent, tally.dead) == (1, 1)
    assert rack.status(missed, reached) == ["failed", "sent"]
    assert rack.tries(missed) == [("failed", code)]
    assert says in str(rack.letter(missed).failure_reason)


def test_an_owner_left_out_of_an_accepted_task_is_tried_tomorrow(
    rack: Rack, room: PostRoom, wecom: FakeWeCom
) -> None:
    wecom.answer(ADD, ok(msgid="m1", fail_list=["wm1"]))
    letter = rack.bill("wm1")
    assert rack.deliver(room).later == 1
    assert rack.tries(letter) == [("failed", "41048")]
    assert not rack.deliver(room)
    rack.clock.on(hours=21)
    assert rack.deliver(room).later == 1
    for _ in range(6):
        rack.clock.on(days=1)
        rack.deliver(room)
    assert rack.status(letter) == ["failed"]
    assert "重新扫码" in str(rack.letter(letter).failure_reason)


def test_a_task_that_vanished_is_dead_with_a_reason(
    rack: Rack, room: PostRoom, wecom: FakeWeCom
) -> None:
    wecom.answer(ADD, ok(msgid="m1"))
    wecom.answer("externalcontact/get_groupmsg_send_result", error(-1), error(41047))
    letter = rack.bill("wm1")
    rack.deliver(room)
    assert not look(room, everything=True)
    assert look(room, everything=True).dead == 1
    assert "已不存在" in str(rack.letter(letter).failure_reason)


def test_a_follower_who_left_the_company_is_named_as_the_cause(
    rack: Rack, room: PostRoom, wecom: FakeWeCom
) -> None:
    wecom.answer(ADD, error(40003))
    letter = rack.bill("wm1")
    assert rack.deliver(room).dead == 1
    assert "跟进这位业主的员工" in str(rack.letter(letter).failure_reason)


def test_an_outage_behind_the_gateway_pauses_and_is_looked_into_first(
    rack: Rack, room: PostRoom, wecom: FakeWeCom
) -> None:
    wecom.answer(ADD, Raw(b"bad gateway", status=502), ok(msgid="m2"))
    text: list[str] = []

    def listing(_call: object) -> object:
        return ok(group_msg_list=[{"msgid": "m1", "text": {"content": text[0]}}])

    wecom.answer("externalcontact/get_groupmsg_list_v2", listing)
    letter = rack.bill("wm1")
    assert rack.deliver(room).paused == ["企业微信的服务暂时不正常，稍后自动重试"]
    text.append(wecom.last(ADD).json["text"]["content"])
    rack.clock.on(seconds=10)
    assert rack.deliver(room).awaiting == 1
    assert wecom.counts()[ADD] == 1
    assert rack.tries(letter) == [("awaiting_staff", None)]
    assert rack.letter(letter).tries == 0
    assert rack.pauses() == []
