"""externalcontact/get: what may be known about a customer."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from gateway.sandbox.people import customer
from gateway.sandbox.replies import WeComError, ok
from gateway.sandbox.store import Row
from gateway.sandbox.tokens import ContactCaller

router = APIRouter(prefix="/cgi-bin")


@router.get("/externalcontact/get")
async def external_get(caller: ContactCaller, external_userid: str = "") -> JSONResponse:
    """A customer and the members who follow him."""
    if not external_userid:
        raise WeComError(41035)
    store = caller.box.store
    row = customer(store, external_userid)
    if row is None:
        raise WeComError(40096)
    followers = store.all(
        "SELECT * FROM follow WHERE external_userid = ? AND state <> 'removed' ORDER BY since",
        external_userid,
    )
    if not followers:
        raise WeComError(84061)
    contact = {"external_userid": external_userid, "name": row["name"], "type": 1, "gender": 0}
    return ok(external_contact=contact, follow_user=[follower(each) for each in followers])


def follower(row: Row) -> dict[str, Any]:
    """One entry of follow_user."""
    return {
        "userid": row["userid"],
        "remark": row["remark"],
        "description": "",
        "createtime": row["since"],
        "tags": [],
        "add_way": 1,
        "state": "",
    }
