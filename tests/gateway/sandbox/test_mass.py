"""Mass messages: tasks, pressing, outcomes."""

import time
from typing import Any

import httpx
import pytest

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import CONTACT_SECRET, SandboxServer

LINK = {"msgtype": "link", "link": {"title": "十一月账单", "url": "http://127.0.0.1/b/1"}}


def test_nothing_arrives_before_the_member_presses(sandbox: SandboxServer, contact: Caller) -> None:
    reply = contact.mass("wm1", "wm2", text="看 http://127.0.0.1/b/1", attachments=[LINK])
    assert reply["fail_list"] == []
    assert contact.results(reply["msgid"]) == {"wm1": 0, "wm2": 0}
    assert sandbox.messages("wm1") == []

    assert sandbox.press("lisi") == {"tasks": 1, "sent": 2, "not_friend": 0, "limited": 0}
    assert contact.results(reply["msgid"]) == {"wm1": 1, "wm2": 1}
    [message] = sandbox.messages("wm1")
    assert message["from"] == {"userid": "lisi", "name": "李四"}
    assert message["links"] == ["http://127.0.0.1/b/1", "http://127.0.0.1/b/1"]
    assert message["attachments"][0]["link"]["title"] == "十一月账单"


def test_the_task_says_who_has_pressed(sandbox: SandboxServer, contact: Caller) -> None:
    msgid = contact.mass("wm1", "wm3")["msgid"]
    sandbox.press("zhaoliu", msgid)
    reply = contact.post("externalcontact/get_groupmsg_task", {"msgid": msgid})
    assert {row["userid"]: row["status"] for row in reply["task_list"]} == {"lisi": 0, "zhaoliu": 2}
    assert ["send_time" in row for row in reply["task_list"]] == [False, True]


def test_one_a_day_then_four_a_month(sandbox: SandboxServer, contact: Caller) -> None:
    sandbox.control("POST", "clock", {"at": "2030-03-01T09:00:00+08:00"})
    statuses = []
    for _ in range(5):
        caller = Caller(sandbox, CONTACT_SECRET)
        first, second = caller.mass("wm1")["msgid"], caller.mass("wm1")["msgid"]
        sandbox.press("lisi")
        statuses.append((caller.results(first)["wm1"], caller.results(second)["wm1"]))
        sandbox.advance(86_400)
    assert statuses == [(1, 3)] * 4 + [(3, 3)]
    assert len(sandbox.messages("wm1")) == 4


def test_the_limits_are_a_setting(sandbox: SandboxServer, contact: Caller) -> None:
    sandbox.control("POST", "limits", {"mass_per_day": 2})
    contact.mass("wm1"), contact.mass("wm1"), contact.mass("wm1")
    assert sandbox.press("lisi") == {"tasks": 3, "sent": 2, "not_friend": 0, "limited": 1}


def test_midnight_in_shanghai_begins_the_day(sandbox: SandboxServer, contact: Caller) -> None:
    sandbox.control("POST", "clock", {"at": "2030-03-05T23:59:00+08:00"})
    caller = Caller(sandbox, CONTACT_SECRET)
    caller.mass("wm1")
    sandbox.press("lisi")
    sandbox.advance(120)
    caller.mass("wm1")
    assert sandbox.press("lisi")["sent"] == 1


def test_who_deleted_the_member_is_not_a_friend(sandbox: SandboxServer, contact: Caller) -> None:
    sandbox.unfriend("wm1")
    msgid = contact.mass("wm1")["msgid"]
    assert sandbox.press("lisi")["not_friend"] == 1
    assert contact.results(msgid) == {"wm1": 2}
    sandbox.control("POST", "customers/wm1/refriend")
    contact.mass("wm1")
    assert sandbox.press("lisi")["sent"] == 1


@pytest.mark.parametrize(
    ("who", "sender", "errcode", "fail_list"),
    [
        (["wm1", "wm9", "wm3"], "lisi", 0, ["wm9", "wm3"]),
        (["wm9"], "lisi", 40096, None),
        (["wm3"], "lisi", 84061, None),
        (["wm3", "wm9"], "lisi", 41048, None),
        (["wm1"], "ghost", 40003, None),
        ([], "", 40058, None),
        ([], "lisi", 0, []),
        (["wm1", "wm3"], "", 0, []),
    ],
)
def test_whom_it_can_reach(
    contact: Caller, who: list[str], sender: str, errcode: int, fail_list: list[str] | None
) -> None:
    reply = contact.mass(*who, sender=sender)
    assert (reply["errcode"], reply.get("fail_list")) == (errcode, fail_list)


