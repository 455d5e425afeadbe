"""Seeding, and what the API says about people."""

import time
from typing import Any

import httpx
import pytest

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import AGENT_ID, APP_SECRET, CONTACT_SECRET, SandboxServer


def test_the_same_seed_twice_changes_nothing(sandbox: SandboxServer, app: Caller) -> None:
    app.send()
    assert sandbox.seed_office() == sandbox.seed_office()
    assert len(sandbox.messages("lisi")) == 1
    assert app.send()["errcode"] == 0


def test_a_seed_does_not_mend_a_broken_friendship(sandbox: SandboxServer) -> None:
    friends = sandbox.seed_office()["friendships"]
    sandbox.unfriend("wm1")
    assert sandbox.seed_office()["friendships"] == friends - 1


def test_five_hundred_customers_in_one_call(sandbox: SandboxServer) -> None:
    people = [
        {"external_userid": f"wmy{n}", "name": "客", "followers": ["zhaoliu"]} for n in range(500)
    ]
    began = time.monotonic()
    sandbox.seed(customers=people)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "seed",
    [
        {"customers": [{"external_userid": "wmz", "name": "客", "followers": ["nobody"]}]},
        {"customers": [{"external_userid": "LISI", "name": "客"}]},
        {"customers": [{"external_userid": "lisi", "name": "客"}]},
        {"apps": [{"agent_id": 8, "secret": APP_SECRET, "name": "重复"}]},
        {"apps": [{"agent_id": 8, "secret": CONTACT_SECRET, "name": "重复"}]},
        {"staff": [{"userid": "空 格", "name": "错"}]},
        {"custommers": []},
    ],
)
def test_a_seed_that_contradicts_itself_changes_nothing(
    sandbox: SandboxServer, seed: dict[str, Any]
) -> None:
    before = sandbox.seed()
    with pytest.raises(httpx.HTTPStatusError) as refused:
        sandbox.seed(**seed)
    assert refused.value.response.status_code == 422
    assert refused.value.response.json()["error"]
    assert sandbox.seed() == before


def test_user_get(app: Caller) -> None:
    reply = app.get("user/get", userid="LISI")
    assert (reply["userid"], reply["name"], reply["status"]) == ("lisi", "李四", 1)
    assert "mobile" not in reply
    assert app.get("user/get", userid="ghost")["errcode"] == 60111
    assert app.get("user/get")["errcode"] == 41009


def test_externalcontact_get(contact: Caller) -> None:
    reply = contact.get("externalcontact/get", external_userid="wm1")
    assert reply["external_contact"]["name"] == "王一"
    [follower] = reply["follow_user"]
    assert (follower["userid"], follower["remark"]) == ("lisi", "1-1-101")
    assert contact.get("externalcontact/get", external_userid="wm9")["errcode"] == 40096
    assert contact.get("externalcontact/get")["errcode"] == 41035


def test_the_list_of_phones_counts_what_waits(
    sandbox: SandboxServer, app: Caller, contact: Caller
) -> None:
    app.send()
    contact.mass("wm1")
    phones = sandbox.control("GET", "phones")
    [lisi] = [phone for phone in phones["staff"] if phone["id"] == "lisi"]
    assert (lisi["unread"], lisi["to_press"]) == (1, 1)
    sandbox.press("lisi")
    phones = sandbox.control("GET", "phones")
    assert [phone["id"] for phone in phones["customers"] if phone["unread"]] == ["wm1"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "phones/nobody/messages", None, 404),
        ("POST", "staff/nobody/press", {"all": True}, 404),
        ("POST", "staff/lisi/press", {"msgid": "unknown"}, 404),
        ("POST", "staff/lisi/press", {}, 422),
        ("POST", "customers/nobody/unfriend", {}, 404),
        ("POST", "clock", {}, 422),
        ("POST", "limits", {"mass_per_day": -1}, 422),
    ],
)
def test_a_wrong_lever_is_refused_in_chinese(
    sandbox: SandboxServer, method: str, path: str, body: Any, status: int
) -> None:
    reply = sandbox.http.request(method, f"{sandbox.url}/_sandbox/{path}", json=body)
    assert reply.status_code == status
    assert reply.json()["error"] >= "一"


def test_the_clock(sandbox: SandboxServer) -> None:
    real = sandbox.control("GET", "clock")
    assert real["offset_seconds"] == 0
    moved = sandbox.control("POST", "clock", {"at": "2030-01-01T08:00:00"})
    assert moved["now"].startswith("2030-01-01T08:00:0")
    assert moved["now"].endswith("+08:00")
    assert sandbox.control("POST", "clock", {"offset_seconds": 0})["epoch"] - real["epoch"] < 60


def test_agent_ids_are_stable(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.seed(apps=[{"agent_id": AGENT_ID, "secret": APP_SECRET, "name": "改名"}])
    assert app.send()["errcode"] == 0
    assert sandbox.messages("lisi")[0]["app"]["name"] == "改名"
