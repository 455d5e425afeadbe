"""menu/create, menu/get, menu/delete: the app's buttons at the bottom of the phone."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.sandbox.replies import WeComError, json_body, ok, size
from gateway.sandbox.tokens import AppCaller, Caller

MOST_TOP, MOST_BELOW = 3, 5
TOP_NAME_BYTES, NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 40, 128, 1024
WITH_KEY = frozenset(
    {"click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album",
     "pic_weixin", "location_select"}
)  # fmt: skip

router = APIRouter(prefix="/cgi-bin/menu")


def own(caller: Caller, agentid: str) -> int:
    """The query's agentid, which must be the caller's own (40056, 301002)."""
    if not agentid.isdecimal():
        raise WeComError(40056)
    if int(agentid) != caller.agent_id:
        raise WeComError(301002)
    return int(agentid)


@router.post("/create")
async def create(request: Request, caller: AppCaller, agentid: str = "") -> JSONResponse:
    """Set the whole menu."""
    agent_id = own(caller, agentid)
    body = await json_body(request)
    menu = {"button": checked(body.get("button"), MOST_TOP, TOP_NAME_BYTES)}
    caller.box.store.run(
        "INSERT OR REPLACE INTO menu VALUES (?, ?)",
        agent_id, json.dumps(menu, ensure_ascii=False),
    )  # fmt: skip
    return ok()


@router.get("/get")
async def get(caller: AppCaller, agentid: str = "") -> JSONResponse:
    """The menu as it was set (46003 without one)."""
    content = caller.box.store.value(
        "SELECT content FROM menu WHERE agent_id = ?", own(caller, agentid)
    )
    if content is None:
        raise WeComError(46003)
    return ok(**json.loads(content))


@router.get("/delete")
async def delete(caller: AppCaller, agentid: str = "") -> JSONResponse:
    """No menu any more."""
    caller.box.store.run("DELETE FROM menu WHERE agent_id = ?", own(caller, agentid))
    return ok()


def checked(buttons: Any, most: int, name_bytes: int) -> list[dict[str, Any]]:
    """One to so many buttons. Raises the number of what is wrong with one."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most:
        raise WeComError(40016)
    return [button(each, name_bytes, may_nest=most == MOST_TOP) for each in buttons]


def button(given: Any, name_bytes: int, *, may_nest: bool) -> dict[str, Any]:
    """A button that does something, or holds others."""
    if not isinstance(given, dict):
        raise WeComError(40058, "button must be an object")
    fits(given, "name", name_bytes, 40018)
    if given.get("sub_button"):
        if not may_nest:
            raise WeComError(40016)
        return {**given, "sub_button": checked(given["sub_button"], MOST_BELOW, NAME_BYTES)}
    kind = given.get("type")
    if kind == "view":
        fits(given, "url", URL_BYTES, 40020)
        if not given["url"].startswith(("http://", "https://")):
            raise WeComError(40020)
    elif kind in WITH_KEY:
        fits(given, "key", KEY_BYTES, 40019)
    elif kind != "view_miniprogram":
        raise WeComError(40017)
    return dict(given)


def fits(given: dict[str, Any], key: str, most: int, errcode: int) -> None:
    """A text that is there and not too long."""
    value = given.get(key)
    if not isinstance(value, str) or not 1 <= size(value) <= most:
        raise WeComError(errcode)
