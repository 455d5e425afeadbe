"""The page of the contacts: who is where, who joins, moves and leaves."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from gateway.sandbox.box import Box, box_of
from gateway.sandbox.callbacks.telling import tell_contacts
from gateway.sandbox.company import records
from gateway.sandbox.company.changes import Changes, apply
from gateway.sandbox.pages import back, page
from gateway.sandbox.people import member
from gateway.sandbox.refusals import Refused, Unknown
from gateway.sandbox.store import Row

STATUSES = {"enable": 1, "disable": 2, "leave": 5}
MANY = 400

router = APIRouter()


@router.get("/contacts")
async def contacts(request: Request) -> HTMLResponse:
    """Departments with their members, those who are gone, and the tags."""
    box = box_of(request)
    return page(
        box,
        "contacts.html",
        departments=tree(box),
        gone=box.store.all("SELECT * FROM staff WHERE status = 0 ORDER BY name LIMIT ?", MANY),
        tags=[tag_shown(box, row) for row in records.tags(box.store)],
        staff=box.store.all("SELECT * FROM staff WHERE status <> 0 ORDER BY rowid LIMIT ?", MANY),
        choices=records.departments(box.store),
    )


def tree(box: Box) -> list[dict[str, Any]]:
    """The departments in reading order, each with its depth and direct members."""
    rows = records.departments(box.store)
    leaders = records.leaders(box.store)
    found: list[dict[str, Any]] = []

    def walk(parent: int, depth: int) -> None:
        for row in rows:
            if row["parentid"] == parent:
                members = records.direct_members(box.store, row["id"])
                led_by = {who.lower() for who in leaders.get(row["id"], ())}
                people = [
                    {**dict(one), "leads": one["userid"].lower() in led_by} for one in members
                ]
                found.append({**dict(row), "depth": depth, "members": people})
                walk(row["id"], depth + 1)

    walk(0, 0)
    return found


def tag_shown(box: Box, row: Row) -> dict[str, Any]:
    """A tag with who carries it."""
    names = {each["id"]: each["name"] for each in records.departments(box.store)}
    parties = [names[each] for each in records.tag_parties(box.store, row["id"])]
    return {
        "id": row["id"],
        "name": row["name"],
        "members": records.tag_members(box.store, row["id"]),
        "parties": parties,
    }


def change(box: Box, **wanted: Any) -> Response:
    """Do it as an administrator would, tell the apps, and back to the page."""
    try:
        changes = Changes.model_validate(wanted)
    except ValidationError:
        raise Refused("账号只能用字母、数字和 _-@. ，姓名不能为空") from None
    tell_contacts(box, apply(box.store, changes))
    return back("/contacts")


@router.post("/panel/contacts/status")
async def status(request: Request) -> Response:
    """Disable, enable, let go, remove, bring back."""
    form, box = await request.form(), box_of(request)
    row = member(box.store, str(form.get("userid", "")))
    if row is None:
        raise Unknown("没有找到这名员工")
    wanted = str(form.get("do", ""))
    if wanted == "remove":
        return change(box, remove={"staff": [row["userid"]]})
    if wanted not in STATUSES:
        raise Refused("没有这样的操作")
    entry = {"userid": row["userid"], "name": row["name"], "status": STATUSES[wanted]}
    return change(box, staff=[entry])


@router.post("/panel/contacts/join")
async def join(request: Request) -> Response:
    """A new member."""
    form, box = await request.form(), box_of(request)
    facts = {key: str(form.get(key, "")).strip() for key in ("userid", "name", "position")}
    if not facts["name"]:
        raise Refused("请填写姓名")
    known = member(box.store, facts["userid"])
    if known is not None and known["status"] != records.REMOVED:
        raise Refused(f"账号 {facts['userid']} 已经是{known['name']}的了")
    return change(box, staff=[{**facts, "departments": [whole(form.get("department"))]}])


@router.post("/panel/contacts/move")
async def move(request: Request) -> Response:
    """To another department."""
    form, box = await request.form(), box_of(request)
    row = member(box.store, str(form.get("userid", "")))
    if row is None:
        raise Unknown("没有找到这名员工")
    entry = {"userid": row["userid"], "name": row["name"]}
    return change(box, staff=[{**entry, "departments": [whole(form.get("department"))]}])


@router.post("/panel/contacts/tag")
async def tag(request: Request) -> Response:
    """Give the tag to a member, or take it from him."""
    form, box = await request.form(), box_of(request)
    number, userid = whole(form.get("tagid")), str(form.get("userid", ""))
    row = records.tag(box.store, number)
    if row is None or member(box.store, userid) is None:
        raise Unknown("没有找到这个标签或这名员工")
    carriers = [each["userid"] for each in records.tag_members(box.store, number)]
    others = [who for who in carriers if who.lower() != userid.lower()]
    members = others if form.get("do") == "take" else [*others, userid]
    entry = {"tagid": number, "name": row["name"], "members": members}
    return change(box, tags=[{**entry, "departments": records.tag_parties(box.store, number)}])


def whole(typed: Any) -> int:
    """An id out of a select."""
    if not str(typed).isdecimal():
        raise Refused("请从列表里选一项")
    return int(str(typed))
