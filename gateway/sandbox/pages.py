"""The phones as pages: the list of all, and one phone with what stands on it."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from gateway.sandbox import control, directory, phones, pressing, refusals, rich
from gateway.sandbox.apps import touching
from gateway.sandbox.box import Box, box_of
from gateway.sandbox.callbacks import friendships
from gateway.sandbox.clock import chat_time, local
from gateway.sandbox.media import find_media
from gateway.sandbox.refusals import Refused
from gateway.sandbox.trouble import EFFECTS, PATHS, happened, in_words

FIRST_CUSTOMERS = 60
SHOWN_MESSAGES = 200
SHOWN_TASKS = 20
HUES = 8
HTTP_SEE_OTHER = 303

router = APIRouter()
templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def hue(name: str) -> int:
    """The same colour for the same person, always."""
    return crc32(name.encode()) % HUES


def face(name: str) -> str:
    """What stands in the avatar: the last character of the name."""
    return name.strip()[-1:] or "客"


def duration(seconds: int) -> str:
    """How far the clock is off, in words: 2 天 3 小时, 5 分钟."""
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    named = ((days, "天"), (hours, "小时"), (minutes, "分钟"))
    return " ".join(f"{count} {unit}" for count, unit in named if count) or f"{seconds} 秒"


def standing(status: int) -> str:
    """A member's status in a word."""
    return {1: "在职", 2: "已停用", 4: "未激活", 5: "已离职"}.get(status, "已删除")


templates.filters |= {
    "standing": standing,
    "duration": duration,
    "hue": hue,
    "in_words": in_words,
    "happened": happened,
    "face": face,
    "plain": rich.plain,
    "anchored": rich.anchored,
    "card_description": rich.card_description,
    "markdown": rich.markdown,
}


def page(box: Box, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page with what every page shows: the company and the virtual time."""
    now = box.clock.now()
    html = templates.get_template(template).render(
        now=local(now),
        chat_time=lambda moment: chat_time(int(datetime.fromisoformat(moment).timestamp()), now),
        since=lambda epoch: chat_time(epoch, now),
        offset=box.clock.offset,
        corp_name=box.store.recall("corp_name") or "示例企业",
        pulse=box.pulse,
        **facts,
    )
    return HTMLResponse(html, status)


async def not_done(request: Request, error: Exception) -> Response:
    """The refusal as JSON for programs, as a page for people."""
    if request.url.path.startswith("/_sandbox"):
        return await control.not_done(request, error)
    status = 409 if isinstance(error, Refused) else 404
    return page(box_of(request), "sorry.html", status, sentence=str(error))


@router.get("/")
async def index(request: Request, q: str = "", show: int = FIRST_CUSTOMERS) -> HTMLResponse:
    """All phones, and the operator's panel."""
    box = box_of(request)
    return page(
        box,
        "index.html",
        staff=directory.staff(box.store),
        found=directory.customers(box.store, q=q.strip(), limit=max(1, show)),
        q=q.strip(),
        show=show,
        step=FIRST_CUSTOMERS,
        faults=box.script.faults,
        limits=box.limits.values,
        calls=list(box.calls.last)[:-9:-1],
        deliveries=list(box.courier.log)[:-6:-1],
        total_calls=box.calls.counts.total(),
        effects=EFFECTS,
        paths=PATHS,
    )


@router.get("/phone/{phone_id}")
async def phone(request: Request, phone_id: str, tab: str = "messages") -> HTMLResponse:
    """One phone; looking at its messages marks them as read."""
    box = box_of(request)
    kind, person = phones.phone(box.store, phone_id)
    if kind == "staff":
        if tab == "messages" and request.headers.get("sec-fetch-mode") == "navigate":
            touching.enter(box, person["userid"])
        return staff_phone(box, person["userid"], person["name"], tab)
    return customer_phone(box, person["external_userid"], person["name"])


def staff_phone(box: Box, userid: str, name: str, tab: str) -> HTMLResponse:
    """A member's phone: inbox, mass-message tasks, customers."""
    store = box.store
    messages = phones.staff_messages(store, userid, last=SHOWN_MESSAGES)
    if tab == "messages" and messages:
        directory.mark_seen(store, userid, messages[-1]["id"])
    everybody = directory.staff(store)
    return page(
        box,
        "staff.html",
        id=userid,
        name=name,
        tab=tab if tab in ("tasks", "customers") else "messages",
        summary=next(row for row in everybody if row["id"] == userid),
        messages=messages,
        menus=touching.menus(box),
        deliveries={each.number: each.state for each in box.courier.log},
        waiting=phones.tasks(store, userid, pending=True, last=SHOWN_TASKS),
        waiting_for=directory.waiting_customers(store, userid),
        handled=phones.tasks(store, userid, pending=False, last=SHOWN_TASKS),
        friends=directory.friends(store, userid),
        others=everybody,
    )


def customer_phone(box: Box, who: str, name: str) -> HTMLResponse:
    """An owner's phone: the chat with the company's members."""
    messages = phones.customer_messages(box.store, who, last=SHOWN_MESSAGES)
    if messages:
        directory.mark_seen(box.store, who, messages[-1]["id"])
    return page(
        box,
        "customer.html",
        id=who,
        name=name,
        messages=messages,
        followers=directory.followers(box.store, who),
        others=directory.staff(box.store),
    )


@router.post("/phone/{phone_id}/press")
async def press(request: Request, phone_id: str) -> Response:
    """发送 and 全部发送."""
    pressing.press(box_of(request), phone_id, msgid=await chosen_task(request))
    return back(f"/phone/{phone_id}?tab=tasks")


@router.post("/phone/{phone_id}/ignore")
async def ignore(request: Request, phone_id: str) -> Response:
    """忽略."""
    pressing.ignore(box_of(request), phone_id, msgid=await chosen_task(request))
    return back(f"/phone/{phone_id}?tab=tasks")


async def chosen_task(request: Request) -> str | None:
    """The form's task; None when the button says all."""
    form = await request.form()
    return None if form.get("all") else str(form.get("msgid", ""))


@router.post("/phone/{phone_id}/unfriend")
async def unfriend(request: Request, phone_id: str) -> Response:
    """The owner deletes a member."""
    form = await request.form()
    friendships.unfriend(
        box_of(request), phone_id, userid=str(form.get("userid", "")), by_staff=False
    )
    return back(f"/phone/{phone_id}")


@router.post("/phone/{phone_id}/refriend")
async def refriend(request: Request, phone_id: str) -> Response:
    """The owner adds a member again."""
    form = await request.form()
    friendships.refriend(box_of(request), phone_id, userid=str(form.get("userid", "")))
    return back(f"/phone/{phone_id}")


@router.get("/media/{media_id}")
async def media(request: Request, media_id: str) -> Response:
    """A picture or file inside a message, however old."""
    found = find_media(box_of(request), media_id)
    if found is None:
        raise refusals.Unknown("这个文件已经不在了")
    return Response(found["content"], media_type=found["content_type"])


def back(address: str) -> RedirectResponse:
    """To the page the button was on."""
    return RedirectResponse(address, HTTP_SEE_OTHER)
