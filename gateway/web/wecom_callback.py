"""`/wecom/callback`: WeCom proves that it is WeCom, and what it tells is written down first.

Handling comes later, in the flow `inbox`. Whatever strangers send gets a short refusal and a count
by reason (`app.state.callbacks.counts`), never a stack trace.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from domain import clock
from domain.inbox.rack import Arrived
from domain.session import connect
from domain.vault import Vault
from gateway.settings import Settings
from gateway.web.mailbox import Mailbox
from gateway.wecom import crypto
from gateway.wecom.crypto import (
    BadAesKey,
    BadSignature,
    BadXml,
    CallbackRefused,
    Stale,
    WrongReceiver,
)

PATH = "/wecom/callback"
NAME_CHARS = 100
STATEMENT_MS = 3_000
CONNECT_SECONDS = 3
AWAY = (OperationalError, InterfaceError, TimeoutError)

router = APIRouter()


class NotSetUp(CallbackRefused):
    """Token, EncodingAESKey, corp id or data keys are not set here."""

    code = "callback_not_set_up"


class TooLarge(CallbackRefused):
    """More than any callback holds."""

    code = "callback_too_large"


class CutOff(CallbackRefused):
    """Whoever sent it hung up half way."""

    code = "callback_cut_off"


STATUS: dict[type[CallbackRefused], int] = {
    BadSignature: 403, WrongReceiver: 403, Stale: 403, TooLarge: 413, NotSetUp: 404,
    BadAesKey: 503,  # our own setting is wrong: WeCom may try again when it is mended
}  # fmt: skip


@dataclass
class Callbacks:
    """What the door needs: the mailbox, and counts by outcome (`stored`, or why it was refused)."""

    mailbox: Mailbox
    counts: Counter[str] = field(default_factory=Counter)


def callbacks(config: Settings, engine: Engine | None) -> Callbacks:
    """For an application; with a connection of its own unless it is given an engine."""
    if engine is None:
        assert config.database_url is not None
        engine = connect(
            config.database_url, pool_size=1, statement_timeout_ms=STATEMENT_MS,
            patience_s=CONNECT_SECONDS,
        )  # fmt: skip
    return Callbacks(Mailbox(engine))


@router.get(PATH)
async def verify(request: Request) -> Response:
    """The address check: the decrypted echostr, bare."""
    try:
        said = _opened(request, request.query_params.get("echostr", ""))
    except CallbackRefused as refusal:
        return _refuse(request, refusal)
    return PlainTextResponse(said)


@router.post(PATH)
async def receive(request: Request) -> Response:
    """Write an event down, once however often it comes, and say so."""
    at_door: Callbacks = request.app.state.callbacks
    try:
        arrived = _arrived(request, await _body(request))
        await at_door.mailbox.put(arrived)
    except CallbackRefused as refusal:
        return _refuse(request, refusal)
    except AWAY:
        at_door.counts["database_away"] += 1
        return PlainTextResponse("database away", 503)
    at_door.counts["stored"] += 1
    return PlainTextResponse("success")


async def _body(request: Request) -> bytes:
    """The body, read no further than a callback may be long."""
    body = bytearray()
    more = True
    while more:
        piece = await request.receive()
        if piece["type"] == "http.disconnect":
            raise CutOff("回调没有收完整")
        body += piece.get("body", b"")
        more = piece.get("more_body", False)
        if len(body) > crypto.MAX_XML_BYTES:
            raise TooLarge("回调内容太大")
    return bytes(body)


def _arrived(request: Request, body: bytes) -> Arrived:
    message = _opened(request, crypto.encrypted_part(body))
    root = crypto.parse(message)
    event = _name(root, "Event") or _name(root, "MsgType")
    if event is None:
        raise BadXml("回调里没有写明是什么事件")
    return Arrived(
        key=hashlib.sha256(message.encode()).hexdigest(),
        event=event,
        change_type=_name(root, "ChangeType"),
        sealed=_vault(request).seal(message),
    )


def _name(root: Element, field: str) -> str | None:
    """As it is compared: without the line breaks of who writes one element a line."""
    return (root.findtext(field) or "").strip()[:NAME_CHARS] or None


def _opened(request: Request, encrypted: str) -> str:
    """Genuine, meant for us, and of this moment; or CallbackRefused."""
    config: Settings = request.app.state.settings
    token, aes_key, corp_id = config.wecom_token, config.wecom_aes_key, config.wecom_corp_id
    if token is None or aes_key is None or not corp_id:
        raise NotSetUp("还没有设置企业微信回调的 Token 和 EncodingAESKey")
    said = request.query_params
    message = crypto.decrypt_callback(
        token.get_secret_value(), aes_key.get_secret_value(), corp_id,
        said.get("msg_signature", ""), said.get("timestamp", ""), said.get("nonce", ""), encrypted,
    )  # fmt: skip
    crypto.check_fresh(said.get("timestamp", ""), clock.now())
    return message


def _vault(request: Request) -> Vault:
    keys = request.app.state.settings.data_keys
    if keys is None:
        raise NotSetUp("还没有设置数据密钥，回调内容不能加密保存")
    return Vault.from_setting(keys.get_secret_value())


def _refuse(request: Request, refusal: CallbackRefused) -> Response:
    request.app.state.callbacks.counts[refusal.code] += 1
    status = next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), 400)
    return PlainTextResponse(refusal.code, status)
