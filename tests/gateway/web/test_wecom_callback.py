"""The callback's door: what is genuine is written down once; everything else is counted."""

import asyncio
import threading
import time

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, func, select
from wechatpy.work.crypto import WeChatCrypto

from domain import clock
from domain.inbox.model import InboundEvent
from domain.session import transaction
from domain.vault import new_key_setting
from gateway.settings import Settings
from gateway.wecom import crypto
from tests.support.asgi import Client
from tests.support.gateway import gateway

TOKEN, CORP = "TokenOfTheTest", "wwcorp"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
EVENT = "<xml><MsgType>event</MsgType><Event>enter_agent</Event><CreateTime>{}</CreateTime></xml>"
BOMB = '<!DOCTYPE xml [<!ENTITY a "ha">]><xml><Encrypt>&a;</Encrypt></xml>'


@pytest.fixture
def settings() -> Settings:
    return Settings(
        _env_file=None, secret_key=SecretStr("k" * 43), base_url="http://testserver",
        data_keys=SecretStr(new_key_setting()), wecom_corp_id=CORP,
        wecom_token=SecretStr(TOKEN), wecom_aes_key=SecretStr(KEY),
    )  # fmt: skip


@pytest.fixture
def app(settings, engine):
    return gateway(settings, engine)


@pytest.fixture
def http(app):
    return Client(app)


def now() -> int:
    return int(clock.now().timestamp())


def posted(http, message, *, stamp=None, token=TOKEN, key=KEY, corp=CORP, body=None, **query):
    """Post a message as WeCom would, or with one thing wrong; (status, answer)."""
    sealed = crypto.encrypt_callback(token, key, corp, str(stamp or now()), "n", message)
    asked = {"msg_signature": sealed.msg_signature, "timestamp": sealed.timestamp,
             "nonce": sealed.nonce} | query  # fmt: skip
    whole = body if body is not None else f"<xml><Encrypt>{sealed.encrypt}</Encrypt></xml>"
    answer = http.post("/wecom/callback", params=asked, content=whole)
    return answer.status_code, answer.text


def events(engine) -> list[InboundEvent]:
    with transaction(engine) as session:
        return list(session.scalars(select(InboundEvent).order_by(InboundEvent.id)))


def test_the_address_is_proved_with_the_bare_echo(http, app):
    sealed = crypto.encrypt_callback(TOKEN, KEY, CORP, str(now()), "n", "1616140317555161061")
    asked = {"msg_signature": sealed.msg_signature, "timestamp": sealed.timestamp,
             "nonce": sealed.nonce, "echostr": sealed.encrypt}  # fmt: skip
    assert http.get("/wecom/callback", params=asked).text == "1616140317555161061"
    for wrong in ({"msg_signature": "x"}, {"echostr": ""}, {"nonce": ""}, {"timestamp": "1"}):
        assert http.get("/wecom/callback", params=asked | wrong).status_code == 403
    assert http.get("/wecom/callback").status_code == 403
    assert app.state.callbacks.counts == {"signature_invalid": 5}


def test_an_event_is_written_down_sealed_once_however_often_it_comes(http, engine, app):
    change = "<ChangeType>update_user</ChangeType><UserID>wangwu</UserID></xml>"
    message = EVENT.format(1).replace("</xml>", change)
    assert [posted(http, message) for _ in range(3)] == [(200, "success")] * 3
    assert posted(http, EVENT.format(2)) == (200, "success")
    first, second = events(engine)
    assert (first.event, first.change_type, first.repeats) == ("enter_agent", "update_user", 2)
    assert (second.change_type, second.repeats) == (None, 0)
    assert b"wangwu" not in bytes(first.content_sealed)
    assert app.state.callbacks.counts == {"stored": 4}


def test_an_event_named_on_a_line_of_its_own_is_that_event(http, engine):
    told = "<xml><Event>\n  change_contact\n</Event><ChangeType>\ndelete_user </ChangeType></xml>"
    assert posted(http, told) == (200, "success")
    [one] = events(engine)
    assert (one.event, one.change_type) == ("change_contact", "delete_user")
    assert posted(http, "<xml><Event> \n</Event></xml>") == (400, "xml_invalid")


