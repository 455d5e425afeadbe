"""Mass messages to customers: a task for members, who must press send themselves."""

import json
import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.sandbox.box import Box
from gateway.sandbox.drafts import Attachment, Audience, attachments, audience, message_text
from gateway.sandbox.faults import struck_out
from gateway.sandbox.replies import WeComError, json_body, ok, text_field
from gateway.sandbox.tokens import ContactCaller

REMINDERS, REMINDER_SPAN_SECONDS = 3, 24 * 3600
API_CREATOR = "API"

router = APIRouter(prefix="/cgi-bin/externalcontact")


@router.post("/add_msg_template")
async def add_msg_template(request: Request, caller: ContactCaller) -> JSONResponse:
    """Make the tasks; nothing reaches a customer yet."""
    body = await json_body(request)
    if body.get("chat_type", "single") != "single":
        raise WeComError(40058, "the sandbox has no customer groups, chat_type must be single")
    box = caller.box
    text = message_text(body)
    attached = attachments(box.store, body, now=box.clock.now())
    if not text and not attached:
        raise WeComError(40063, "text and attachments are both empty")
    to = audience(box.store, body, struck_out(request))
    with box.store.writing():
        msgid = write_tasks(box, text, attached, to)
    return ok(fail_list=to.fail_list, msgid=msgid)


def write_tasks(box: Box, text: str, attached: list[Attachment], to: Audience) -> str:
    """One mass message, a task per member, a target per customer. Its msgid."""
    msgid = secrets.token_urlsafe(24)
    box.store.run(
        "INSERT INTO mass VALUES (?, ?, ?, ?, ?)",
        msgid, API_CREATOR, text, json.dumps(attached, ensure_ascii=False), box.clock.now(),
    )  # fmt: skip
    for userid, customers in to.by_member.items():
        box.store.run(
            "INSERT INTO task (msgid, userid, state) VALUES (?, ?, 'pending')", msgid, userid
        )
        task = box.store.value("SELECT last_insert_rowid()")
        box.store.run_many(
            "INSERT INTO target (task, external_userid, status) VALUES (?, ?, 0)",
            [(task, who) for who in customers],
        )
    return msgid


def known_msgid(box: Box, body: dict[str, object]) -> str:
    """The body's msgid, which must exist (41046, 41047)."""
    msgid = text_field(body, "msgid")
    if not msgid:
        raise WeComError(41046)
    if box.store.one("SELECT 1 FROM mass WHERE msgid = ?", msgid) is None:
        raise WeComError(41047)
    return msgid


@router.post("/remind_groupmsg_send")
async def remind(request: Request, caller: ContactCaller) -> JSONResponse:
    """Nudge the members who have not pressed yet; three times in 24 hours."""
    box = caller.box
    msgid = known_msgid(box, await json_body(request))
    since = box.clock.now() - REMINDER_SPAN_SECONDS
    if is_cancelled(box, msgid):
        raise WeComError(41093)
    recent = box.store.value(
        "SELECT count(*) FROM reminder WHERE msgid = ? AND at > ?", msgid, since
    )
    if recent >= REMINDERS:
        raise WeComError(41094)
    box.store.run("INSERT INTO reminder VALUES (?, ?)", msgid, box.clock.now())
    return ok()


@router.post("/cancel_groupmsg_send")
async def cancel(request: Request, caller: ContactCaller) -> JSONResponse:
    """Stop what has not been sent; what was sent stays sent."""
    msgid = known_msgid(caller.box, await json_body(request))
    caller.box.store.run(
        "UPDATE task SET state = 'cancelled' WHERE msgid = ? AND state IN ('pending', 'ignored')",
        msgid,
    )
    return ok()


def is_cancelled(box: Box, msgid: str) -> bool:
    """Was it stopped?"""
    return (
        box.store.one("SELECT 1 FROM task WHERE msgid = ? AND state = 'cancelled'", msgid)
        is not None
    )
