"""The client against the sandbox over real HTTP: what it says and what then is on the phones."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain import clock
from gateway.wecom import mass
from gateway.wecom.client import WeComApp
from gateway.wecom.errors import Refused, Retry, Scope, Sent, verdict
from gateway.wecom.faults import Unanswered
from gateway.wecom.messages import MassText, Text, TextCard
from gateway.wecom.send import outcome, recall, send_text, send_textcard
from gateway.wecom.tokens import MemoryTokenStore
from tests.support import sandbox as box
from tests.support.sandbox import SandboxServer

BILL = MassText("您好，王先生/女士：账单已出。查看明细：https://wuye.example/b/w1")


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """One sandbox for the file."""
    with SandboxServer() as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> SandboxServer:
    """The sandbox with its office and nothing else."""
    server.reset()
    server.seed_office()
    return server


def connected(sandbox: SandboxServer, secret: str, *, seconds: float = 10) -> WeComApp:
    return WeComApp(
        box.CORP_ID, secret, box.AGENT_ID, base_url=sandbox.url, store=MemoryTokenStore(),
        timeout=(seconds, seconds),
    )  # fmt: skip


@pytest.fixture
def staff(sandbox: SandboxServer) -> WeComApp:
    """The app that writes to colleagues."""
    return connected(sandbox, box.APP_SECRET)


@pytest.fixture
def contact(sandbox: SandboxServer) -> WeComApp:
    """The app that writes to owners."""
    return connected(sandbox, box.CONTACT_SECRET)


def test_a_card_reaches_colleagues_and_names_whom_it_did_not(
    sandbox: SandboxServer, staff: WeComApp
) -> None:
    card = TextCard("待审批", "共 3 张<br>合计 ¥9.00", "https://wuye.example/act/x", "去审批")
    sent = send_textcard(staff, ["LiSi", "Nobody"], card)
    assert (bool(sent.msgid), sent.invalid) == (True, ("Nobody",))
    assert len(sandbox.messages("lisi")) == 1
    recall(staff, sent.msgid)


def test_nobody_reached_is_a_refusal_of_the_letter(staff: WeComApp) -> None:
    found = outcome(lambda: send_text(staff, ["nobody"], Text("x")))
    assert isinstance(found, Refused)
    assert (found.code, found.scope) == (81013, Scope.LETTER)


def test_a_message_accepted_without_an_answer_arrives_once(
    sandbox: SandboxServer, staff: WeComApp
) -> None:
    sandbox.faults({"path": "message/send", "accept_then_timeout": True})
    impatient = connected(sandbox, box.APP_SECRET, seconds=1)
    first = outcome(lambda: send_text(impatient, ["lisi"], Text("明早停水")))
    assert isinstance(first, Retry)
    assert first.maybe_accepted
    assert isinstance(outcome(lambda: send_text(staff, ["lisi"], Text("明早停水"))), Sent)
    assert len(sandbox.messages("lisi")) == 1


@pytest.mark.parametrize(
    ("code", "kind", "scope"),
    [
        (-1, Retry, Scope.LETTER), (45009, Retry, Scope.APP), (60020, Refused, Scope.APP),
        (81013, Refused, Scope.LETTER),
    ],
)  # fmt: skip
def test_a_bad_answer_is_a_verdict_and_nothing_arrives(
    sandbox: SandboxServer, staff: WeComApp, code: int, kind: type, scope: Scope
) -> None:
    sandbox.faults({"path": "message/send", "errcode": code})
    found = outcome(lambda: send_text(staff, ["lisi"], Text("x")))
    assert isinstance(found, (Retry, Refused))
    assert (type(found), found.scope, found.code) == (kind, scope, code)
    assert sandbox.messages("lisi") == []


def test_a_token_that_went_bad_is_renewed_on_the_way(
    sandbox: SandboxServer, staff: WeComApp
) -> None:
    sandbox.faults({"path": "message/send", "errcode": 40014})
    assert isinstance(outcome(lambda: send_text(staff, ["lisi"], Text("x"))), Sent)
    assert sandbox.calls("gettoken") == 2


def test_a_wrong_secret_stops_the_channel_after_one_try(sandbox: SandboxServer) -> None:
    app = connected(sandbox, "not-the-secret")
    for _ in range(3):
        found = outcome(lambda: send_text(app, ["lisi"], Text("x")))
        assert isinstance(found, Refused)
        assert (found.code, found.scope) == (40001, Scope.APP)
    assert sandbox.calls("gettoken") == 1


def test_an_owner_is_reached_when_the_colleague_presses_send(
    sandbox: SandboxServer, contact: WeComApp
) -> None:
    task = mass.send_mass(contact, sender="lisi", customers=["wm1", "wm3"], message=BILL)
    assert [step.status for step in mass.mass_task(contact, task.msgid)] == [mass.Pressed.WAITING]
    assert sandbox.messages("wm1") == []
    mass.remind(contact, task.msgid)
    sandbox.press("lisi", task.msgid)
    assert [step.status for step in mass.mass_task(contact, task.msgid)] == [mass.Pressed.SENT]
    reached = {
        one.external_userid: one.status for one in mass.mass_result(contact, task.msgid, "lisi")
    }
    assert reached["wm1"] is mass.Reached.SENT
    assert task.fail_list == ("wm3",)  # somebody else's customer
    assert len(sandbox.messages("wm1")) == 1


def test_a_task_whose_answer_was_lost_is_found_again(
    sandbox: SandboxServer, contact: WeComApp
) -> None:
    since = clock.now()
    sandbox.faults({"path": mass.ADD, "accept_then_timeout": True})
    impatient = connected(sandbox, box.CONTACT_SECRET, seconds=1)
    with pytest.raises(Unanswered) as caught:
        mass.send_mass(impatient, sender="lisi", customers=["wm1"], message=BILL)
    found = verdict(caught.value)
    assert isinstance(found, Retry)
    assert found.maybe_accepted
    window = {"since": since, "until": since + timedelta(minutes=1)}
    msgid = mass.find_mass(contact, sender="lisi", message=BILL, **window)
    assert msgid == sandbox.tasks("lisi")[0]["msgid"]
    assert mass.find_mass(contact, sender="zhaoliu", message=BILL, **window) is None


def test_a_restarted_wecom_is_met_with_patience(sandbox: SandboxServer, staff: WeComApp) -> None:
    send_text(staff, ["lisi"], Text("before"))
    sandbox.kill()
    gone = outcome(lambda: send_text(staff, ["lisi"], Text("after")))
    assert isinstance(gone, Retry)
    sandbox.start()
    assert isinstance(outcome(lambda: send_text(staff, ["lisi"], Text("after"))), Sent)