def test_any_sender_that_is_right_about_the_scheme_is_understood(http, engine):
    sender = WeChatCrypto(TOKEN, KEY, CORP)
    body = sender.encrypt_message(EVENT.format(7), "nonce", str(now()))
    signed = crypto.parse(body)
    asked = {"msg_signature": signed.findtext("MsgSignature"),
             "timestamp": signed.findtext("TimeStamp"), "nonce": signed.findtext("Nonce")}  # fmt: skip
    assert http.post("/wecom/callback", params=asked, content=body).text == "success"
    assert [one.event for one in events(engine)] == ["enter_agent"]


@pytest.mark.parametrize(
    ("status", "code", "wrong"),
    [
        (403, "signature_invalid", {"token": "NotTheToken"}),
        (403, "signature_invalid", {"msg_signature": ""}),
        (403, "signature_invalid", {"msg_signature": "签名" * 900}),
        (403, "signature_invalid", {"nonce": "other"}),
        (403, "corp_id_mismatch", {"corp": "wwsomebodyelse"}),
        (400, "plaintext_invalid", {"key": "A" * 43}),
        (403, "callback_stale", {"stamp": 3600}),
        (403, "callback_stale", {"stamp": -3600}),
        (400, "xml_invalid", {"body": BOMB}),
        (400, "xml_invalid", {"body": b"\x00\xff not xml"}),
        (400, "xml_invalid", {"body": b""}),
        (400, "xml_invalid", {"body": "<xml><Encrypt>x"}),
        (400, "xml_invalid", {"body": "<xml></xml>"}),
        (400, "xml_invalid", {"body": f"<xml>{'<a>' * 30_000}{'</a>' * 30_000}</xml>"}),
        (400, "xml_invalid", {"message": BOMB}),
        (400, "xml_invalid", {"message": "no xml"}),
        (400, "xml_invalid", {"message": "<xml><ToUserName>x</ToUserName></xml>"}),
        (413, "callback_too_large", {"body": b"x" * (crypto.MAX_XML_BYTES + 1)}),
        (413, "callback_too_large", {"message": "x" * crypto.MAX_XML_BYTES}),
    ],
)
def test_what_is_wrong_is_refused_and_counted(http, engine, app, status, code, wrong):
    wrong = dict(wrong)
    if "stamp" in wrong:
        wrong["stamp"] = now() - wrong["stamp"]
    message = wrong.pop("message", EVENT.format(1))
    assert posted(http, message, **wrong) == (status, code)
    assert events(engine) == []
    assert app.state.callbacks.counts == {code: 1}


def test_a_clock_a_little_off_is_borne(http):
    for off in (-60, 60, 300):
        assert posted(http, EVENT.format(off), stamp=now() - off)[0] == 200


def test_an_endless_body_is_not_read_to_its_end(app):
    read, said = 0, []

    async def receive():
        nonlocal read
        read += 65536
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    async def send(message):
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": "/wecom/callback", "headers": [],
             "query_string": b"", "raw_path": b"", "root_path": "", "scheme": "http",
             "server": ("testserver", 80), "client": ("c", 1), "http_version": "1.1"}  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert said[0]["status"] == 413
    assert read <= crypto.MAX_XML_BYTES + 2 * 65536


def test_without_settings_there_is_no_callback(config, engine):
    bare = Client(gateway(config, engine))
    assert posted(bare, EVENT.format(1)) == (404, "callback_not_set_up")


def test_a_database_that_is_away_is_said_so_that_wecom_comes_again(settings, engine):
    nowhere = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/nothing")
    app = gateway(settings, nowhere)
    http = Client(app)
    assert posted(http, EVENT.format(1)) == (503, "database away")
    assert app.state.callbacks.counts == {"database_away": 1}
    app.state.callbacks.mailbox._engine = engine
    assert posted(http, EVENT.format(1)) == (200, "success")


def test_many_at_once_share_commits_and_none_is_lost(http, engine):
    answers = []

    def send(start: int) -> None:
        answers.extend(posted(http, EVENT.format(n))[0] for n in range(start, start + 20))

    senders = [threading.Thread(target=send, args=(n % 4 * 10,)) for n in range(8)]
    began = time.monotonic()
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert answers == [200] * 160
    assert time.monotonic() - began < 30
    with transaction(engine) as session:
        rows, repeats = session.execute(select(func.count(), func.sum(InboundEvent.repeats))).one()
    assert (rows, rows + repeats) == (50, 160)
