"""Callbacks: sealed so that others can open them, delivered, repeated, and abused on purpose."""

import contextlib
from typing import Any

import httpx
import pytest
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.work.crypto import WeChatCrypto

from gateway.wecom.crypto import decrypt_callback, encrypt_callback
from tests.gateway.sandbox.receiver import AES_KEY, TOKEN, Receiver
from tests.support.sandbox import AGENT_ID, CORP_ID, SandboxServer

ENTER = {"Event": "enter_agent", "FromUserName": "lisi", "EventKey": ""}


def send(sandbox: SandboxServer, *events: dict[str, Any], trick: str | None = None) -> Any:
    body = {"agent_id": AGENT_ID, "events": list(events) or [ENTER], "trick": trick}
    return sandbox.control("POST", "callback/send", body)["deliveries"]


def test_an_event_arrives_and_is_logged(sandbox: SandboxServer, receiver: Receiver) -> None:
    [delivery] = send(sandbox)
    assert (delivery["state"], delivery["event"]) == ("answered", "enter_agent")
    assert delivery["attempts"][0]["answer"] == "success"
    [event] = receiver.heard
    told = {key: event[key] for key in ("ToUserName", "FromUserName", "MsgType", "Event")}
    assert told == {
        "ToUserName": CORP_ID, "FromUserName": "lisi", "MsgType": "event", "Event": "enter_agent",
    }  # fmt: skip
    assert event["AgentID"] == str(AGENT_ID)
    assert sandbox.control("GET", "deliveries")["deliveries"] == [delivery]


def test_wechatpy_opens_what_the_sandbox_seals(sandbox: SandboxServer, receiver: Receiver) -> None:
    send(sandbox, {**ENTER, "EventKey": "带 ]]> 与 <b> & 汉字"})
    [(query, body)] = receiver.raw
    proof = (query["msg_signature"], query["timestamp"], query["nonce"])
    crypto = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
    assert "enter_agent" in crypto.decrypt_message(body, *proof)
    assert receiver.heard[0]["EventKey"] == "带 ]]> 与 <b> & 汉字"
    with pytest.raises(InvalidSignatureException):
        crypto.decrypt_message(body, "0" * 40, *proof[1:])


def test_our_two_halves_of_the_scheme_know_nothing_of_each_other() -> None:
    """The sandbox's crypto against the gateway's, both ways, at every length of a block."""
    from gateway.sandbox.callbacks import crypto

    for size in range(70):
        message = "费" * size
        sealed = crypto.seal(AES_KEY, CORP_ID, message)
        proof = crypto.signature(TOKEN, "1700000000", "nonce", sealed)
        opened = decrypt_callback(TOKEN, AES_KEY, CORP_ID, proof, "1700000000", "nonce", sealed)
        assert opened == message
        back = encrypt_callback(TOKEN, AES_KEY, CORP_ID, "1700000000", "nonce", message)
        assert crypto.unseal(AES_KEY, back.encrypt) == (message, CORP_ID)
        again = crypto.signature(TOKEN, "1700000000", "nonce", back.encrypt)
        assert again == back.msg_signature


@pytest.mark.parametrize("sealed", ["", "x", "AAAA", "A" * 64, "费"])
def test_what_is_no_envelope_is_not_opened(sealed: str) -> None:
    from gateway.sandbox.callbacks import crypto

    with pytest.raises(crypto.Unreadable):
        crypto.unseal(AES_KEY, sealed)


def test_the_address_is_checked(sandbox: SandboxServer, receiver: Receiver) -> None:
    assert sandbox.control("POST", "callback/verify", {})["ok"]
    wrong = {"agent_id": AGENT_ID, **receiver.callback(token="AnotherToken")}
    sandbox.control("POST", "callback", wrong)
    refused = sandbox.control("POST", "callback/verify", {})
    assert (refused["ok"], refused["http_status"]) == (False, 403)
    assert "403" in refused["reason"]
    sandbox.control("POST", "callback", {**wrong, "url": "http://127.0.0.1:9/"})
    assert "没有回应" in sandbox.control("POST", "callback/verify", {})["reason"]


