"""What became of mass messages: per member, per customer, and the list by time."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.sandbox.box import Box
from gateway.sandbox.mass import known_msgid
from gateway.sandbox.people import member
from gateway.sandbox.replies import WeComError, json_body, ok, text_field
from gateway.sandbox.store import Row
from gateway.sandbox.tokens import ContactCaller

MONTH_SECONDS = 31 * 86_400
NOT_SENT, SENT = 0, 2

router = APIRouter(prefix="/cgi-bin/externalcontact")


@router.post("/get_groupmsg_task")
async def get_groupmsg_task(request: Request, caller: ContactCaller) -> JSONResponse:
    """Per member: 0 has not pressed, 2 has."""
    body = await json_body(request)
    msgid, page = known_msgid(caller.box, body), Page(body, most=1000)
    rows = caller.box.store.all(
        "SELECT userid, state, sent_at FROM task WHERE msgid = ? ORDER BY id LIMIT ? OFFSET ?",
        msgid, page.limit + 1, page.offset,
    )  # fmt: skip
    tasks = [task_fields(row) for row in rows[: page.limit]]
    return ok(next_cursor=page.next_cursor(rows), task_list=tasks)


def task_fields(row: Row) -> dict[str, Any]:
    """One member's task."""
    status = SENT if row["state"] == "sent" else NOT_SENT
    return with_time({"userid": row["userid"], "status": status}, row)


@router.post("/get_groupmsg_send_result")
async def get_groupmsg_send_result(request: Request, caller: ContactCaller) -> JSONResponse:
    """Per customer of one member: 0 not sent, 1 sent, 2 not a friend, 3 had another one."""
    body = await json_body(request)
    msgid, page = known_msgid(caller.box, body), Page(body, most=1000)
    userid = known_userid(caller.box, body)
    rows = caller.box.store.all(
        "SELECT g.external_userid, t.userid, g.status, g.sent_at"
        " FROM task t JOIN target g ON g.task = t.id"
        " WHERE t.msgid = ? AND t.userid = ? ORDER BY g.id LIMIT ? OFFSET ?",
        msgid, userid, page.limit + 1, page.offset,
    )  # fmt: skip
    sent = [
        with_time({key: row[key] for key in ("external_userid", "userid", "status")}, row)
        for row in rows[: page.limit]
    ]
    return ok(next_cursor=page.next_cursor(rows), send_list=sent)


@router.post("/get_groupmsg_list_v2")
async def get_groupmsg_list(request: Request, caller: ContactCaller) -> JSONResponse:
    """Mass messages made between two moments at most a month apart."""
    body = await json_body(request)
    start, end = span(body)
    page = Page(body, most=100)
    rows = caller.box.store.all(
        "SELECT * FROM mass WHERE created_at BETWEEN ? AND ?"
        " ORDER BY created_at, rowid LIMIT ? OFFSET ?",
        start, end, page.limit + 1, page.offset,
    )  # fmt: skip
    messages = [mass_fields(row) for row in rows[: page.limit]]
    return ok(next_cursor=page.next_cursor(rows), group_msg_list=messages)


def mass_fields(row: Row) -> dict[str, Any]:
    """One mass message of the list; create_type 0 is "by the company"."""
    return {
        "msgid": row["msgid"],
        "creator": row["creator"],
        "create_time": row["created_at"],
        "create_type": 0,
        "text": {"content": row["text"]},
        "attachments": json.loads(row["attachments"]),
    }


def span(body: dict[str, Any]) -> tuple[int, int]:
    """start_time and end_time; 40058 if missing, backwards, or over a month."""
    if body.get("chat_type") != "single":
        raise WeComError(40058, "chat_type must be single")
    start, end = body.get("start_time"), body.get("end_time")
    if not isinstance(start, int) or not isinstance(end, int):
        raise WeComError(40058, "start_time and end_time are required")
    if not 0 <= end - start <= MONTH_SECONDS:
        raise WeComError(40058, "the time span is at most one month")
    return start, end


def known_userid(box: Box, body: dict[str, Any]) -> str:
    """The body's userid (41009, 40003)."""
    userid = text_field(body, "userid")
    if not userid:
        raise WeComError(41009)
    if member(box.store, userid) is None:
        raise WeComError(40003)
    return userid


def with_time(fields: dict[str, Any], row: Row) -> dict[str, Any]:
    """send_time is there once it was sent."""
    return fields if row["sent_at"] is None else {**fields, "send_time": row["sent_at"]}


class Page:
    """limit and cursor of a body; the cursor is an offset nobody should read."""

    def __init__(self, body: dict[str, Any], *, most: int) -> None:
        limit, cursor = body.get("limit") or min(500, most), body.get("cursor") or "0"
        if not isinstance(limit, int) or not 1 <= limit <= most:
            raise WeComError(40058, f"limit must be 1 to {most}")
        if not isinstance(cursor, str) or not cursor.isdecimal():
            raise WeComError(40058, "invalid cursor")
        self.limit, self.offset = limit, int(cursor)

    def next_cursor(self, rows: list[Row]) -> str:
        """Where the next page starts, "" after the last; `rows` holds one more if there is one."""
        return str(self.offset + self.limit) if len(rows) > self.limit else ""
