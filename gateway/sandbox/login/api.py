"""What a code is worth: auth/getuserinfo, the old user/getuserinfo, auth/getuserdetail."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.sandbox.login.codes import (
    PRIVATE,
    TICKET_SECONDS,
    issue,
    openid,
    redeem,
    ticket_holder,
)
from gateway.sandbox.people import member
from gateway.sandbox.replies import WeComError, json_body, ok, text_field
from gateway.sandbox.tokens import AppCaller, Caller

OLD_NAMES = {"userid": "UserId", "openid": "OpenId"}

router = APIRouter(prefix="/cgi-bin")


@router.get("/auth/getuserinfo")
async def getuserinfo(caller: AppCaller, code: str = "") -> JSONResponse:
    """Who has just said that he is it."""
    return ok(**identity(caller, code))


@router.get("/user/getuserinfo")
async def old_getuserinfo(caller: AppCaller, code: str = "") -> JSONResponse:
    """The same under the old path, which spells its keys with capitals."""
    told = identity(caller, code)
    return ok(DeviceId="", **{OLD_NAMES.get(key, key): value for key, value in told.items()})


def identity(caller: Caller, code: str) -> dict[str, Any]:
    """A member with his userid (and a ticket, if asked for), a customer with openid."""
    box = caller.box
    drawn = redeem(box, code, caller.agent_id)
    row = member(box.store, drawn["who"])
    if row is None:
        return {
            "openid": openid(drawn["who"]),
            "external_userid": as_customer(caller, drawn["who"]),
        }
    if drawn["scope"] != PRIVATE:
        return {"userid": row["userid"]}
    ticket = issue(box, "ticket", row["userid"], PRIVATE, caller.agent_id, TICKET_SECONDS)
    return {"userid": row["userid"], "user_ticket": ticket, "expires_in": TICKET_SECONDS}


def as_customer(caller: Caller, who: str) -> str | None:
    """His external_userid, as long as some member has him as a customer."""
    followed = caller.box.store.value(
        "SELECT 1 FROM follow WHERE external_userid = ? AND state <> 'removed'", who
    )
    return who if followed else None


@router.post("/auth/getuserdetail")
async def getuserdetail(request: Request, caller: AppCaller) -> JSONResponse:
    """What the member has agreed to tell."""
    ticket = text_field(await json_body(request), "user_ticket")
    if not ticket:
        raise WeComError(84015)
    row = ticket_holder(caller.box, ticket, caller.agent_id)
    return ok(
        userid=row["userid"],
        gender="0",
        avatar="",
        qr_code="",
        mobile=row["mobile"],
        email=row["email"],
        biz_mail="",
        address="",
    )
