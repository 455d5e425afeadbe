"""From a click on a phone, through a real gateway, back to the card."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from pydantic import SecretStr
from sqlalchemy import Engine, delete, select

from deployments.stack.ports import some_free
from domain.bills.model import BillRun, BillRunChunk, Decision
from domain.clock import SHANGHAI
from domain.history.actor import Actor
from domain.inbox.model import CardAnswer
from domain.letters.model import LetterAttempt
from domain.session import transaction
from domain.staff.model import Role, Staff, StaffRole
from domain.vault import Vault, new_key_setting
from gateway.settings import Settings
from gateway.web.app import create_app
from statemachines import bill_run
from tests.flows.incoming.conftest import Inbox
from tests.support import sandbox as box

TOKEN, KEY = "TokenOfTheTest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def until(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def callback(engine: Engine, box_of_events: Inbox) -> Iterator[str]:
    """A gateway that the sandbox calls back, with the vault's keys of this run."""
    config = Settings(
        _env_file=None, secret_key=SecretStr("k" * 43), base_url="http://127.0.0.1",
        data_keys=SecretStr(new_key_setting()), wecom_corp_id=box.CORP_ID,
        wecom_token=SecretStr(TOKEN), wecom_aes_key=SecretStr(KEY),
    )  # fmt: skip
    assert config.data_keys is not None
    box_of_events.room.vault = Vault.from_setting(config.data_keys.get_secret_value())
    port = some_free()
    server = uvicorn.Server(
        uvicorn.Config(create_app(config, engine=engine), port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    url = f"http://127.0.0.1:{port}/wecom/callback"
    box_of_events.sandbox.control("POST", "callback", {"url": url, "token": TOKEN, "aes_key": KEY})
    yield url
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def asked(box_of_events: Inbox) -> Inbox:
    """A run that waits, and two approvers who were sent its card."""
    rack = box_of_events.rack
    rack.real_time()
    with transaction(rack.engine) as session:
        role = Role(code="approvers", name="审批", permissions=["bills.approve"])
        session.add(role)
        session.flush()
        for staff_id in rack.staff.values():
            session.add(StaffRole(staff_id=staff_id, role_id=role.id, community_id=rack.community))
        run = session.get_one(BillRun, rack.run)
        by = Actor.clock("test")
        bill_run.begin(session, run.id, by=by, at=rack.clock())
        for chunk in session.scalars(select(BillRunChunk)):
            chunk.drafted_at = rack.clock()
        session.flush()
        bill_run.submit(session, run.id, by=by, at=rack.clock())
    rack.deliver()
    return box_of_events


def card(inbox: Inbox, who: str) -> dict:
    return inbox.sandbox.messages(who)[-1]


def press(inbox: Inbox, who: str) -> dict:
    path = f"phones/{who}/messages/{card(inbox, who)['id']}/click"
    return inbox.sandbox.control("POST", path, {"key": "claim"})


def handle(inbox: Inbox):
    """A minute later: the gateway's clock is the real one, ours stands still until it is moved."""
    inbox.rack.clock.on(minutes=1)
    return inbox.handle()


def words(inbox: Inbox, who: str) -> str | None:
    return card(inbox, who)["card"]["replaced"]


def test_the_second_who_clicks_reads_who_was_first(asked: Inbox, callback: str) -> None:
    shown = card(asked, "lisi")["content"]
    assert shown["button_list"][0]["text"] == "我来处理"
    assert shown["card_action"]["url"] == shown["jump_list"][0]["url"]
    assert press(asked, "lisi")["delivery"]["state"] == "answered"
    assert handle(asked).handled == 1
    with transaction(asked.engine) as session:
        [first] = session.scalars(select(CardAnswer))
    assert (first.subject, first.staff_name) == (f"bill_run:{asked.rack.run}:claim", "lisi")
    said = f"已由lisi {first.at.astimezone(SHANGHAI):%H:%M} 接手"
    assert words(asked, "lisi") == said
    assert words(asked, "zhaoliu") is None
    asked.rack.clock.on(minutes=7)
    press(asked, "zhaoliu")
    handle(asked)
    assert words(asked, "zhaoliu") == said


def decide(inbox: Inbox, decision: Decision) -> None:
    with transaction(inbox.engine) as session:
        by = Actor.staff(inbox.rack.manager, "周经理")
        bill_run.decide(session, inbox.rack.run, decision, by=by, at=inbox.rack.clock())


def test_after_the_decision_every_card_says_so_once(asked: Inbox, callback: str) -> None:
    press(asked, "lisi")
    handle(asked)
    decide(asked, Decision.APPROVE)
    assert handle(asked).cards >= 2
    assert [words(asked, who) for who in ("lisi", "zhaoliu")] == ["已由周经理批准"] * 2
    assert handle(asked).cards == 0
    with transaction(asked.engine) as session:
        assert set(session.scalars(select(LetterAttempt.response_code))) == {None}


def test_a_click_after_the_decision_reads_it_too(asked: Inbox, callback: str) -> None:
    with transaction(asked.engine) as session:
        session.query(LetterAttempt).update({"response_code": None})
    decide(asked, Decision.REJECT)
    press(asked, "zhaoliu")
    handle(asked)
    assert words(asked, "zhaoliu") == "已由周经理驳回"


def test_a_colleague_who_lost_the_role_is_told_so(asked: Inbox, callback: str) -> None:
    with transaction(asked.engine) as session:
        session.execute(delete(StaffRole).where(StaffRole.staff_id == asked.rack.staff["lisi"]))
    press(asked, "lisi")
    handle(asked)
    assert words(asked, "lisi") == "您已没有审批权限"
    with transaction(asked.engine) as session:
        session.query(Staff).filter(Staff.wecom_userid == "zhaoliu").update({"active": False})
    press(asked, "zhaoliu")
    handle(asked)
    assert words(asked, "zhaoliu") == "您不在员工名单里"
    with transaction(asked.engine) as session:
        assert session.scalars(select(CardAnswer)).all() == []


def test_a_code_that_is_used_or_too_old_harms_nobody(asked: Inbox) -> None:
    task = card(asked, "lisi")["content"]["task_id"]
    facts = {"FromUserName": "lisi", "EventKey": "claim", "TaskId": task, "ResponseCode": "used"}
    asked.put("template_card_event", **facts)
    handle(asked)
    assert str(asked.outcomes()[0]).endswith("接手」，卡片已不能更新")
    asked.put("template_card_event", **{**facts, "TaskId": "somebody-elses"})
    asked.put("template_card_event", **{**facts, "EventKey": "other"})
    handle(asked)
    assert asked.outcomes()[1:] == ["不是本系统发出的卡片"] * 2


def test_tricks_reach_nobody(asked: Inbox, callback: str) -> None:
    event = {"Event": "enter_agent", "FromUserName": "lisi", "CreateTime": 1_795_600_000}
    for trick in ("forged", "unsigned", "wrong_key", "wrong_corp", "stale", "huge", "entity_bomb",
                  "inner_bomb", "malformed"):  # fmt: skip
        told = asked.sandbox.control("POST", "callback/send", {"events": [event], "trick": trick})[
            "deliveries"
        ]
        answers = [one["attempts"][-1]["http_status"] for one in told]
        assert all(400 <= status < 500 for status in answers), (trick, answers)
    assert asked.outcomes() == []
    asked.sandbox.control("POST", "callback/send", {"events": [event], "trick": "duplicated"})
    asked.sandbox.control("POST", "callback/send", {"events": [event] * 2, "trick": "replayed"})
    assert asked.sandbox.control("POST", "callback/verify", {})["ok"] is True
    handle(asked)
    assert asked.outcomes() == ["已是员工，不需要处理"]
