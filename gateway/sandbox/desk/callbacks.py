"""The page of the callbacks: where they go, a look at whether that works, tricks, and the log."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from gateway.sandbox.box import Box, box_of
from gateway.sandbox.callbacks.addresses import NewAddress, address, needed, only_app, put
from gateway.sandbox.callbacks.checking import check
from gateway.sandbox.callbacks.tricks import TRICKS
from gateway.sandbox.desk.contacts import whole
from gateway.sandbox.pages import back, page
from gateway.sandbox.people import member
from gateway.sandbox.refusals import Refused

SHOWN = 60
EVENTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "enter": ("进入应用", [{"Event": "enter_agent", "EventKey": ""}]),
    "click": ("点菜单", [{"Event": "click", "EventKey": "sandbox-test"}]),
    "coming": (
        "成员加入又离开",
        [
            {"Event": "change_contact", "ChangeType": "create_user", "UserID": "sandbox-guest"},
            {"Event": "change_contact", "ChangeType": "delete_user", "UserID": "sandbox-guest"},
        ],
    ),
    "update": ("成员资料变更", [{"Event": "change_contact", "ChangeType": "update_user"}]),
}

router = APIRouter()


@router.get("/callbacks")
async def callbacks(request: Request) -> HTMLResponse:
    """The whole page."""
    return shown(box_of(request))


def shown(box: Box, verdict: dict[str, Any] | None = None) -> HTMLResponse:
    """The page, with the verdict on an address that was just looked at."""
    store = box.store
    apps = store.all("SELECT agent_id, name FROM app ORDER BY agent_id")
    return page(
        box,
        "callbacks.html",
        apps=[{**dict(row), "callback": address(store, row["agent_id"])} for row in apps],
        staff=store.all(
            "SELECT userid, name FROM staff WHERE status <> 0 ORDER BY rowid LIMIT 400"
        ),
        events=EVENTS,
        tricks=TRICKS,
        log=list(box.courier.log)[: -SHOWN - 1 : -1],
        verdict=verdict,
    )


@router.post("/panel/callbacks/set")
async def set_callback(request: Request) -> Response:
    """Another address, token or key; empty secrets keep the old ones."""
    form, box = await request.form(), box_of(request)
    agent_id = only_app(box.store, whole(form.get("agent_id")))
    old = address(box.store, agent_id)
    typed = {key: str(form.get(key, "")).strip() for key in ("url", "token", "aes_key")}
    kept = {key: value or (getattr(old, key) if old else "") for key, value in typed.items()}
    try:
        wanted = NewAddress.model_validate(
            {**kept, "agent_id": agent_id, "report_enter": bool(form.get("report_enter"))}
        )
    except ValidationError:
        raise Refused("地址要以 http 开头，Token 是字母和数字，EncodingAESKey 是 43 位") from None
    put(box.store, agent_id, wanted)
    return back("/callbacks")


@router.post("/panel/callbacks/remove")
async def remove(request: Request) -> Response:
    """No callback any more."""
    form = await request.form()
    box_of(request).store.run(
        "DELETE FROM callback WHERE agent_id = ?", whole(form.get("agent_id"))
    )
    return back("/callbacks")


@router.post("/panel/callbacks/verify")
async def verify(request: Request) -> HTMLResponse:
    """What the console would say to this address."""
    form, box = await request.form(), box_of(request)
    agent_id = whole(form.get("agent_id"))
    verdict = await check(box.courier.sender(needed(box.store, agent_id)))
    return shown(box, {**verdict, "agent_id": agent_id})


@router.post("/panel/callbacks/send")
async def send(request: Request) -> Response:
    """An event, plainly or with a trick."""
    form, box = await request.form(), box_of(request)
    kind, trick = EVENTS.get(str(form.get("event"))), str(form.get("trick", ""))
    row = member(box.store, str(form.get("userid", "")))
    if kind is None or row is None or (trick and trick not in TRICKS):
        raise Refused("请从列表里选一种事件、一名员工和一种花样")
    who = {"FromUserName": row["userid"]}
    events = [
        {**event, "UserID": event.get("UserID", row["userid"])}
        if event["Event"] == "change_contact"
        else {**event, **who}
        for event in kind[1]
    ]
    box.courier.post(needed(box.store, whole(form.get("agent_id"))), events, trick or None)
    return back("/callbacks#log")


@router.post("/panel/callbacks/clear")
async def clear(request: Request) -> Response:
    """An empty log."""
    box_of(request).courier.clear()
    return back("/callbacks#log")