def test_whom_the_member_deleted_is_no_customer(sandbox: SandboxServer, contact: Caller) -> None:
    sandbox.unfriend("wm1", by="staff")
    assert contact.mass("wm1", sender="lisi")["errcode"] == 84061
    assert contact.get("externalcontact/get", external_userid="wm1")["errcode"] == 84061


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"chat_type": "group"}, 40058),
        ({"text": "费" * 1334}, 45002),
        ({"text": ""}, 40063),
        ({"attachments": [LINK] * 10}, 41064),
        ({"attachments": [{"msgtype": "hologram"}]}, 41065),
        ({"attachments": [{"msgtype": "link", "link": {"title": "x", "url": "b/1"}}]}, 45034),
        ({"attachments": [{"msgtype": "link", "link": {"url": "http://127.0.0.1"}}]}, 40058),
        ({"attachments": [{"msgtype": "file", "file": {"media_id": "unknown"}}]}, 40007),
        ({"external_userid": "wm1"}, 40058),
        ({"external_userid": [f"wm{n}" for n in range(10_001)]}, 40058),
    ],
)
def test_what_is_refused_makes_no_task(
    sandbox: SandboxServer, contact: Caller, more: dict[str, Any], errcode: int
) -> None:
    assert contact.mass("wm1", **more)["errcode"] == errcode
    assert sandbox.tasks("lisi") == []


def test_ignored_can_be_taken_up_again(sandbox: SandboxServer, contact: Caller) -> None:
    msgid = contact.mass("wm1")["msgid"]
    assert sandbox.control("POST", "staff/lisi/ignore", {"msgid": msgid}) == {"tasks": 1}
    assert sandbox.press("lisi")["tasks"] == 0
    assert contact.results(msgid) == {"wm1": 0}
    assert sandbox.press("lisi", msgid)["sent"] == 1


def test_a_task_is_sent_once(sandbox: SandboxServer, contact: Caller) -> None:
    msgid = contact.mass("wm1")["msgid"]
    sandbox.press("lisi", msgid)
    with pytest.raises(httpx.HTTPStatusError) as refused:
        sandbox.press("lisi", msgid)
    assert refused.value.response.status_code == 409
    assert refused.value.response.json() == {"error": "这条群发任务已经发送过了"}
    assert len(sandbox.messages("wm1")) == 1


def test_cancel_stops_only_what_was_not_sent(sandbox: SandboxServer, contact: Caller) -> None:
    msgid = contact.mass("wm1", "wm3")["msgid"]
    sandbox.press("lisi", msgid)
    assert contact.post("externalcontact/cancel_groupmsg_send", {"msgid": msgid})["errcode"] == 0
    assert sandbox.press("zhaoliu")["tasks"] == 0
    assert (contact.results(msgid), contact.results(msgid, "zhaoliu")) == ({"wm1": 1}, {"wm3": 0})
    assert (
        contact.post("externalcontact/remind_groupmsg_send", {"msgid": msgid})["errcode"] == 41093
    )


def test_three_reminders_a_day(sandbox: SandboxServer, contact: Caller) -> None:
    msgid = contact.mass("wm1")["msgid"]
    errcodes = [
        contact.post("externalcontact/remind_groupmsg_send", {"msgid": msgid})["errcode"]
        for _ in range(4)
    ]
    assert errcodes == [0, 0, 0, 41094]
    assert sandbox.tasks("lisi")[0]["reminders"] == 3


@pytest.mark.parametrize(("msgid", "errcode"), [("", 41046), ("unknown", 41047)])
def test_unknown_mass_messages(contact: Caller, msgid: str, errcode: int) -> None:
    for path in ("get_groupmsg_task", "remind_groupmsg_send", "cancel_groupmsg_send"):
        assert contact.post(f"externalcontact/{path}", {"msgid": msgid})["errcode"] == errcode


def test_results_come_in_pages(sandbox: SandboxServer, contact: Caller) -> None:
    msgid = contact.mass("wm1", "wm2")["msgid"]
    body = {"msgid": msgid, "userid": "lisi", "limit": 1}
    first = contact.post("externalcontact/get_groupmsg_send_result", body)
    body["cursor"] = first["next_cursor"]
    second = contact.post("externalcontact/get_groupmsg_send_result", body)
    found = [reply["send_list"][0]["external_userid"] for reply in (first, second)]
    assert (found, second["next_cursor"]) == (["wm1", "wm2"], "")


def test_the_list_by_time(sandbox: SandboxServer, contact: Caller) -> None:
    msgid = contact.mass("wm1", attachments=[LINK])["msgid"]
    now = sandbox.control("GET", "clock")["epoch"]
    asked = {"chat_type": "single", "start_time": now - 60, "end_time": now + 60}
    [listed] = contact.post("externalcontact/get_groupmsg_list_v2", asked)["group_msg_list"]
    assert (listed["msgid"], listed["text"]) == (msgid, {"content": "账单已出"})
    asked["start_time"] -= 40 * 86_400
    assert contact.post("externalcontact/get_groupmsg_list_v2", asked)["errcode"] == 40058


def test_five_hundred_tasks_are_pressed_at_once(sandbox: SandboxServer, contact: Caller) -> None:
    names = [f"wmx{n}" for n in range(500)]
    sandbox.seed(
        customers=[{"external_userid": n, "name": "客", "followers": ["lisi"]} for n in names]
    )
    for name in names:
        contact.mass(name)
    began = time.monotonic()
    assert sandbox.press("lisi")["sent"] == 500
    assert time.monotonic() - began < 2
