"""Mass messages to owners: the task, who pressed send, whom it reached."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.wecom.client import WeComApp
from gateway.wecom.faults import Garbled, NotSendable
from gateway.wecom.mass import (
    CustomerResult,
    MassTask,
    Pressed,
    Reached,
    StaffStep,
    cancel,
    find_mass,
    mass_result,
    mass_task,
    remind,
    send_mass,
)
from gateway.wecom.messages import MassText
from tests.gateway.wecom.fakeserver import Answer, Call, FakeWeCom, ok

ADD = "externalcontact/add_msg_template"
LIST = "externalcontact/get_groupmsg_list_v2"
TASK = "externalcontact/get_groupmsg_task"
RESULT = "externalcontact/get_groupmsg_send_result"
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BILL = MassText("您好，王先生/女士：…查看明细：https://wuye.example/b/w1")


def test_the_task_names_the_colleague_and_the_customers(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer(ADD, ok(msgid="g-1", fail_list=["wm2"]))
    task = send_mass(app, sender="zhang", customers=["wm1", "wm2"], message=BILL)
    assert task == MassTask("g-1", ("wm2",))
    assert wecom.last(ADD).json == {
        "chat_type": "single",
        "external_userid": ["wm1", "wm2"],
        "sender": "zhang",
        "text": {"content": BILL.content},
    }


def test_a_task_can_never_go_to_all_customers_of_a_colleague(
    wecom: FakeWeCom, app: WeComApp
) -> None:
    with pytest.raises(ValueError, match="customers"):
        send_mass(app, sender="zhang", customers=[], message=BILL)
    for sender, customer in (("", "wm1"), ("zhang", "")):
        with pytest.raises(NotSendable):
            send_mass(app, sender=sender, customers=[customer], message=BILL)
    assert wecom.calls == []


def test_who_pressed_send_is_read_page_by_page(wecom: FakeWeCom, app: WeComApp) -> None:
    stamp = int(AT.timestamp())
    wecom.answer(
        TASK,
        ok(task_list=[{"userid": "zhang", "status": 2, "send_time": stamp}], next_cursor="c"),
        ok(task_list=[{"userid": "li", "status": 0}, {"userid": "wu", "status": 1}]),
    )
    assert mass_task(app, "g-1") == [
        StaffStep("zhang", Pressed.SENT, AT),
        StaffStep("li", Pressed.WAITING, None),
        StaffStep("wu", Pressed.WAITING, None),
    ]
    assert wecom.last(TASK).json == {"msgid": "g-1", "limit": 1000, "cursor": "c"}


def test_whom_it_reached(wecom: FakeWeCom, app: WeComApp) -> None:
    rows = [{"external_userid": f"wm{n}", "userid": "zhang", "status": n} for n in (0, 1, 2, 3, 9)]
    wecom.answer(RESULT, ok(send_list=rows, next_cursor=""))
    assert mass_result(app, "g-1", "zhang") == [
        CustomerResult("wm0", Reached.WAITING, None),
        CustomerResult("wm1", Reached.SENT, None),
        CustomerResult("wm2", Reached.NOT_A_FRIEND, None),
        CustomerResult("wm3", Reached.HAD_ANOTHER, None),
        CustomerResult("wm9", Reached.WAITING, None),
    ]


def test_a_cursor_without_end_is_a_fault(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer(TASK, ok(task_list=[], next_cursor="again"))
    with pytest.raises(Garbled):
        mass_task(app, "g-1")


def listed(msgid: str, content: str) -> dict[str, object]:
    return {"msgid": msgid, "create_time": "1764000000", "text": {"content": content}}


def found(app: WeComApp) -> str | None:
    return find_mass(app, sender="Zhang", message=BILL, since=AT, until=AT + timedelta(minutes=1))


def test_a_lost_task_is_found_by_its_text_and_its_colleague(
    wecom: FakeWeCom, app: WeComApp
) -> None:
    owners = {"g-2": "li", "g-3": "zhang"}

    def task_of(call: Call) -> Answer:
        return ok(task_list=[{"userid": owners[call.json["msgid"]], "status": 0}])

    others = [listed("g-0", "别的"), {"msgid": "g-1", "attachments": []}]
    wecom.answer(LIST, ok(group_msg_list=others, next_cursor="p2"), ok(group_msg_list=[
        listed("g-2", BILL.content), listed("g-3", BILL.content + "\n"),
    ]))  # fmt: skip
    wecom.answer(TASK, task_of)
    assert found(app) == "g-3"
    asked = wecom.last(LIST).json
    assert asked["end_time"] - asked["start_time"] == 660
    assert (asked["chat_type"], asked["limit"], asked["cursor"]) == ("single", 100, "p2")


def test_a_task_that_was_never_made_is_not_found(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer(LIST, ok(group_msg_list=[listed("g-0", "别的")]))
    assert found(app) is None
    assert TASK not in wecom.counts()


def test_reminding_and_cancelling_name_the_task(wecom: FakeWeCom, app: WeComApp) -> None:
    remind(app, "g-1")
    cancel(app, "g-1")
    for path in ("remind_groupmsg_send", "cancel_groupmsg_send"):
        assert wecom.last(f"externalcontact/{path}").json == {"msgid": "g-1"}