def test_no_answer_in_time_means_again_three_times_in_all(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    impatient = {"agent_id": AGENT_ID, **receiver.callback(timeout_seconds=0.2)}
    sandbox.control("POST", "callback", impatient)
    receiver.silent_for = 1
    [late] = send(sandbox)
    assert (late["state"], len(late["attempts"])) == ("answered", 2)
    receiver.silent_for = 9
    [lost] = send(sandbox)
    assert (lost["state"], len(lost["attempts"])) == ("unanswered", 3)
    assert {query["nonce"] for query, _ in receiver.raw[-3:]} == {receiver.raw[-1][0]["nonce"]}


def test_an_error_is_an_answer(sandbox: SandboxServer, receiver: Receiver) -> None:
    receiver.status = 500
    [delivery] = send(sandbox)
    assert (delivery["state"], len(delivery["attempts"])) == ("refused", 1)


@pytest.mark.parametrize(
    ("trick", "verdicts"),
    [
        ("forged", ["signature_invalid"]),
        ("unsigned", ["signature_invalid"]),
        ("wrong_key", ["plaintext_invalid"]),
        ("wrong_corp", ["corp_id_mismatch"]),
        ("huge", ["xml_invalid"]),
        ("entity_bomb", ["xml_invalid"]),
        ("inner_bomb", ["xml_invalid"]),
        ("malformed", ["xml_invalid", "xml_invalid"]),
        ("stale", ["success"]),
        ("replayed", ["success", "success"]),
        ("duplicated", ["success", "success"]),
    ],
)
def test_tricks(
    sandbox: SandboxServer, receiver: Receiver, trick: str, verdicts: list[str]
) -> None:
    deliveries = send(sandbox, trick=trick)
    assert [each["attempts"][0]["answer"] for each in deliveries] == verdicts
    assert {each["trick"] for each in deliveries} == {trick}


def test_a_replay_is_the_same_to_the_byte(sandbox: SandboxServer, receiver: Receiver) -> None:
    send(sandbox)
    send(sandbox, trick="replayed")
    assert receiver.raw[0] == receiver.raw[1]


def test_what_happened_later_arrives_first(sandbox: SandboxServer, receiver: Receiver) -> None:
    joined = {"Event": "change_contact", "ChangeType": "create_user", "UserID": "x"}
    left = {**joined, "ChangeType": "delete_user"}
    deliveries = send(sandbox, joined, left, trick="out_of_order")
    assert [each["ChangeType"] for each in receiver.heard] == ["delete_user", "create_user"]
    assert [each["change_type"] for each in deliveries] == ["delete_user", "create_user"]
    times = [int(each["CreateTime"]) for each in receiver.heard]
    assert times == sorted(times, reverse=True)


def test_contact_changes_are_told(sandbox: SandboxServer, receiver: Receiver) -> None:
    newcomer = {"userid": "xinren", "name": "新人"}
    sandbox.control("POST", "contacts", {"staff": [newcomer]})
    receiver.wait(1)
    sandbox.control(
        "POST", "contacts", {"tags": [{"tagid": 40, "name": "会", "members": ["xinren"]}]}
    )
    sandbox.control("POST", "contacts", {"remove": {"staff": ["xinren"]}, "silent": True})
    create, tag = receiver.wait(2)
    assert (create["FromUserName"], create["ChangeType"]) == ("sys", "create_user")
    assert create["UserID"] == "xinren"
    assert "Name" not in create
    assert (tag["TagId"], tag["AddUserItems"]) == ("40", "xinren")
    assert len(receiver.heard) == 2
    sandbox.control("POST", "contacts", {"remove": {"tags": [40]}, "silent": True})


def test_an_app_that_is_told_everything(sandbox: SandboxServer, receiver: Receiver) -> None:
    everything = {"agent_id": AGENT_ID, **receiver.callback(full_contacts=True)}
    sandbox.control("POST", "callback", everything)
    wu = {"userid": "wuwu", "name": "吴五", "position": "电工"}
    sandbox.control("POST", "contacts", {"staff": [wu]})
    receiver.wait(1)
    sandbox.control("POST", "contacts", {"staff": [{**wu, "status": 2}]})
    receiver.wait(2)
    sandbox.control("POST", "contacts", {"remove": {"staff": ["wuwu"]}})
    create, update, _ = receiver.wait(3)
    assert (create["Name"], create["Department"], create["Status"]) == ("吴五", "1", "1")
    assert (update["Status"], "Name" in update) == ("2", False)


def test_friendships_are_told_to_who_may_call_customer_contact(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    sandbox.unfriend("wm1")
    send(sandbox)
    assert [event["Event"] for event in receiver.heard] == ["enter_agent"]
    allowed = {"agent_id": AGENT_ID, "secret": "app-secret-of-the-sandbox", "name": "物业助手"}
    sandbox.seed(apps=[{**allowed, "customer_contact": True}])
    sandbox.control("POST", "customers/wm1/refriend", {})
    receiver.wait(2)
    sandbox.unfriend("wm1", by="staff")
    added, deleted = receiver.wait(3)[1:]
    assert (added["ChangeType"], added["ExternalUserID"]) == ("add_external_contact", "wm1")
    assert added["WelcomeCode"]
    assert (deleted["ChangeType"], deleted["UserID"]) == ("del_external_contact", "lisi")
    sandbox.seed_office()


def test_a_seed_may_set_the_callback_and_a_kill_does_not_forget_it(tmp_path: Any) -> None:
    with Receiver() as listening, SandboxServer(tmp_path) as own:
        own.seed_office()
        own.seed(
            apps=[{"agent_id": 9, "secret": "s", "name": "九", "callback": listening.callback()}]
        )
        own.kill()
        own.start()
        [callback] = own.control("GET", "callback")["callbacks"]
        assert (callback["agent_id"], callback["url"]) == (9, listening.url)
        assert "token" not in callback
        assert own.control("POST", "callback/verify", {"agent_id": 9})["ok"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("callback", {"url": "ftp://x", "token": "t", "aes_key": AES_KEY}, 422),
        ("callback", {"url": "http://x", "token": "t", "aes_key": "short"}, 422),
        ("callback", {"url": "http://x", "token": "t", "aes_key": AES_KEY, "agent_id": 5}, 404),
        ("callback/verify", {}, 404),
        ("callback/send", {"events": [ENTER]}, 404),
        ("callback/send", {"events": []}, 422),
        ("callback/send", {"events": [{}]}, 422),
        ("callback/send", {"events": [ENTER], "trick": "magic"}, 422),
    ],
)
def test_what_cannot_be_set_up(
    sandbox: SandboxServer, path: str, body: dict[str, Any], status: int
) -> None:
    with contextlib.suppress(httpx.HTTPStatusError):
        sandbox.control("DELETE", "callback")
    reply = sandbox.http.post(f"{sandbox.url}/_sandbox/{path}", json=body)
    assert reply.status_code == status
