"""App messages to members: message/send and message/recall."""

import hashlib
import json
import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.sandbox.apps.codes import draw_code
from gateway.sandbox.box import Box
from gateway.sandbox.cards import is_interactive
from gateway.sandbox.contents import Content, checked
from gateway.sandbox.faults import struck_out
from gateway.sandbox.receivers import receivers
from gateway.sandbox.replies import WeComError, json_body, ok, text_field
from gateway.sandbox.store import Row
from gateway.sandbox.tokens import AppCaller, own_agent

RECALL_SECONDS = 24 * 3600
DUPLICATE_SECONDS, DUPLICATE_MOST = 1800, 4 * 3600

router = APIRouter(prefix="/cgi-bin/message")


@router.post("/send")
async def send(request: Request, caller: AppCaller) -> JSONResponse:
    """Put the message into every receiver's inbox."""
    body = await json_body(request)
    box, agent_id = caller.box, own_agent(caller, body)
    to = receivers(box.store, body, struck_out(request))
    kind, content = checked(box.store, body, now=box.clock.now())
    fingerprint = hashlib.sha256(await request.body()).hexdigest()
    with box.store.writing():
        again = sent_before(box, body, agent_id, fingerprint)
        if again is not None:
            return ok(**to.fields(), msgid=again["msgid"], response_code=again["response_code"])
        msgid, code = write_message(box, agent_id, kind, content, fingerprint)
        deliver(box, msgid, agent_id, to.valid)
    return ok(**to.fields(), msgid=msgid, response_code=code)


def sent_before(box: Box, body: dict[str, Any], agent_id: int, fingerprint: str) -> Row | None:
    """The same request not long ago, if the caller asked for that check."""
    if body.get("enable_duplicate_check") != 1:
        return None
    interval = body.get("duplicate_check_interval", DUPLICATE_SECONDS)
    if not isinstance(interval, int):
        raise WeComError(40058, "duplicate_check_interval must be a number")
    since = box.clock.now() - min(interval, DUPLICATE_MOST)
    return box.store.one(
        "SELECT msgid, response_code FROM message"
        " WHERE fingerprint = ? AND agent_id = ? AND sent_at > ? LIMIT 1",
        fingerprint, agent_id, since,
    )  # fmt: skip


def write_message(
    box: Box, agent_id: int, kind: str, content: Content, fingerprint: str
) -> tuple[str, str | None]:
    """Its msgid and, for cards that answer, the response code. 42014 for a used task_id."""
    card = content if kind == "template_card" else {}
    task_id = card.get("task_id")
    if task_id is not None and box.store.one(
        "SELECT 1 FROM message WHERE agent_id = ? AND task_id = ?", agent_id, task_id
    ):
        raise WeComError(42014, "task_id was used before")
    msgid = secrets.token_urlsafe(48)
    code = draw_code(box, msgid, agent_id) if card and is_interactive(card) else None
    box.store.run(
        "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        msgid, agent_id, kind, json.dumps(content, ensure_ascii=False), fingerprint,
        task_id, code, box.clock.now(),
    )  # fmt: skip
    return msgid, code


def deliver(box: Box, msgid: str, agent_id: int, members: list[str]) -> None:
    """A copy per member; over the member's limit it is dropped, and nobody is told."""
    now = box.clock.now()
    box.store.run_many(
        "INSERT INTO inbox (msgid, agent_id, userid, state, at) VALUES (?, ?, ?, ?, ?)",
        [
            (
                msgid,
                agent_id,
                who,
                "dropped" if is_flooded(box, agent_id, who) else "delivered",
                now,
            )
            for who in members
        ],
    )


def is_flooded(box: Box, agent_id: int, userid: str) -> bool:
    """Has the member had all he may get from this app in the last minute or hour?"""
    limits, now = box.limits.values, box.clock.now()
    ceilings = ((60, limits.member_per_minute), (3600, limits.member_per_hour))
    return any(received(box, agent_id, userid, now - span) >= most for span, most in ceilings)


def received(box: Box, agent_id: int, userid: str, since: int) -> int:
    """Messages of the app that reached the member since then."""
    count: int = box.store.value(
        "SELECT count(*) FROM inbox"
        " WHERE userid = ? AND agent_id = ? AND at > ? AND state <> 'dropped'",
        userid, agent_id, since,
    )  # fmt: skip
    return count


@router.post("/recall")
async def recall(request: Request, caller: AppCaller) -> JSONResponse:
    """Take a message back within a day."""
    msgid = text_field(await json_body(request), "msgid")
    store = caller.box.store
    sent_at = store.value(
        "SELECT sent_at FROM message WHERE msgid = ? AND agent_id = ?", msgid, caller.agent_id
    )
    if sent_at is None:
        raise WeComError(40058, "no such message of this agent")
    if sent_at <= caller.box.clock.now() - RECALL_SECONDS:
        raise WeComError(42052)
    store.run("UPDATE inbox SET state = 'recalled' WHERE msgid = ? AND state = 'delivered'", msgid)
    return ok()
